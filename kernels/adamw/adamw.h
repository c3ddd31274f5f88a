#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// One AdamW update of one tensor. All four tensors are contiguous float32 on one device, with the
/// same number of elements.
struct AdamWStep {
    at::Tensor param;  ///< parameter, updated in place
    at::Tensor grad;   ///< its gradient, only read
    at::Tensor expAvg; ///< running mean of gradients, updated in place; zero before step 1
    at::Tensor
        expAvgSq;       ///< running mean of squared gradients, updated in place; zero before step 1
    double lr = 1e-3;   ///< learning rate
    double beta1 = 0.9; ///< decay of expAvg a step, in [0, 1)
    double beta2 = 0.999;      ///< decay of expAvgSq a step, in [0, 1)
    double eps = 1e-8;         ///< added to the root of expAvgSq
    double weightDecay = 1e-2; ///< decoupled: param shrinks by lr * weightDecay a step
    int64_t step = 1;          ///< number of this update, from 1 on
    double gradScale = 1.0; ///< the gradient is multiplied by this first (clipping, accumulation)
};

/// Updates the tensors of `update` in one pass (Loshchilov & Hutter 2019, arXiv 1711.05101,
/// algorithm 2, with the bias corrections and the order of operations of torch.optim.AdamW).
/// On the CPU, the bits of the results do not depend on the number of threads.
/// @throws c10::Error  naming the tensor or number that does not fit.
void adamwStep(const AdamWStep& update);

/// Sum of the squares of all elements of all tensors, accumulated in float64; on the CPU, in an
/// order that depends on the numbers of elements alone. Waits for the device, once.
/// @param values       contiguous, float32, bfloat16 or float64, any shape, on one device.
/// @throws c10::Error  if a tensor does not fit.
double squaredNorm(at::TensorList values);

} // namespace samba::kernels
