#include "kernels/common/cuda_ops.h"

#include <atomic>

#include <c10/util/Exception.h>

namespace samba::kernels {
namespace {

std::atomic<const CudaOps*> g_ops{nullptr};

} // namespace

void setCudaOps(const CudaOps* ops)
{
    g_ops = ops;
}

const CudaOps& cudaOps(const char* op)
{
    const CudaOps* ops = g_ops;
    TORCH_CHECK(ops, op, ": got CUDA tensors, but the library with the CUDA kernels is not loaded");
    return *ops;
}

} // namespace samba::kernels
