#pragma once

#include <cstdint>

#include "kernels/common/storage.h"

/// The CPU bodies of the softmax cross-entropy on rows of logits in raw memory.
namespace samba::kernels {

/// Some rows of logits and what is wanted of them.
template <typename Stored>
struct CrossEntropyRows {
    using Real = RealOf<Stored>;
    int64_t rows = 0;
    int64_t columns = 0;      ///< elements between rows
    int64_t validColumns = 0; ///< columns from here on get no probability
    int64_t ignoreIndex = 0;
    const int64_t* targets = nullptr; ///< [rows], in [0, validColumns) or ignoreIndex
    Stored* logits = nullptr;         ///< [rows, columns]; replaced by their gradient if wanted
    bool wantsGradient = false;
    double gradientScale = 0; ///< factor of the gradient: 1 / number of counted targets
    double* losses = nullptr; ///< [rows], 0 where the target is ignored
    int64_t* hits = nullptr;  ///< [rows], 1 where the target is the first of the largest logits
};

void crossEntropyRows(const CrossEntropyRows<float>& in);
void crossEntropyRows(const CrossEntropyRows<c10::BFloat16>& in);
void crossEntropyRows(const CrossEntropyRows<double>& in);

} // namespace samba::kernels
