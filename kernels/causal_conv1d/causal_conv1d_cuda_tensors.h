#pragma once

#include "kernels/common/cuda_ops.h"

/// The convolution's bodies of CudaOps: they fill in the launchers' arguments.
namespace samba::kernels::gpu {

at::Tensor convForwardTensors(const CausalConv1dInputs& inputs);
CudaConvGradients convBackwardTensors(const CausalConv1dInputs& inputs, const at::Tensor& gradY,
                                      const at::Tensor& gradFinalState);
at::Tensor convStepTensors(const CausalConv1dStepInputs& inputs);

} // namespace samba::kernels::gpu
