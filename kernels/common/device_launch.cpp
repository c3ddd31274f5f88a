#include "kernels/common/device_launch.h"

#include <limits>

#include <c10/util/Exception.h>

namespace samba::kernels::gpu {

Element elementOf(const char* op, const at::Tensor& tensor)
{
    switch (tensor.scalar_type()) {
    case at::kFloat:
        return Element::Float32;
    case at::kHalf:
        return Element::Float16;
    case at::kBFloat16:
        return Element::BFloat16;
    default:
        TORCH_CHECK(false, op, ": wanted dtype Float, Half or BFloat16 on a CUDA device, got ",
                    tensor.scalar_type());
    }
}

int launchSize(const char* op, const char* name, int64_t size)
{
    TORCH_CHECK(size <= std::numeric_limits<int>::max(), op, ": ", name,
                ": wanted less than 2^31 on a CUDA device, got ", size);
    return static_cast<int>(size);
}

} // namespace samba::kernels::gpu
