#include "engine/runtime/error_report.h"

#include <c10/util/Exception.h>

#include <new>

namespace samba {
namespace {

constexpr const char* kMemoryRemedy = "Choose a smaller model, shorter texts or smaller batches.";
constexpr const char* kDeviceRemedy =
    "Start the program again; if the device fails again, compute on another one (--device).";
constexpr const char* kDefectRemedy = "This is a defect of the program: please report it.";

ErrorRaised outOfMemory(CommandId id)
{
    return {id, ErrorKind::Memory, "There is not enough memory for this.", kMemoryRemedy};
}

/// LibTorch's CPU allocator throws a plain c10::Error when malloc fails, its matrix products on a
/// device say that they found no room for themselves.
bool isOutOfMemory(const std::string& message)
{
    return message.find("DefaultCPUAllocator") != std::string::npos ||
           message.find("out of memory") != std::string::npos ||
           message.find("CUBLAS_STATUS_ALLOC_FAILED") != std::string::npos;
}

/// An error that the driver reports; after most of them a process cannot use the device any more.
bool isDeviceFailure(const std::string& message)
{
    return message.find("CUDA error") != std::string::npos ||
           message.find("CUBLAS_STATUS") != std::string::npos;
}

} // namespace

ErrorRaised describeCurrentException(CommandId id)
{
    try {
        throw;
    } catch (const Error& error) {
        return {id, error.kind(), error.what(), error.remedy()};
    } catch (const std::bad_alloc&) {
        return outOfMemory(id);
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        if (isOutOfMemory(message))
            return outOfMemory(id);
        if (isDeviceFailure(message))
            return {id, ErrorKind::Device, message, kDeviceRemedy};
        return {id, ErrorKind::Internal, message, kDefectRemedy};
    } catch (const std::exception& error) {
        return {id, ErrorKind::Internal, error.what(), kDefectRemedy};
    }
}

bool isCurrentExceptionOutOfMemory()
{
    return describeCurrentException(0).kind == ErrorKind::Memory;
}

} // namespace samba
