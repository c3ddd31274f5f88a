#pragma once

#include "kernels/common/gpu_arguments.h"

/// The CUDA bodies of the causal convolution on raw device memory.
///
/// Sequences are channel-last, [batch, length, channels]. All launches are asynchronous on the
/// given stream, and no result depends on the order of threads.
namespace samba::kernels::gpu {

/// Largest window.
inline constexpr int kMaxConvTaps = 8;

/// Time steps over which one thread sums the gradient of the weight.
int convTileSteps();

/// Number of such tiles of a sequence.
int convTileCount(int length);

/// What both passes read, and what the forward pass writes. Null where an optional tensor is
/// missing.
struct ConvForward {
    int batch = 0;
    int length = 0; ///< time steps, >= 1
    int channels = 0;
    int width = 0; ///< 2..kMaxConvTaps
    bool silu = true;
    ConstRows x;
    const float* weight = nullptr;       ///< [width, channels]; the last row meets the current step
    const float* bias = nullptr;         ///< [channels], optional
    const float* initialState = nullptr; ///< [batch, width - 1, channels], null for zero
    void* y = nullptr;                   ///< [batch, length, channels], contiguous
};

/// What the backward pass reads besides, and what it writes.
struct ConvBackward {
    ConvForward forward; ///< its y is not read
    ConstRows gradY;
    const float* gradFinalState = nullptr; ///< [batch, width - 1, channels], null for zero
    void* gradX = nullptr;                 ///< [batch, length, channels], contiguous
    float* gradInitialState = nullptr;     ///< [batch, width - 1, channels], optional
    /// [batch, tiles, width + 1, channels], to be summed over batch and tiles; the last row of each
    /// belongs to the bias.
    float* gradWeight = nullptr;
};

/// One time step.
struct ConvStep {
    int batch = 0;
    int channels = 0;
    int width = 0; ///< 2..kMaxConvTaps
    bool silu = true;
    ConstRows x;                   ///< [batch, channels]; its row stride is not read
    const float* weight = nullptr; ///< [width, channels]
    const float* bias = nullptr;   ///< [channels], optional
    float* state = nullptr; ///< [batch, width - 1, channels], oldest first; advanced in place
    void* y = nullptr;      ///< [batch, channels], contiguous
};

/// Computes y.
/// @throws std::invalid_argument  naming the number that is out of range.
/// @throws std::runtime_error     if the launch is refused.
void convForward(const ConvForward& arguments, Element element, CUstream_st* stream);

/// Computes the gradients.
/// @throws  as convForward().
void convBackward(const ConvBackward& arguments, Element element, CUstream_st* stream);

/// Computes y and moves x into the state, for decoding.
/// @throws  as convForward().
void convStep(const ConvStep& arguments, Element element, CUstream_st* stream);

} // namespace samba::kernels::gpu
