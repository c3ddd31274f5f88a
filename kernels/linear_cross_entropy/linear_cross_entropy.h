#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// Inputs of the fused vocabulary projection and cross-entropy.
///
/// T: tokens (batch and time flattened), M: model width, V: rows of the vocabulary matrix.
struct LinearCrossEntropyInputs {
    at::Tensor hidden;          ///< [T, M], float32, bfloat16 or float64 (CUDA: float16 instead)
    at::Tensor weight;          ///< [V, M], dtype of hidden, or float32 beside a 16-bit hidden
    at::Tensor targets;         ///< [T], int64, in [0, validVocab) or ignoreIndex
    int64_t ignoreIndex = -100; ///< targets with this value count for nothing
    int64_t validVocab =
        0; ///< columns from here on are padding and get no probability; 0: all valid
};

/// What the fused loss returns; every tensor is a scalar.
struct LinearCrossEntropyResult {
    at::Tensor loss;    ///< mean over the counted targets, float32 (float64 for float64), 0 if none
    at::Tensor correct; ///< int64, counted targets that are the largest logit of their row
    at::Tensor counted; ///< int64, targets other than ignoreIndex
};

/// Mean cross-entropy of `hidden @ weight^T` against `targets`, without ever holding the [T, V]
/// logits: rows are worked off in blocks, and where gradients are wanted those of hidden and weight
/// are computed in the same pass and kept until backward scales them.
///
/// The matrix products are LibTorch's and run in the dtype of hidden; probabilities, the loss and
/// the gradient of a float32 weight are accumulated in float32. Differentiable once with respect to
/// hidden and weight, through `loss`. Autocast has no effect inside.
/// @throws c10::Error  naming the tensor, if a shape, dtype or device does not fit or a target is
/// out of
///                     range.
LinearCrossEntropyResult linearCrossEntropy(const LinearCrossEntropyInputs& inputs);

} // namespace samba::kernels
