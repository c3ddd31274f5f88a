#pragma once

#include <cstdint>

#include <c10/util/BFloat16.h>

/// The elementary functions of kernels/common/simd-inl.h on arrays, with the instruction set in
/// use.
namespace samba::test {

enum class SimdFunction { Exp, Exp2Product, Exp2InRange, Sigmoid, Silu, SiluDerivative, Softplus };

/// y[i] = function(x[i]); Exp2Product and Exp2InRange are 2^(x * rate).
void applySimd(SimdFunction function, const float* x, float rate, int64_t count, float* y);
void applySimd(SimdFunction function, const double* x, double rate, int64_t count, double* y);

/// Stores float32 as bfloat16 and loads it back.
void storeAndLoadBFloat16(const float* x, int64_t count, c10::BFloat16* stored, float* loaded);

} // namespace samba::test
