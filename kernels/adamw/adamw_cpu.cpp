// The element-wise loops of the optimizer.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adamw/adamw_cpu.cpp"
#include <hwy/foreach_target.h>

#include "kernels/adamw/adamw_cpu.h"
#include "kernels/common/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

void updateAll(int64_t count, const AdamWNumbers& numbers, const float* grad, float* param,
               float* expAvg, float* expAvgSq)
{
    forEachVector(hn::ScalableTag<float>(), count, [&](auto tag, int64_t i) {
        const auto g = hn::Mul(loadValues(tag, grad + i), hn::Set(tag, numbers.gradScale));
        auto m = loadValues(tag, expAvg + i);
        m = hn::MulAdd(hn::Sub(g, m), hn::Set(tag, numbers.lerp1), m);
        auto v = hn::Mul(loadValues(tag, expAvgSq + i), hn::Set(tag, numbers.beta2));
        v = hn::MulAdd(hn::Mul(g, g), hn::Set(tag, numbers.lerp2), v);
        const auto root = hn::Mul(hn::Sqrt(v), hn::Set(tag, numbers.inverseRootBias));
        const auto change = hn::Div(m, hn::Add(root, hn::Set(tag, numbers.eps)));
        const auto kept = hn::Mul(loadValues(tag, param + i), hn::Set(tag, numbers.keep));
        storeValues(tag, hn::NegMulAdd(change, hn::Set(tag, numbers.stepSize), kept), param + i);
        storeValues(tag, m, expAvg + i);
        storeValues(tag, v, expAvgSq + i);
    });
}

/// Values as float64, whatever they are stored as.
template <class D>
HWY_INLINE hn::Vec<D> loadAsDouble(D d, const double* from)
{
    return loadValues(d, from);
}

template <class D, typename Stored>
HWY_INLINE hn::Vec<D> loadAsDouble(D d, const Stored* from)
{
    return hn::PromoteTo(d, loadValues(hn::Rebind<float, D>(), from));
}

template <typename Stored>
double sumAll(const Stored* values, int64_t count)
{
    const hn::ScalableTag<double> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    // Four sums, to hide the latency of an addition.
    hn::Vec<decltype(d)> sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    int64_t i = 0;
    for (; i + 4 * lanes <= count; i += 4 * lanes)
        for (int k = 0; k < 4; ++k) {
            const auto value = loadAsDouble(d, values + i + k * lanes);
            sums[k] = hn::MulAdd(value, value, sums[k]);
        }
    double total = hn::GetLane(
        hn::SumOfLanes(d, hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]))));
    for (; i < count; ++i) {
        const double value = static_cast<double>(values[i]);
        total += value * value;
    }
    return total;
}

double sumFloat(const float* values, int64_t count)
{
    return sumAll(values, count);
}
double sumBFloat16(const c10::BFloat16* values, int64_t count)
{
    return sumAll(values, count);
}
double sumDouble(const double* values, int64_t count)
{
    return sumAll(values, count);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(updateAll);
HWY_EXPORT(sumFloat);
HWY_EXPORT(sumBFloat16);
HWY_EXPORT(sumDouble);

void adamwUpdate(int64_t count, const AdamWNumbers& numbers, const float* grad, float* param,
                 float* expAvg, float* expAvgSq)
{
    HWY_DYNAMIC_DISPATCH(updateAll)(count, numbers, grad, param, expAvg, expAvgSq);
}

double sumOfSquares(const float* values, int64_t count)
{
    return HWY_DYNAMIC_DISPATCH(sumFloat)(values, count);
}

double sumOfSquares(const c10::BFloat16* values, int64_t count)
{
    return HWY_DYNAMIC_DISPATCH(sumBFloat16)(values, count);
}

double sumOfSquares(const double* values, int64_t count)
{
    return HWY_DYNAMIC_DISPATCH(sumDouble)(values, count);
}

} // namespace samba::kernels
#endif
