#pragma once

#include <cstdint>

struct CUstream_st;

/// What the CUDA bodies of the ops take on raw device memory. Neither torch nor CUDA headers are
/// needed here.
namespace samba::kernels::gpu {

/// How activations are stored. Arithmetic is float32, and so are all other tensors.
enum class Element { Float32, Float16, BFloat16 };

/// Rows of a [batch, steps, width] tensor whose last dimension is contiguous.
template <typename Pointer>
struct Rows {
    Pointer data = nullptr;  ///< null where an optional tensor is missing
    int64_t batchStride = 0; ///< elements between sequences
    int64_t rowStride = 0;   ///< elements between time steps
};

using ConstRows = Rows<const void*>;

} // namespace samba::kernels::gpu
