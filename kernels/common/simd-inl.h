// Loads, stores and elementary functions on Highway vectors, for the CPU kernels.
//
// Included once for every instruction set by Highway's foreach_target.h, hence the guard that
// toggles. `d` is a tag of the arithmetic type: float or double. Stored values may be narrower
// (bfloat16). Formulas are written once for all types; only the coefficients differ.

#if defined(SAMBA_KERNELS_COMMON_SIMD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SAMBA_KERNELS_COMMON_SIMD_INL_H
#undef SAMBA_KERNELS_COMMON_SIMD_INL_H
#else
#define SAMBA_KERNELS_COMMON_SIMD_INL_H
#endif

#include <cstddef>
#include <cstdint>

#include <c10/util/BFloat16.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Loads Lanes(d) neighbouring values.
template <class D>
HWY_INLINE hn::Vec<D> loadValues(D d, const float* from)
{
    return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> loadValues(D d, const double* from)
{
    return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> loadValues(D d, const c10::BFloat16* from)
{
    const hn::RebindToUnsigned<D> wide;
    const hn::Rebind<uint16_t, D> narrow;
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, hn::LoadU(narrow, &from->x))));
}

/// Stores Lanes(d) neighbouring values; bfloat16 is rounded to nearest, ties to even.
template <class D>
HWY_INLINE void storeValues(D d, hn::Vec<D> values, float* to)
{
    hn::StoreU(values, d, to);
}

template <class D>
HWY_INLINE void storeValues(D d, hn::Vec<D> values, double* to)
{
    hn::StoreU(values, d, to);
}

template <class D>
HWY_INLINE void storeValues(D /*d*/, hn::Vec<D> values, c10::BFloat16* to)
{
    const hn::RebindToUnsigned<D> wide;
    const hn::Rebind<uint16_t, D> narrow;
    const auto bits = hn::BitCast(wide, values);
    const auto lowestKept = hn::And(hn::ShiftRight<16>(bits), hn::Set(wide, 1));
    const auto rounded = hn::Add(bits, hn::Add(lowestKept, hn::Set(wide, 0x7fff)));
    // Rounding could carry a NaN over into an infinity or a zero.
    const auto isNan = hn::RebindMask(wide, hn::IsNaN(values));
    const auto kept = hn::IfThenElse(isNan, hn::Set(wide, 0x7fc00000u), rounded);
    const auto upper = hn::BitCast(hn::RebindToSigned<D>(), hn::ShiftRight<16>(kept));
    hn::StoreU(hn::DemoteTo(narrow, upper), narrow, &to->x);
}

/// Calls `body(tag, index)` for all indices below `count`: whole vectors first, then one by one.
template <class D, class Body>
HWY_INLINE void forEachVector(D d, int64_t count, const Body& body)
{
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        body(d, i);
    const hn::CappedTag<hn::TFromD<D>, 1> single;
    for (; i < count; ++i)
        body(single, i);
}

/// Coefficients of one arithmetic type. The polynomials are minimax fits of our own.
template <typename Real>
struct FloatTraits;

template <>
struct FloatTraits<float> {
    static constexpr int kMantissaBits = 23;
    /// 1.5 * 2^23: adding it rounds to an integer, which it leaves in the lowest bits.
    static constexpr float kRound = 12582912.0f;
    static constexpr float kRoundAndBias = kRound + 127.0f; ///< leaves a biased exponent there
    static constexpr float kMaxExponent = 127.0f;
    static constexpr float kLn2High =
        0.693145751953125f; // 16 bits: products with integers are exact
    static constexpr float kLn2Low = 1.42860682e-6f;
    static constexpr float kExpLowest =
        -87.33654f; // below, exp is less than the least normal number
    static constexpr float kExpHighest = 88.72283f;
    static constexpr float kExpInRange = 86.0f; ///< |x| for which e^x is a normal number
    /// (2^f - 1) / f on [-0.5, 0.5], from the constant term up; relative error of 2^f 9e-8.
    static constexpr float kExp2[] = {0.6931469776f, 0.2402224208f, 0.05550733712f, 0.009671512842f,
                                      0.001326473607f};
    /// (atanh(r) / r - 1) / r^2 in powers of r^2 on [0, 1/9]; relative error of atanh 5e-9.
    static constexpr float kAtanh[] = {0.333332081447f, 0.200107635417f, 0.140009037510f,
                                       0.140059883949f};
};

