#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// Root mean square normalisation over the last dimension (Zhang & Sennrich 2019, arXiv
/// 1910.07467):
///
///     y = x / sqrt(mean(x^2) + eps) * weight
///
/// Sums are accumulated in float32 (float64 for float64). Differentiable once with respect to x and
/// weight. The bits of the results do not depend on the number of threads. Autocast has no effect
/// inside.
/// @param x            [..., D], float32, bfloat16 or float64 (on a CUDA device, float16 instead);
///                     made contiguous if it is not.
/// @param weight       [D], float32, or float64 when x is.
/// @param eps          added to the mean square, > 0.
/// @param outputDtype  dtype of y; by default that of x. float32 input may give bfloat16 output,
/// for
///                     a matrix product that follows.
/// @return             y, [..., D].
/// @throws c10::Error  naming the tensor, if a shape, dtype or device does not fit.
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps,
                   std::optional<at::ScalarType> outputDtype = std::nullopt);

} // namespace samba::kernels
