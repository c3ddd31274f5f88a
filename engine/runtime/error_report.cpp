#include "engine/runtime/error_report.h"

#include <c10/util/Exception.h>

#include <new>

namespace samba {
namespace {

constexpr const char* kMemoryRemedy =
    "Lower training.batch_size or training.seq_len, or choose a smaller model.";

ErrorRaised outOfMemory(CommandId id)
{
    return {id, ErrorKind::Memory, "There is not enough memory for this.", kMemoryRemedy};
}

/// LibTorch's CPU allocator throws a plain c10::Error when malloc fails.
bool isOutOfMemory(const std::string& message)
{
    return message.find("DefaultCPUAllocator") != std::string::npos ||
           message.find("out of memory") != std::string::npos;
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
        return {id, ErrorKind::Internal, message,
                "This is a defect of the program: please report it."};
    } catch (const std::exception& error) {
        return {id, ErrorKind::Internal, error.what(),
                "This is a defect of the program: please report it."};
    }
}

} // namespace samba