template <>
struct FloatTraits<double> {
    static constexpr int kMantissaBits = 52;
    static constexpr double kRound = 6755399441055744.0;
    static constexpr double kRoundAndBias = kRound + 1023.0;
    static constexpr double kMaxExponent = 1023.0;
    static constexpr double kLn2High = 0.693147180369123816490; // 32 bits
    static constexpr double kLn2Low = 1.90821492927058770002e-10;
    static constexpr double kExpLowest = -707.7032713517042; // log(2^-1021)
    static constexpr double kExpHighest = 709.782712893384;
    static constexpr double kExpInRange = 700.0;
    static constexpr double kExp2[] = {
        0.693147180559945326,     0.240226506959101313,   0.0555041086648200847,
        0.00961812910759411505,   0.00133335581467743297, 0.000154035304571175455,
        0.0000152527334933719257, 1.32154352799643e-6,    1.01781994787969911e-7,
        7.07378360126906646e-9,   4.43478444828843048e-10};
    static constexpr double kAtanh[] = {
        0.33333333333338847,   0.199999999980248938,  0.142857145289938103,
        0.111110964526026783,  0.0909140702756158189, 0.0768214791877961855,
        0.0679315552593389178, 0.0495141912553285652, 0.0886986032042501365};
};

inline constexpr double kLog2e = 1.4426950408889634074;
inline constexpr double kLn2 = 0.6931471805599453094;

/// The value of a polynomial with the given coefficients, constant term first (Horner's scheme).
template <size_t kFirst = 0, class D, size_t kCount>
HWY_INLINE hn::Vec<D> polynomial(D d, hn::Vec<D> x, const hn::TFromD<D> (&coefficients)[kCount])
{
    const auto coefficient = hn::Set(d, coefficients[kFirst]);
    if constexpr (kFirst + 1 == kCount)
        return coefficient;
    else
        return hn::MulAdd(polynomial<kFirst + 1>(d, x, coefficients), x, coefficient);
}

/// 2^f for f in [-0.5, 0.5]; exactly 1 at 0, so that a step of length 0 keeps a state as it is.
template <class D>
HWY_INLINE hn::Vec<D> exp2Fraction(D d, hn::Vec<D> f)
{
    using Real = hn::TFromD<D>;
    return hn::MulAdd(polynomial(d, f, FloatTraits<Real>::kExp2), f, hn::Set(d, Real(1)));
}

/// value * 2^exponent, for whole exponents and values near 1.
#if HWY_TARGET == HWY_AVX3
template <class D>
HWY_INLINE hn::Vec512<float> timesPowerOf2(D /*d*/, hn::Vec512<float> value,
                                           hn::Vec512<float> exponent)
{
    return {_mm512_scalef_ps(value.raw, exponent.raw)};
}
template <class D>
HWY_INLINE hn::Vec512<double> timesPowerOf2(D /*d*/, hn::Vec512<double> value,
                                            hn::Vec512<double> exponent)
{
    return {_mm512_scalef_pd(value.raw, exponent.raw)};
}
template <class D, size_t kLanes>
HWY_INLINE hn::Vec128<float, kLanes> timesPowerOf2(D /*d*/, hn::Vec128<float, kLanes> value,
                                                   hn::Vec128<float, kLanes> exponent)
{
    return {_mm_scalef_ps(value.raw, exponent.raw)};
}
template <class D, size_t kLanes>
HWY_INLINE hn::Vec128<double, kLanes> timesPowerOf2(D /*d*/, hn::Vec128<double, kLanes> value,
                                                    hn::Vec128<double, kLanes> exponent)
{
    return {_mm_scalef_pd(value.raw, exponent.raw)};
}
#else
/// Exponents are cut off at 127 (1023) and count as minus infinity from -127 (-1023) down.
template <class D>
HWY_INLINE hn::Vec<D> timesPowerOf2(D d, hn::Vec<D> value, hn::Vec<D> exponent)
{
    using Traits = FloatTraits<hn::TFromD<D>>;
    const hn::RebindToUnsigned<D> bitsTag;
    const auto least = hn::Set(d, -Traits::kMaxExponent);
    const auto cut = hn::Min(hn::Max(exponent, least), hn::Set(d, Traits::kMaxExponent));
    const auto biased = hn::BitCast(bitsTag, hn::Add(cut, hn::Set(d, Traits::kRoundAndBias)));
    return hn::Mul(value, hn::BitCast(d, hn::ShiftLeft<Traits::kMantissaBits>(biased)));
}
#endif

