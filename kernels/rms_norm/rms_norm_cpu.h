#pragma once

#include <cstdint>

#include "kernels/common/storage.h"

/// The CPU bodies of the RMS normalisation on raw memory. Arguments have been checked.
namespace samba::kernels {

/// Rows over which one task of the backward pass sums the gradient of the weight.
inline constexpr int64_t kNormRows = 64;

/// Number of blocks of rows.
inline int64_t normBlocks(int64_t rows)
{
    return (rows + kNormRows - 1) / kNormRows;
}

/// Contiguous rows of the forward pass.
template <typename In, typename Out>
struct NormForward {
    using Real = RealOf<In>;
    int64_t rows = 0;
    int64_t width = 0;
    double eps = 0;
    const In* x = nullptr;        ///< [rows, width]
    const Real* weight = nullptr; ///< [width]
    Out* y = nullptr;             ///< [rows, width]
    Real* scale = nullptr;        ///< [rows] 1 / sqrt(mean(x^2) + eps), for the backward pass
};

/// Contiguous rows of the backward pass.
template <typename In, typename Out>
struct NormBackward {
    using Real = RealOf<In>;
    int64_t rows = 0;
    int64_t width = 0;
    const In* x = nullptr;
    const Real* weight = nullptr;
    const Real* scale = nullptr;
    const Out* gradY = nullptr; ///< [rows, width]
    In* gradX = nullptr;        ///< [rows, width]
    Real* gradWeight = nullptr; ///< [blocks of rows, width], to be summed; zero before
};

/// One row of the forward pass, on the calling thread: y = x / sqrt(mean(x^2) + eps) * weight.
void normRow(const float* x, const float* weight, float eps, int64_t width, float* y);

void normForward(const NormForward<float, float>& in);
void normForward(const NormForward<float, c10::BFloat16>& in);
void normForward(const NormForward<c10::BFloat16, c10::BFloat16>& in);
void normForward(const NormForward<double, double>& in);

void normBackward(const NormBackward<float, float>& in);
void normBackward(const NormBackward<float, c10::BFloat16>& in);
void normBackward(const NormBackward<c10::BFloat16, c10::BFloat16>& in);
void normBackward(const NormBackward<double, double>& in);

} // namespace samba::kernels
