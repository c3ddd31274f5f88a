#pragma once

#include <cstdint>

namespace samba::kernels {

/// What one step of the convolution reads and writes.
struct ConvStep {
    int64_t batch = 0;
    int64_t channels = 0;
    int64_t width = 0;
    const float* x = nullptr; ///< [batch, xStride], the newest inputs
    int64_t xStride = 0;
    const float* weight = nullptr; ///< [channels, width]
    const float* bias = nullptr;   ///< [channels] or null
    float* state = nullptr;        ///< [batch, width - 1, channels], advanced
    float* y = nullptr;            ///< [batch, yStride]
    int64_t yStride = 0;
};

/// Channels [first, last) of silu(convolution).
void convStepChannels(const ConvStep& in, int64_t first, int64_t last);

} // namespace samba::kernels
