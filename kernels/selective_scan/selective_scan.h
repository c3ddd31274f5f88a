#pragma once

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// Inputs of the selective scan over whole sequences.
///
/// B: batch, L: sequence length (tokens), D: channels (d_inner), N: state size, 1..256.
/// `u`, `delta`, `z`, `B` and `C` share one dtype: float32, bfloat16 or, on the CPU, float64 (on a
/// CUDA device, float16). The other tensors are float32, or float64 when `u` is. Slices of wider
/// tensors are read in place: only the last dimension has to be contiguous.
struct SelectiveScanInputs {
    at::Tensor u;              ///< [B, L, D] input sequence
    at::Tensor delta;          ///< [B, L, D] step size, before bias and softplus
    at::Tensor A;              ///< [D, N] negative decay rates
    at::Tensor B;              ///< [B, L, N] input projection of the state
    at::Tensor C;              ///< [B, L, N] output projection of the state
    at::Tensor D;              ///< [D] skip weight, or undefined for none
    at::Tensor z;              ///< [B, L, D] gate: y is multiplied by silu(z); undefined for none
    at::Tensor deltaBias;      ///< [D] added to delta before the softplus, or undefined for none
    at::Tensor initialState;   ///< [B, D, N] state before the first token, or undefined for zero
    bool deltaSoftplus = true; ///< whether the step size is softplus(delta + bias) or delta + bias
};

/// What a scan over whole sequences returns.
struct SelectiveScanResult {
    at::Tensor y;         ///< [B, L, D], dtype of u
    at::Tensor lastState; ///< [B, D, N] state after the last token, float32 (float64 for float64)
};

/// Selective state space scan (Gu & Dao 2023, arXiv 2312.00752, equation 2 and algorithm 2):
///
///     s_t = softplus(delta_t + deltaBias)
///     h_t = exp(s_t A) h_{t-1} + s_t B_t u_t
///     y_t = (C_t . h_t + D u_t) silu(z_t)
///
/// Everything is fused into one pass; sums are accumulated in float32 (float64 for float64).
/// Differentiable once with respect to every tensor input, through both results; for the backward
/// pass only some states are kept, [B, ceil(L / 16), N, D] on the CPU and [B, D, ceil(L / 1024), N]
/// on a CUDA device, and the rest is computed again. On the CPU, the bits of the results do not
/// depend on the number of threads; on a CUDA device, sums of gradients over channels and batch can
/// differ in the last bits from run to run. Autocast has no effect inside.
/// @throws c10::Error  naming the tensor, if a shape, dtype, stride or device does not fit.
SelectiveScanResult selectiveScan(const SelectiveScanInputs& inputs);

/// The same function as selectiveScan(), written as a plain loop over time steps in tensor
/// operations: the readable reference. Runs on any device and is differentiated by autograd itself,
/// which makes its backward pass very slow for long sequences.
/// @throws c10::Error  naming the tensor, if a shape, dtype or stride does not fit.
SelectiveScanResult selectiveScanSequential(const SelectiveScanInputs& inputs);

/// Inputs of a single time step; names, meanings and dtypes as in SelectiveScanInputs.
struct SelectiveScanStepInputs {
    at::Tensor u;              ///< [B, D]
    at::Tensor delta;          ///< [B, D]
    at::Tensor A;              ///< [D, N], contiguous
    at::Tensor B;              ///< [B, N]
    at::Tensor C;              ///< [B, N]
    at::Tensor D;              ///< [D] or undefined
    at::Tensor z;              ///< [B, D] or undefined
    at::Tensor deltaBias;      ///< [D] or undefined
    at::Tensor state;          ///< [B, D, N], contiguous; replaced by the state after this step
    bool deltaSoftplus = true; ///< as in SelectiveScanInputs
};

/// Advances `inputs.state` in place by one token and returns y [B, D] in the dtype of u.
/// Not differentiable: call it without gradients.
/// @throws c10::Error  naming the tensor, if a shape, dtype, stride or device does not fit.
at::Tensor selectiveScanStep(const SelectiveScanStepInputs& inputs);

} // namespace samba::kernels
