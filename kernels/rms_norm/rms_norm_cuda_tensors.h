#pragma once

#include "kernels/common/cuda_ops.h"

/// The normalisation's bodies of CudaOps; all tensors contiguous.
namespace samba::kernels::gpu {

CudaNormTensors normForwardTensors(const at::Tensor& x, const at::Tensor& weight, double eps,
                                   at::ScalarType outputDtype);
CudaNormGradients normBackwardTensors(const at::Tensor& x, const at::Tensor& weight,
                                      const at::Tensor& scale, const at::Tensor& gradY);

} // namespace samba::kernels::gpu