/// 2^(x y), the decay of a state: `y` holds rate * log2(e). Where the machine can fuse it, the
/// product is rounded only once, after its integer part has been taken off. Results below the least
/// normal number may be 0, those above 2^127 (2^1023) may be cut off. For |x y| < 2^40.
template <class D>
HWY_INLINE hn::Vec<D> exp2Product(D d, hn::Vec<D> x, hn::Vec<D> y)
{
    const auto whole = hn::Round(hn::Mul(x, y));
    return timesPowerOf2(d, exp2Fraction(d, hn::MulSub(x, y, whole)), whole);
}

/// value * 2^n for values near 1 and a whole n within the exponents, given as n + kRound: the whole
/// part goes into the exponent by an addition of integers.
template <class D>
HWY_INLINE hn::Vec<D> timesWholePower(D d, hn::Vec<D> value, hn::Vec<D> shifted)
{
    const hn::RebindToUnsigned<D> bitsTag;
    constexpr int kBits = FloatTraits<hn::TFromD<D>>::kMantissaBits;
    const auto exponent = hn::ShiftLeft<kBits>(hn::BitCast(bitsTag, shifted));
    return hn::BitCast(d, hn::Add(hn::BitCast(bitsTag, value), exponent));
}

/// Largest |x y| for exp2ProductInRange(), in float32 and float64.
inline constexpr int kExp2InRange = 125;

/// The same without the care for exponents out of range: for |x y| <= kExp2InRange.
template <class D>
HWY_INLINE hn::Vec<D> exp2ProductInRange(D d, hn::Vec<D> x, hn::Vec<D> y)
{
    using Traits = FloatTraits<hn::TFromD<D>>;
    const auto round = hn::Set(d, Traits::kRound);
    const auto shifted = hn::MulAdd(x, y, round);
    const auto fraction = hn::MulSub(x, y, hn::Sub(shifted, round));
    return timesWholePower(d, exp2Fraction(d, fraction), shifted);
}

/// x - whole * ln 2, exact but for its last rounding on machines that cannot fuse products too.
template <class D>
HWY_INLINE hn::Vec<D> lessLogarithms(D d, hn::Vec<D> x, hn::Vec<D> whole)
{
    using Traits = FloatTraits<hn::TFromD<D>>;
    const auto rest = hn::NegMulAdd(whole, hn::Set(d, Traits::kLn2High), x);
    return hn::NegMulAdd(whole, hn::Set(d, Traits::kLn2Low), rest);
}

