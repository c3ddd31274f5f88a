#pragma once

#include "kernels/linear_cross_entropy/linear_cross_entropy.h"
#include "kernels/linear_cross_entropy/logit_block.h"

namespace samba::kernels {

/// The loss with the gradients that backward only has to scale.
struct LossTensors {
    at::Tensor loss;       ///< 0-d, float32 or float64
    at::Tensor correct;    ///< 0-d, int64
    at::Tensor counted;    ///< 0-d, int64
    at::Tensor gradHidden; ///< for a loss gradient of 1; undefined unless wanted
    at::Tensor gradWeight; ///< the same
};

/// The loss as tensor operations, a block of rows at a time, for devices without a kernel of ours.
/// Waits for the device once, to check the targets. Inputs and results as in linearCrossEntropy(),
/// on the device of the inputs.
/// @param blockLogits  most logits held at a time, as many as one row at least.
/// @throws c10::Error  if a target is out of range.
LossTensors crossEntropyTensors(const LinearCrossEntropyInputs& inputs, bool wantsHidden,
                                bool wantsWeight, int64_t blockLogits = kBlockLogits);

} // namespace samba::kernels
