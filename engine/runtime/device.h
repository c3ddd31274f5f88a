#pragma once

#include <limits>
#include <string>

#include <c10/core/Device.h>

namespace samba {

/// The device that a name stands for: "cpu", "cuda" (the first one), "cuda:N", or "auto", which is
/// the first CUDA device that can be used, else the CPU.
/// Call it for the first time before any tensor is made (loadCudaLibrary()). Thread: engine.
/// @throws Error Device  naming what is missing.
c10::Device resolveDevice(const std::string& name);

/// The device of a command: what the front end was told, or where it leaves the choice ("auto"),
/// what the configuration says. @throws Error Device.
c10::Device resolveDevice(const std::string& frontEnd, const std::string& configured);

/// What the tensors of this program take on a CUDA device, in bytes; NaN on the CPU, where they lie
/// in the process's own memory.
struct DeviceMemory {
    double peakBytes = std::numeric_limits<double>::quiet_NaN(); ///< the most they held at once
    double reservedBytes = std::numeric_limits<double>::quiet_NaN(); ///< taken from the device
};

/// Thread: engine. The next call's peak begins here.
DeviceMemory takeDeviceMemory(c10::Device device);

/// Waits until the device has done what it was given; the CPU always has. Thread: engine.
void waitForDevice(c10::Device device);

/// Why a CUDA device cannot be used, in a sentence, or "". Thread: engine.
/// @param index  number of the device, whether there is one or not.
std::string cudaDeviceProblem(int index);

} // namespace samba
