#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// How the weights of a matrix-vector product are stored.
///
/// Int8 and Int4 round to whole numbers within groups of kWeightGroup neighbouring columns that
/// share a float16 scale: 8.5 and 4.5 bits a weight. Int8 stores q in [-127, 127] for w = scale q;
/// Int4 stores q in [0, 15] for w = scale (q - 8).
enum class WeightFormat { Float32, BFloat16, Int8, Int4 };

/// Columns that share a scale.
inline constexpr int64_t kWeightGroup = 32;

/// Bytes of a matrix in a format, scales included.
int64_t packedBytes(int64_t rows, int64_t columns, WeightFormat format);

/// A weight matrix in the form that gemv() reads.
struct PackedMatrix {
    WeightFormat format = WeightFormat::Float32;
    int64_t rows = 0;
    int64_t columns = 0;
    at::Tensor values; ///< Float32, BFloat16: [rows, columns]; Int8: int8 [rows, groups * 32];
                       ///< Int4: uint8 [rows, groups * 16], byte j of a group holding column j in
                       ///< its low half and column j + 16 in its high half
    at::Tensor scales; ///< float16 [rows, groups]; undefined without groups

    /// Bytes that one product reads.
    int64_t sizeBytes() const { return packedBytes(rows, columns, format); }
};

/// Stores a matrix for gemv(). Float32 does not copy: the result shares the memory of `weight` and
/// follows its changes.
/// @param weight       [rows, columns], float32, contiguous.
/// @throws c10::Error  if rank, dtype, layout or device does not fit.
PackedMatrix packMatrix(const at::Tensor& weight, WeightFormat format);

/// The weights that gemv() computes with, [rows, columns], float32; for Float32 the matrix itself.
at::Tensor unpackMatrix(const PackedMatrix& matrix);

/// Products of a matrix with a few vectors, for decoding: y = x W^T, sums in float32. The time goes
/// into reading W once. Int8 and Int4 take x rounded to 16 bits within groups of columns. The bits of
/// the results do not depend on the number of threads.
/// Not differentiable. CPU tensors only.
/// @param x            [batch, columns], float32, contiguous along its last dimension.
/// @return             [batch, rows], float32.
/// @throws c10::Error  if rank, dtype, shape, layout or device does not fit.
at::Tensor gemv(const PackedMatrix& matrix, const at::Tensor& x);

} // namespace samba::kernels
