#include "engine/runtime/device.h"

#include "engine/api/error.h"
#include "kernels/common/cuda_library.h"
#include "kernels/common/cuda_ops.h"

#include <string_view>

namespace samba {
namespace {

/// Ten times the least compute capability that LibTorch and the kernels are compiled for.
constexpr int kLeastCapability = 75;

std::string versionOf(int capability)
{
    return std::to_string(capability / 10) + '.' + std::to_string(capability % 10);
}

c10::Device cudaDevice(const std::string& name)
{
    // At most three digits, as both front ends make sure; LibTorch's own numbers end at 127.
    constexpr std::string_view kNumbered = "cuda:";
    const int index = name.starts_with(kNumbered) ? std::stoi(name.substr(kNumbered.size())) : 0;
    const std::string problem = cudaDeviceProblem(index);
    if (!problem.empty())
        throw Error(ErrorKind::Device, "The device '" + name + "' cannot be used: " + problem,
                    "Set the device to auto or cpu (--device, training.device); samba-cli doctor "
                    "says what there is.");
    return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

c10::Device automaticDevice()
{
    if (kernels::loadCudaLibrary().empty())
        for (int index = 0; index < kernels::cudaOps("device").deviceCount(); ++index)
            if (cudaDeviceProblem(index).empty())
                return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
    return {c10::kCPU};
}

} // namespace

std::string cudaDeviceProblem(int index)
{
    const std::string& problem = kernels::loadCudaLibrary();
    if (!problem.empty())
        return problem;
    const kernels::CudaOps& ops = kernels::cudaOps("device");
    const int count = ops.deviceCount();
    if (index >= count)
        return "This machine has " + std::to_string(count) +
               (count == 1 ? " CUDA device." : " CUDA devices.");
    const int capability = ops.capability(index);
    if (capability < kLeastCapability)
        return "It has compute capability " + versionOf(capability) + ", and the kernels need " +
               versionOf(kLeastCapability) + '.';
    return {};
}

DeviceMemory takeDeviceMemory(c10::Device device)
{
    if (!device.is_cuda())
        return {};
    const kernels::CudaOps& ops = kernels::cudaOps("device memory");
    const kernels::CudaDevice now = ops.describeDevice(device.index());
    ops.resetPeak(device.index());
    return {static_cast<double>(now.peakBytes), static_cast<double>(now.reservedBytes)};
}

void waitForDevice(c10::Device device)
{
    if (device.is_cuda())
        kernels::cudaOps("device").synchronize(device.index());
}

c10::Device resolveDevice(const std::string& name)
{
    if (name == "cpu")
        return {c10::kCPU};
    return name == "auto" ? automaticDevice() : cudaDevice(name);
}

c10::Device resolveDevice(const std::string& frontEnd, const std::string& configured)
{
    return resolveDevice(frontEnd == "auto" ? configured : frontEnd);
}

} // namespace samba
