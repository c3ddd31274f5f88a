#pragma once

#include <cstdint>

#include "kernels/gemv/gemv.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

namespace samba::kernels {

// Rows [firstRow, lastRow) of products with matrices in each format. Vectors are padded with zeros
// to whole groups of columns; results lie rowCount apart for neighbouring vectors.

/// What all formats have in common.
struct GemvVectors {
    const float* x = nullptr;         ///< [batch, paddedColumns]
    const float* groupSums = nullptr; ///< [batch, groups], sums of x; for Int4 only
    float* y = nullptr;               ///< [batch, rowCount]
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

/// sums[g] = x[32 g] + ... + x[32 g + 31], what Int4 wants to know of a vector.
void sumGroups(const float* x, int64_t groups, float* sums);

} // namespace samba::kernels