/// e^x to about 2 units in the last place in float32; 0 for results below 2^-125 (2^-1021),
/// infinity above the greatest number, NaN for NaN.
template <class D>
HWY_INLINE hn::Vec<D> exp(D d, hn::Vec<D> x)
{
    using Real = hn::TFromD<D>;
    using Traits = FloatTraits<Real>;
    const auto lowest = hn::Set(d, Traits::kExpLowest);
    const auto highest = hn::Set(d, Traits::kExpHighest);
    const auto inRange = hn::Min(hn::Max(x, lowest), highest);
    const auto whole = hn::Round(hn::Mul(inRange, hn::Set(d, Real(kLog2e))));
    const auto rest = lessLogarithms(d, inRange, whole);
    const auto fraction = exp2Fraction(d, hn::Mul(rest, hn::Set(d, Real(kLog2e))));
    // The greatest results have the exponent 128, which alone is out of range.
    auto value = timesPowerOf2(d, hn::Add(fraction, fraction), hn::Sub(whole, hn::Set(d, Real(1))));
    value = hn::IfThenZeroElse(hn::Lt(x, lowest), value);
    value = hn::IfThenElse(hn::Gt(x, highest), hn::Inf(d), value);
    return hn::IfThenElse(hn::IsNaN(x), x, value);
}

/// e^x without care for results out of range: for |x| <= FloatTraits::kExpInRange.
template <class D>
HWY_INLINE hn::Vec<D> expInRange(D d, hn::Vec<D> x)
{
    using Traits = FloatTraits<hn::TFromD<D>>;
    const auto log2e = hn::Set(d, hn::TFromD<D>(kLog2e));
    const auto round = hn::Set(d, Traits::kRound);
    const auto shifted = hn::MulAdd(x, log2e, round);
    const auto rest = lessLogarithms(d, x, hn::Sub(shifted, round));
    return timesWholePower(d, exp2Fraction(d, hn::Mul(rest, log2e)), shifted);
}

/// 1 / (1 + e^-x); 1e-37 (2e-305) where it would be less.
template <class D>
HWY_INLINE hn::Vec<D> sigmoid(D d, hn::Vec<D> x)
{
    using Traits = FloatTraits<hn::TFromD<D>>;
    const auto limit = hn::Set(d, Traits::kExpInRange);
    const auto inRange = hn::Min(limit, hn::Max(hn::Neg(limit), hn::Neg(x)));
    const auto one = hn::Set(d, hn::TFromD<D>(1));
    return hn::Div(one, hn::Add(one, expInRange(d, inRange)));
}

/// x sigmoid(x).
template <class D>
HWY_INLINE hn::Vec<D> silu(D d, hn::Vec<D> x)
{
    return hn::Mul(x, sigmoid(d, x));
}

/// The derivative of silu at x, whose sigmoid is s.
template <class D>
HWY_INLINE hn::Vec<D> siluDerivative(D d, hn::Vec<D> x, hn::Vec<D> s)
{
    const auto one = hn::Set(d, hn::TFromD<D>(1));
    return hn::Mul(s, hn::MulAdd(x, hn::Sub(one, s), one));
}

template <class D>
HWY_INLINE hn::Vec<D> siluDerivative(D d, hn::Vec<D> x)
{
    return siluDerivative(d, x, sigmoid(d, x));
}

/// log(1 + e^x) = max(x, 0) + log1p(v) with v = e^-|x| in [0, 1], where log1p(v) = 2 atanh(v / (2 +
/// v)).
template <class D>
HWY_INLINE hn::Vec<D> softplus(D d, hn::Vec<D> x)
{
    using Real = hn::TFromD<D>;
    const auto limit = hn::Set(d, FloatTraits<Real>::kExpInRange);
    const auto size = hn::Abs(x);
    const auto v =
        hn::IfThenZeroElse(hn::Gt(size, limit), expInRange(d, hn::Neg(hn::Min(limit, size))));
    const auto ratio = hn::Div(v, hn::Add(v, hn::Set(d, Real(2))));
    const auto square = hn::Mul(ratio, ratio);
    const auto series = hn::Mul(polynomial(d, square, FloatTraits<Real>::kAtanh), square);
    const auto twice = hn::Add(ratio, ratio);
    const auto positive = hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x); // NaN stays
    return hn::Add(positive, hn::MulAdd(twice, series, twice));
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif // the toggling guard
