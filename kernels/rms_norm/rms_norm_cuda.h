#pragma once

#include "kernels/common/gpu_arguments.h"

/// The CUDA bodies of root mean square normalisation on raw device memory, contiguous throughout.
/// All launches are asynchronous on the given stream, and no result depends on the order of
/// threads.
namespace samba::kernels::gpu {

/// Rows over which one thread sums the gradient of the weight.
int normTileRows();

/// Number of such tiles.
int normTileCount(int rows);

/// y = s / sqrt(mean(s^2) + eps) * weight with s = x + residual. Null where an optional tensor is
/// missing.
struct NormForward {
    int rows = 0;
    int width = 0;
    float eps = 0;
    const void* x = nullptr;        ///< [rows, width]
    const void* residual = nullptr; ///< as x, optional
    const float* weight = nullptr;  ///< [width]
    void* y = nullptr;              ///< [rows, width]
    void* sum = nullptr;            ///< as x: x + residual, written if there is a residual
    float* scale = nullptr;         ///< [rows], 1 / sqrt(mean(s^2) + eps)
};

/// The gradients.
struct NormBackward {
    int rows = 0;
    int width = 0;
    const void* sum = nullptr; ///< what was normalised: x, or x + residual
    const float* weight = nullptr;
    const float* scale = nullptr;  ///< from the forward pass
    const void* gradY = nullptr;   ///< as y
    const void* gradSum = nullptr; ///< as x: what else flows into x + residual, optional
    void* gradX = nullptr;         ///< as x; that of the residual is the same
    float* gradWeight = nullptr;   ///< [tiles, width], to be summed over tiles
};

/// How x and y are stored: alike, or x in float32 and y in one of the shorter types.
struct NormElements {
    Element x = Element::Float32;
    Element y = Element::Float32;
};

/// Computes y, the sum and the scales.
/// @throws std::invalid_argument  naming the number that is out of range.
/// @throws std::runtime_error     if a launch is refused.
void normForward(const NormForward& arguments, NormElements elements, CUstream_st* stream);

/// Computes the gradients.
/// @throws  as normForward().
void normBackward(const NormBackward& arguments, NormElements elements, CUstream_st* stream);

} // namespace samba::kernels::gpu
