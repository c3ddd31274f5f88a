#include "kernels/common/device_launch.h"

namespace samba::kernels::gpu {

/// Under emulation, main memory is the device and nothing runs beside the caller.
DeviceLaunch::DeviceLaunch(const at::Tensor&)
{}

DeviceLaunch::~DeviceLaunch() = default;

} // namespace samba::kernels::gpu
