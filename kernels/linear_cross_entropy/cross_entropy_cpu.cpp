// Softmax cross-entropy on rows of logits. A task is a row; lanes of a vector are neighbouring
// logits.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/linear_cross_entropy/cross_entropy_cpu.cpp"
#include <hwy/foreach_target.h>

#include <algorithm>
#include <cmath>

#include "kernels/common/simd-inl.h"
#include "kernels/linear_cross_entropy/cross_entropy_cpu.h"

#include <ATen/Parallel.h>

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

/// The largest of `count` >= 1 values.
template <class D, typename Stored>
HWY_INLINE hn::TFromD<D> largest(D d, const Stored* values, int64_t count)
{
    using Real = hn::TFromD<D>;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    auto most = hn::Set(d, static_cast<Real>(values[0]));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        most = hn::Max(most, loadValues(d, values + i));
    Real result = hn::GetLane(hn::MaxOfLanes(d, most));
    for (; i < count; ++i)
        result = std::max(result, static_cast<Real>(values[i]));
    return result;
}

/// Sum of e^(value - shift).
template <class D, typename Stored>
HWY_INLINE hn::TFromD<D> sumOfExp(D d, const Stored* values, int64_t count, hn::TFromD<D> shift)
{
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    auto sum = hn::Zero(d);
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        sum = hn::Add(sum, exp(d, hn::Sub(loadValues(d, values + i), hn::Set(d, shift))));
    auto total = hn::GetLane(hn::SumOfLanes(d, sum));
    const hn::CappedTag<hn::TFromD<D>, 1> single;
    for (; i < count; ++i)
        total += hn::GetLane(
            exp(single, hn::Sub(loadValues(single, values + i), hn::Set(single, shift))));
    return total;
}

template <typename Stored>
void oneRow(const CrossEntropyRows<Stored>& in, int64_t row)
{
    using Real = RealOf<Stored>;
    const hn::ScalableTag<Real> d;
    Stored* logits = in.logits + row * in.columns;
    const int64_t target = in.targets[row];
    if (target == in.ignoreIndex) {
        in.losses[row] = 0;
        in.hits[row] = 0;
        if (in.wantsGradient)
            std::fill_n(logits, in.columns, Stored(0));
        return;
    }

    const Real most = largest(d, logits, in.validColumns);
    const Real atTarget = static_cast<Real>(logits[target]);
    const Real logSum = std::log(sumOfExp(d, logits, in.validColumns, most));
    in.losses[row] =
        static_cast<double>(logSum) + (static_cast<double>(most) - static_cast<double>(atTarget));
    in.hits[row] = atTarget == most && std::none_of(logits, logits + target, [&](Stored logit) {
                       return static_cast<Real>(logit) == most;
                   });
    if (!in.wantsGradient)
        return;

    const Real scale = static_cast<Real>(in.gradientScale);
    forEachVector(d, in.validColumns, [&](auto tag, int64_t i) {
        // Subtracted one after the other: their sum alone would lose the small one's digits.
        const auto shifted = hn::Sub(loadValues(tag, logits + i), hn::Set(tag, most));
        const auto probability = exp(tag, hn::Sub(shifted, hn::Set(tag, logSum)));
        storeValues(tag, hn::Mul(probability, hn::Set(tag, scale)), logits + i);
    });
    const Real probability = std::exp(atTarget - most - logSum);
    logits[target] = static_cast<Stored>((probability - Real(1)) * scale);
    std::fill(logits + in.validColumns, logits + in.columns, Stored(0));
}

template <typename Stored>
void allRows(const CrossEntropyRows<Stored>& in)
{
    at::parallel_for(0, in.rows, 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            oneRow(in, row);
    });
}

void rowsFloat(const CrossEntropyRows<float>& in)
{
    allRows(in);
}
void rowsBFloat16(const CrossEntropyRows<c10::BFloat16>& in)
{
    allRows(in);
}
void rowsDouble(const CrossEntropyRows<double>& in)
{
    allRows(in);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(rowsFloat);
HWY_EXPORT(rowsBFloat16);
HWY_EXPORT(rowsDouble);

void crossEntropyRows(const CrossEntropyRows<float>& in)
{
    HWY_DYNAMIC_DISPATCH(rowsFloat)(in);
}

void crossEntropyRows(const CrossEntropyRows<c10::BFloat16>& in)
{
    HWY_DYNAMIC_DISPATCH(rowsBFloat16)(in);
}

void crossEntropyRows(const CrossEntropyRows<double>& in)
{
    HWY_DYNAMIC_DISPATCH(rowsDouble)(in);
}

} // namespace samba::kernels
#endif
