#pragma once

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// Inputs of the causal depthwise convolution over whole sequences.
///
/// B: batch, L: sequence length (tokens), D: channels, K: width of the window, 2..8.
/// `x` is float32, bfloat16 or float64 (on a CUDA device, float16 instead) and may be a slice of a
/// wider tensor: only its last dimension has to be contiguous. The other tensors are float32, or
/// float64 when `x` is.
struct CausalConv1dInputs {
    at::Tensor x;            ///< [B, L, D]
    at::Tensor weight;       ///< [D, K]; column K-1 meets the current token
    at::Tensor bias;         ///< [D], or undefined for none
    at::Tensor initialState; ///< [B, K-1, D] inputs before x, oldest first; undefined for zero
    bool silu = true;        ///< whether the result passes SiLU
};

/// What a convolution over whole sequences returns.
struct CausalConv1dResult {
    at::Tensor y;          ///< [B, L, D], dtype of x, contiguous
    at::Tensor finalState; ///< [B, K-1, D] last inputs, oldest first, float32 (float64 for float64)
};

/// Causal depthwise convolution along time, the one in front of the selective scan (Gu & Dao 2023,
/// arXiv 2312.00752, section 3.4):
///
///     y_t = silu(bias + sum_k weight[:, k] x_{t-K+1+k})
///
/// Sums are accumulated in float32 (float64 for float64). Differentiable once with respect to every
/// tensor input, through both results. The bits of the results do not depend on the number of
/// threads. Autocast has no effect inside.
/// @throws c10::Error  naming the tensor, if a shape, dtype, stride or device does not fit.
CausalConv1dResult causalConv1d(const CausalConv1dInputs& inputs);

/// Inputs of a single time step; names, meanings and dtypes as in CausalConv1dInputs.
struct CausalConv1dStepInputs {
    at::Tensor x;      ///< [B, D]
    at::Tensor state;  ///< [B, K-1, D], contiguous, oldest first; x takes the newest place
    at::Tensor weight; ///< [D, K]
    at::Tensor bias;   ///< [D], or undefined for none
    bool silu = true;  ///< whether the result passes SiLU
};

/// Advances `inputs.state` in place by one token and returns y [B, D] in the dtype of x.
/// Not differentiable: call it without gradients.
/// @throws c10::Error  naming the tensor, if a shape, dtype, stride or device does not fit.
at::Tensor causalConv1dStep(const CausalConv1dStepInputs& inputs);

} // namespace samba::kernels
