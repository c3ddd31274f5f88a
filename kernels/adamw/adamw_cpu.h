#pragma once

#include <cstdint>

#include "kernels/common/storage.h"

/// The CPU bodies of the optimizer on raw memory. Arguments have been checked.
namespace samba::kernels {

/// Numbers of one AdamW step as its inner loop uses them.
struct AdamWNumbers {
    float gradScale;       ///< factor of the gradient
    float keep;            ///< 1 - lr * weightDecay
    float lerp1;           ///< 1 - beta1
    float beta2;           ///< beta2
    float lerp2;           ///< 1 - beta2
    float stepSize;        ///< lr / (1 - beta1^step)
    float inverseRootBias; ///< 1 / sqrt(1 - beta2^step)
    float eps;             ///< eps
};

void adamwUpdate(int64_t count, const AdamWNumbers& numbers, const float* grad, float* param,
                 float* expAvg, float* expAvgSq);

/// Sum of squares of `count` values, at most a few thousand: lanes in parallel, then across them.
double sumOfSquares(const float* values, int64_t count);
double sumOfSquares(const c10::BFloat16* values, int64_t count);
double sumOfSquares(const double* values, int64_t count);

} // namespace samba::kernels
