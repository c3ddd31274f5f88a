#pragma once

#include <cstdint>

#include "kernels/gemv/gemv.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

namespace samba::kernels {

/// Groups whose scales are worked off together; scales and sums of vectors are padded to a multiple.
inline constexpr int64_t kScaleBlock = 16;

/// Vectors as products with codes read them: groups of kWeightGroup columns are rounded to whole
/// multiples of a scale, 32,767 of which are the group's largest number. Sums of 8-bit times 16-bit
/// codes are exact in integers, and half as much work as those of numbers converted to float32.
struct CodedVectors {
    const int16_t* codes = nullptr; ///< [batch, paddedColumns]; x = scale code
    const float* scales = nullptr;  ///< [batch, padded groups]
    const float* sums = nullptr;    ///< [batch, padded groups], sums of scale code
    int64_t paddedGroups = 0;
};

/// Elements of float32 memory that codeVectors() fills.
int64_t codedVectorsSize(int64_t batch, int64_t paddedColumns);

/// Rounds vectors into the memory given. What is not finite makes its scale NaN.
/// @param x  [batch, paddedColumns], whole groups.
CodedVectors codeVectors(const float* x, int64_t batch, int64_t paddedColumns, float* memory);

/// The groups of one vector. Scales and sums are those of its groups, without padding.
void codeGroups(const float* x, int64_t groups, int16_t* codes, float* scales, float* sums);

// Rows [firstRow, lastRow) of products with matrices in each format. Vectors are padded with zeros
// to whole groups of columns; results lie rowCount apart for neighbouring vectors.

/// What all formats have in common.
struct GemvVectors {
    const float* x = nullptr; ///< [batch, paddedColumns]
    CodedVectors coded;       ///< the same for Int8 and Int4
    float* y = nullptr;       ///< [batch, rowCount]
    int64_t batch = 0;
    int64_t columns = 0;
    int64_t paddedColumns = 0; ///< columns rounded up to whole groups
    int64_t rowCount = 0;      ///< rows of the matrix
};

void gemvRows(const float* values, const GemvVectors& vectors, int64_t firstRow, int64_t lastRow);
void gemvRows(const c10::BFloat16* values, const GemvVectors& vectors, int64_t firstRow,
              int64_t lastRow);
void gemvRowsInt8(const int8_t* values, const c10::Half* scales, const GemvVectors& vectors,
                  int64_t firstRow, int64_t lastRow);
void gemvRowsInt4(const uint8_t* values, const c10::Half* scales, const GemvVectors& vectors,
                  int64_t firstRow, int64_t lastRow);

/// Rows [firstRow, lastRow) of a product with a matrix in any format.
void gemvRows(const PackedMatrix& matrix, const GemvVectors& vectors, int64_t firstRow,
              int64_t lastRow);

} // namespace samba::kernels
