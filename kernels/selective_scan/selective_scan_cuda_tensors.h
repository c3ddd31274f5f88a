#pragma once

#include "kernels/common/cuda_ops.h"

/// The scan's bodies of CudaOps: they lay tensors out as the launchers want them. The kernels want
/// time steps to be neighbours in memory, so the wide tensors are transposed on the way.
namespace samba::kernels::gpu {

CudaScanTensors scanForwardTensors(const SelectiveScanInputs& inputs);
SelectiveScanInputs scanBackwardTensors(const SelectiveScanInputs& inputs,
                                        const at::Tensor& chunkStates, const at::Tensor& gradY,
                                        const at::Tensor& gradLastState);
at::Tensor scanStepTensors(const SelectiveScanStepInputs& inputs);

} // namespace samba::kernels::gpu
