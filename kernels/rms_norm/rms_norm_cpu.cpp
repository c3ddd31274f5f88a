// RMS normalisation. A task is a block of rows; lanes of a vector are neighbours within a row.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rms_norm/rms_norm_cpu.cpp"
#include <hwy/foreach_target.h>

#include <algorithm>
#include <cmath>

#include "kernels/common/simd-inl.h"
#include "kernels/rms_norm/rms_norm_cpu.h"

#include <ATen/Parallel.h>

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

/// Sum of `term(tag, i)` over a row: lanes in parallel, then across them, then what is left over.
template <class D, class Term>
HWY_INLINE hn::TFromD<D> rowSum(D d, int64_t width, const Term& term)
{
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    auto sum = hn::Zero(d);
    int64_t i = 0;
    for (; i + lanes <= width; i += lanes)
        sum = hn::Add(sum, term(d, i));
    hn::TFromD<D> total = hn::GetLane(hn::SumOfLanes(d, sum));
    const hn::CappedTag<hn::TFromD<D>, 1> single;
    for (; i < width; ++i)
        total += hn::GetLane(term(single, i));
    return total;
}

/// One row of the forward pass. @return the row's scale.
template <typename In, typename Out, typename Real = RealOf<In>>
Real forwardRow(const In* x, const Real* weight, Real eps, int64_t width, Out* y)
{
    const hn::ScalableTag<Real> d;
    const Real squares = rowSum(d, width, [&](auto tag, int64_t i) {
        const auto value = loadValues(tag, x + i);
        return hn::Mul(value, value);
    });
    const Real mean = squares / static_cast<Real>(width);
    const Real scale = Real(1) / std::sqrt(mean + eps);
    forEachVector(d, width, [&](auto tag, int64_t i) {
        const auto normalised = hn::Mul(loadValues(tag, x + i), hn::Set(tag, scale));
        storeValues(tag, hn::Mul(normalised, loadValues(tag, weight + i)), y + i);
    });
    return scale;
}

template <typename In, typename Out>
void forwardAll(const NormForward<In, Out>& in)
{
    using Real = RealOf<In>;
    at::parallel_for(0, normBlocks(in.rows), 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin * kNormRows; row < std::min(in.rows, end * kNormRows); ++row)
            in.scale[row] = forwardRow(in.x + row * in.width, in.weight, static_cast<Real>(in.eps),
                                       in.width, in.y + row * in.width);
    });
}

void normRowFloat(const float* x, const float* weight, float eps, int64_t width, float* y)
{
    forwardRow(x, weight, eps, width, y);
}

/// With n = x scale: dx = scale (w dy - n mean(w dy n)), dw = sum of dy n.
template <typename In, typename Out>
void backwardAll(const NormBackward<In, Out>& in)
{
    using Real = RealOf<In>;
    const hn::ScalableTag<Real> d;
    at::parallel_for(0, normBlocks(in.rows), 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin * kNormRows; row < std::min(in.rows, end * kNormRows); ++row) {
            const In* x = in.x + row * in.width;
            const Out* gradY = in.gradY + row * in.width;
            In* gradX = in.gradX + row * in.width;
            Real* gradWeight = in.gradWeight + row / kNormRows * in.width;
            const Real scale = in.scale[row];
            const Real product = rowSum(d, in.width, [&](auto tag, int64_t i) {
                const auto weighted =
                    hn::Mul(loadValues(tag, in.weight + i), loadValues(tag, gradY + i));
                return hn::Mul(weighted, loadValues(tag, x + i));
            });
            const Real mean = product * scale / static_cast<Real>(in.width);
            forEachVector(d, in.width, [&](auto tag, int64_t i) {
                const auto grad = loadValues(tag, gradY + i);
                const auto normalised = hn::Mul(loadValues(tag, x + i), hn::Set(tag, scale));
                const auto weighted = hn::Mul(loadValues(tag, in.weight + i), grad);
                const auto centred = hn::NegMulAdd(normalised, hn::Set(tag, mean), weighted);
                storeValues(tag, hn::Mul(centred, hn::Set(tag, scale)), gradX + i);
                storeValues(tag, hn::MulAdd(grad, normalised, loadValues(tag, gradWeight + i)),
                            gradWeight + i);
            });
        }
    });
}

void normForwardFloat(const NormForward<float, float>& in)
{
    forwardAll(in);
}
void normForwardMixed(const NormForward<float, c10::BFloat16>& in)
{
    forwardAll(in);
}
void normForwardBFloat16(const NormForward<c10::BFloat16, c10::BFloat16>& in)
{
    forwardAll(in);
}
void normForwardDouble(const NormForward<double, double>& in)
{
    forwardAll(in);
}
void normBackwardFloat(const NormBackward<float, float>& in)
{
    backwardAll(in);
}
void normBackwardMixed(const NormBackward<float, c10::BFloat16>& in)
{
    backwardAll(in);
}
void normBackwardBFloat16(const NormBackward<c10::BFloat16, c10::BFloat16>& in)
{
    backwardAll(in);
}
void normBackwardDouble(const NormBackward<double, double>& in)
{
    backwardAll(in);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(normRowFloat);
HWY_EXPORT(normForwardFloat);
HWY_EXPORT(normForwardMixed);
HWY_EXPORT(normForwardBFloat16);
HWY_EXPORT(normForwardDouble);
HWY_EXPORT(normBackwardFloat);
HWY_EXPORT(normBackwardMixed);
HWY_EXPORT(normBackwardBFloat16);
HWY_EXPORT(normBackwardDouble);

void normRow(const float* x, const float* weight, float eps, int64_t width, float* y)
{
    HWY_DYNAMIC_DISPATCH(normRowFloat)(x, weight, eps, width, y);
}

void normForward(const NormForward<float, float>& in)
{
    HWY_DYNAMIC_DISPATCH(normForwardFloat)(in);
}

void normForward(const NormForward<float, c10::BFloat16>& in)
{
    HWY_DYNAMIC_DISPATCH(normForwardMixed)(in);
}

void normForward(const NormForward<c10::BFloat16, c10::BFloat16>& in)
{
    HWY_DYNAMIC_DISPATCH(normForwardBFloat16)(in);
}

void normForward(const NormForward<double, double>& in)
{
    HWY_DYNAMIC_DISPATCH(normForwardDouble)(in);
}

void normBackward(const NormBackward<float, float>& in)
{
    HWY_DYNAMIC_DISPATCH(normBackwardFloat)(in);
}

void normBackward(const NormBackward<float, c10::BFloat16>& in)
{
    HWY_DYNAMIC_DISPATCH(normBackwardMixed)(in);
}

void normBackward(const NormBackward<c10::BFloat16, c10::BFloat16>& in)
{
    HWY_DYNAMIC_DISPATCH(normBackwardBFloat16)(in);
}

void normBackward(const NormBackward<double, double>& in)
{
    HWY_DYNAMIC_DISPATCH(normBackwardDouble)(in);
}

} // namespace samba::kernels
#endif
