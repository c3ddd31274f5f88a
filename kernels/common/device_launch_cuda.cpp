#include "kernels/common/device_launch.h"

#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

namespace samba::kernels::gpu {

DeviceLaunch::DeviceLaunch(const at::Tensor& tensor) : m_before(c10::cuda::current_device())
{
    c10::cuda::set_device(tensor.device().index());
    m_stream = c10::cuda::getCurrentCUDAStream(tensor.device().index());
}

DeviceLaunch::~DeviceLaunch()
{
    c10::cuda::set_device(static_cast<c10::DeviceIndex>(m_before));
}

} // namespace samba::kernels::gpu
