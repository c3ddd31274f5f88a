#pragma once

#include "kernels/common/gpu_arguments.h"

#include <ATen/core/Tensor.h>

namespace samba::kernels::gpu {

/// While alive, the device of a tensor is the current one, and stream() is LibTorch's current
/// stream there.
class DeviceLaunch {
public:
    explicit DeviceLaunch(const at::Tensor& tensor);
    ~DeviceLaunch();
    DeviceLaunch(const DeviceLaunch&) = delete;
    DeviceLaunch& operator=(const DeviceLaunch&) = delete;

    CUstream_st* stream() const { return m_stream; }

private:
    int m_before = 0; ///< the device that was current
    CUstream_st* m_stream = nullptr;
};

/// The element that stores a dtype. @throws c10::Error  naming the op, for any other dtype.
Element elementOf(const char* op, const at::Tensor& tensor);

/// Rows of a [batch, steps, width] or, for single steps, [batch, width] tensor, or none.
inline ConstRows rowsOf(const at::Tensor& tensor)
{
    if (!tensor.defined())
        return {};
    return {tensor.const_data_ptr(), tensor.stride(0), tensor.dim() > 2 ? tensor.stride(1) : 0};
}

/// A float32 tensor's elements, or null.
inline const float* floatsOrNull(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr;
}
inline float* mutableFloatsOrNull(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.mutable_data_ptr<float>() : nullptr;
}
inline void* mutableDataOrNull(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.mutable_data_ptr() : nullptr;
}

/// A size as launchers take it. @throws c10::Error  naming op and size, if it is too large.
int launchSize(const char* op, const char* name, int64_t size);

} // namespace samba::kernels::gpu
