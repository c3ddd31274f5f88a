#pragma once

#include <cstdint>

#include "kernels/common/storage.h"

/// The CPU bodies of the causal convolution on raw memory. Arguments have been checked.
namespace samba::kernels {

/// Largest window the convolution accepts.
inline constexpr int64_t kMaxConvWidth = 8;
/// Time steps of one task; also the rows over which one task sums the gradient of the weight.
inline constexpr int64_t kConvTile = 64;
/// Channels of one task.
inline constexpr int64_t kConvChannels = 256;

/// Number of tiles of a sequence.
inline int64_t convTiles(int64_t length)
{
    return (length + kConvTile - 1) / kConvTile;
}

/// What both passes read; null pointers stand for tensors that are missing.
template <typename Stored>
struct ConvArguments {
    using Real = RealOf<Stored>;
    int64_t batch = 0;
    int64_t length = 0;
    int64_t channels = 0;
    int64_t width = 0;
    RowView<const Stored> x;
    const Real* weight = nullptr;       ///< [width, channels]: transposed, a row for each tap
    const Real* bias = nullptr;         ///< [channels]
    const Real* initialState = nullptr; ///< [batch, width - 1, channels]
    bool silu = true;
};

/// What the backward pass reads besides, and what it writes.
template <typename Stored>
struct ConvGradients {
    using Real = RealOf<Stored>;
    RowView<const Stored> y;          ///< gradient of y
    const Real* finalState = nullptr; ///< [batch, width - 1, channels] gradient, or null for zero
    Stored* x = nullptr;              ///< [batch, length, channels]
    Real* initialState = nullptr;     ///< [batch, width - 1, channels] or null: not wanted
    Real* weight = nullptr;           ///< [batch * tiles, width + 1, channels], to be summed; the
                                      ///< last row belongs to the bias
};

void convForward(const ConvArguments<float>& in, float* y);
void convForward(const ConvArguments<c10::BFloat16>& in, c10::BFloat16* y);
void convForward(const ConvArguments<double>& in, double* y);

void convBackward(const ConvArguments<float>& in, const ConvGradients<float>& gradients);
void convBackward(const ConvArguments<c10::BFloat16>& in,
                  const ConvGradients<c10::BFloat16>& gradients);
void convBackward(const ConvArguments<double>& in, const ConvGradients<double>& gradients);

} // namespace samba::kernels
