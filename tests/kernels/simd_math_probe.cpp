#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/simd_math_probe.cpp"
#include <hwy/foreach_target.h>

#include "kernels/common/simd-inl.h"
#include "tests/kernels/simd_math_probe.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

using test::SimdFunction;

template <typename Real>
void applyAll(SimdFunction function, const Real* x, Real rate, int64_t count, Real* y)
{
    forEachVector(hn::ScalableTag<Real>(), count, [&](auto tag, int64_t i) {
        const auto value = loadValues(tag, x + i);
        auto result = value;
        switch (function) {
        case SimdFunction::Exp:
            result = exp(tag, value);
            break;
        case SimdFunction::Exp2Product:
            result = exp2Product(tag, value, hn::Set(tag, rate));
            break;
        case SimdFunction::Exp2InRange:
            result = exp2ProductInRange(tag, value, hn::Set(tag, rate));
            break;
        case SimdFunction::Sigmoid:
            result = sigmoid(tag, value);
            break;
        case SimdFunction::Silu:
            result = silu(tag, value);
            break;
        case SimdFunction::SiluDerivative:
            result = siluDerivative(tag, value);
            break;
        case SimdFunction::Softplus:
            result = softplus(tag, value);
            break;
        }
        storeValues(tag, result, y + i);
    });
}

void applyFloat(SimdFunction function, const float* x, float rate, int64_t count, float* y)
{
    applyAll(function, x, rate, count, y);
}
void applyDouble(SimdFunction function, const double* x, double rate, int64_t count, double* y)
{
    applyAll(function, x, rate, count, y);
}
void roundTrip(const float* x, int64_t count, c10::BFloat16* stored, float* loaded)
{
    forEachVector(hn::ScalableTag<float>(), count, [&](auto tag, int64_t i) {
        storeValues(tag, loadValues(tag, x + i), stored + i);
        storeValues(tag, loadValues(tag, stored + i), loaded + i);
    });
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(applyFloat);
HWY_EXPORT(applyDouble);
HWY_EXPORT(roundTrip);

} // namespace samba::kernels

namespace samba::test {

using namespace samba::kernels;

void applySimd(SimdFunction function, const float* x, float rate, int64_t count, float* y)
{
    HWY_DYNAMIC_DISPATCH(applyFloat)(function, x, rate, count, y);
}

void applySimd(SimdFunction function, const double* x, double rate, int64_t count, double* y)
{
    HWY_DYNAMIC_DISPATCH(applyDouble)(function, x, rate, count, y);
}

void storeAndLoadBFloat16(const float* x, int64_t count, c10::BFloat16* stored, float* loaded)
{
    HWY_DYNAMIC_DISPATCH(roundTrip)(x, count, stored, loaded);
}

} // namespace samba::test
#endif
