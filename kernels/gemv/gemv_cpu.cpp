// Matrix-vector products row by row: each row is one stream of memory, and what a thread computes
// for a row does not depend on how rows are shared out.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemv/gemv_cpu.cpp"
#include <hwy/foreach_target.h>

#include <type_traits>

#include "kernels/common/simd-inl.h"
#include "kernels/gemv/gemv.h"
#include "kernels/gemv/gemv_cpu.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

/// Largest code of a vector.
inline constexpr float kVectorCode = 32767;

/// Int4 packs two codes into an unsigned byte, Int8 one into a signed one.
template <typename Code>
inline constexpr int64_t kCodesPerByte = std::is_signed_v<Code> ? 1 : 2;

/// The dot product of a row with a vector. Four sums hide the latency of the additions.
template <typename Stored>
float dotRow(const Stored* HWY_RESTRICT row, const float* HWY_RESTRICT x, int64_t columns)
{
    const hn::ScalableTag<float> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    auto sum0 = hn::Zero(d);
    auto sum1 = hn::Zero(d);
    auto sum2 = hn::Zero(d);
    auto sum3 = hn::Zero(d);
    int64_t i = 0;
    for (; i + 4 * lanes <= columns; i += 4 * lanes) {
        sum0 = hn::MulAdd(loadValues(d, row + i), hn::LoadU(d, x + i), sum0);
        sum1 = hn::MulAdd(loadValues(d, row + i + lanes), hn::LoadU(d, x + i + lanes), sum1);
        sum2 =
            hn::MulAdd(loadValues(d, row + i + 2 * lanes), hn::LoadU(d, x + i + 2 * lanes), sum2);
        sum3 =
            hn::MulAdd(loadValues(d, row + i + 3 * lanes), hn::LoadU(d, x + i + 3 * lanes), sum3);
    }
    for (; i + lanes <= columns; i += lanes)
        sum0 = hn::MulAdd(loadValues(d, row + i), hn::LoadU(d, x + i), sum0);
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
    for (; i < columns; ++i)
        sum += static_cast<float>(row[i]) * x[i];
    return sum;
}

template <typename Stored>
void storedRows(const Stored* values, const GemvVectors& vectors, int64_t firstRow, int64_t lastRow)
{
    for (int64_t row = firstRow; row < lastRow; ++row)
        for (int64_t b = 0; b < vectors.batch; ++b)
            vectors.y[b * vectors.rowCount + row] =
                dotRow(values + row * vectors.columns, vectors.x + b * vectors.paddedColumns,
                       vectors.columns);
}

/// Codes of a vector that are multiplied at a time; no more than half a group, so that it may also be
/// the low halves of Int4.
using VectorCodes = hn::CappedTag<int16_t, kWeightGroup / 2>;
using CodeSums = hn::RepartitionToWide<VectorCodes>;

/// The dot product of one group of Int8 codes with those of a vector, over all lanes.
HWY_INLINE hn::Vec<CodeSums> dotGroup(const int8_t* HWY_RESTRICT codes,
                                      const int16_t* HWY_RESTRICT x)
{
    const VectorCodes d;
    const CodeSums wide;
    const hn::Rebind<int8_t, VectorCodes> narrow;
    auto sum = hn::Zero(wide);
    auto rest = hn::Zero(wide);
    for (int64_t j = 0; j < kWeightGroup; j += static_cast<int64_t>(hn::Lanes(d))) {
        const auto code = hn::PromoteTo(d, hn::LoadU(narrow, codes + j));
        sum = hn::ReorderWidenMulAccumulate(wide, code, hn::LoadU(d, x + j), sum, rest);
    }
    return hn::Add(sum, rest);
}

/// The same for Int4, whose codes count from 0.
HWY_INLINE hn::Vec<CodeSums> dotGroup(const uint8_t* HWY_RESTRICT codes,
                                      const int16_t* HWY_RESTRICT x)
{
    const VectorCodes d;
    const CodeSums wide;
    const hn::Rebind<uint8_t, VectorCodes> narrow;
    const auto lowHalf = hn::Set(d, 15);
    auto sum = hn::Zero(wide);
    auto rest = hn::Zero(wide);
    for (int64_t j = 0; j < kWeightGroup / 2; j += static_cast<int64_t>(hn::Lanes(d))) {
        const auto pair = hn::PromoteTo(d, hn::LoadU(narrow, codes + j));
        sum = hn::ReorderWidenMulAccumulate(wide, hn::And(pair, lowHalf), hn::LoadU(d, x + j), sum,
                                            rest);
        sum = hn::ReorderWidenMulAccumulate(wide, hn::ShiftRight<4>(pair),
                                            hn::LoadU(d, x + kWeightGroup / 2 + j), sum, rest);
    }
    return hn::Add(sum, rest);
}

/// Scales as float32, by the machine's own conversion where it has one.
template <class D>
HWY_INLINE void convertScales(D d, const c10::Half* scales, int64_t count, float* to)
{
    const hn::Rebind<hwy::float16_t, D> half;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t g = 0;
    for (; g + lanes <= count; g += lanes)
        hn::StoreU(
            hn::PromoteTo(d, hn::LoadU(half, reinterpret_cast<const hwy::float16_t*>(scales + g))),
            d, to + g);
    for (; g < count; ++g)
        to[g] = static_cast<float>(scales[g]);
}

/// The dot product of a row of codes with a vector, the first of `x`.
template <typename Code>
float dotCodes(const Code* HWY_RESTRICT codes, const c10::Half* HWY_RESTRICT scales,
               const CodedVectors& x, int64_t groups)
{
    const hn::ScalableTag<float> d;
    const hn::RebindToFloat<CodeSums> sumTag;
    constexpr int64_t kGroupBytes = kWeightGroup / kCodesPerByte<Code>;
    constexpr bool kCountsFromZero = kCodesPerByte<Code> == 2;
    constexpr float kZeroCode = 8;
    auto even = hn::Zero(sumTag);
    auto odd = hn::Zero(sumTag);
    auto offset = hn::Zero(d);
    HWY_ALIGN float scale[kScaleBlock] = {};
    for (int64_t first = 0; first < groups; first += kScaleBlock) {
        const int64_t count = HWY_MIN(kScaleBlock, groups - first);
        convertScales(d, scales + first, count, scale);
        for (int64_t g = 0; g < kScaleBlock; g += static_cast<int64_t>(hn::Lanes(d))) {
            const auto ofWeights = hn::Load(d, scale + g);
            if constexpr (kCountsFromZero)
                offset = hn::MulAdd(ofWeights, hn::LoadU(d, x.sums + first + g), offset);
            hn::Store(hn::Mul(ofWeights, hn::LoadU(d, x.scales + first + g)), d, scale + g);
        }
        const Code* blockCodes = codes + first * kGroupBytes;
        const int16_t* blockVector = x.codes + first * kWeightGroup;
        const auto addGroup = [&](int64_t g, auto& sum) HWY_ATTR {
            const auto part =
                dotGroup(blockCodes + g * kGroupBytes, blockVector + g * kWeightGroup);
            sum = hn::MulAdd(hn::Set(sumTag, scale[g]), hn::ConvertTo(sumTag, part), sum);
        };
        int64_t g = 0;
        for (; g + 2 <= count; g += 2) {
            addGroup(g, even);
            addGroup(g + 1, odd);
        }
        if (g < count)
            addGroup(g, even);
        for (; g < kScaleBlock; ++g)
            scale[g] = 0;
    }
    const float sum = hn::GetLane(hn::SumOfLanes(sumTag, hn::Add(even, odd)));
    return kCountsFromZero ? sum - kZeroCode * hn::GetLane(hn::SumOfLanes(d, offset)) : sum;
}

template <typename Code>
void codedRows(const Code* values, const c10::Half* scales, const GemvVectors& vectors,
               int64_t firstRow, int64_t lastRow)
{
    const int64_t groups = vectors.paddedColumns / kWeightGroup;
    const int64_t rowBytes = vectors.paddedColumns / kCodesPerByte<Code>;
    const CodedVectors& all = vectors.coded;
    for (int64_t row = firstRow; row < lastRow; ++row)
        for (int64_t b = 0; b < vectors.batch; ++b) {
            const CodedVectors x{all.codes + b * vectors.paddedColumns,
                                 all.scales + b * all.paddedGroups,
                                 all.sums + b * all.paddedGroups, all.paddedGroups};
            vectors.y[b * vectors.rowCount + row] =
                dotCodes(values + row * rowBytes, scales + row * groups, x, groups);
        }
}

void codeVectorGroups(const float* x, int64_t groups, int16_t* codes, float* scales, float* sums)
{
    const hn::CappedTag<float, kWeightGroup> d;
    const hn::RebindToSigned<decltype(d)> whole;
    const hn::Rebind<int16_t, decltype(d)> narrow;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    for (int64_t g = 0; g < groups; ++g) {
        const float* group = x + g * kWeightGroup;
        auto largest = hn::Zero(d);
        auto nothing = hn::Zero(d); // NaN where a number is not finite
        for (int64_t j = 0; j < kWeightGroup; j += lanes) {
            const auto values = hn::LoadU(d, group + j);
            largest = hn::Max(largest, hn::Abs(values));
            nothing = hn::MulAdd(values, hn::Zero(d), nothing);
        }
        const float most = hn::GetLane(hn::MaxOfLanes(d, largest));
        const auto inverse = hn::Set(d, most > 0 ? kVectorCode / most : 0.0f);
        auto sum = hn::Zero(whole);
        for (int64_t j = 0; j < kWeightGroup; j += lanes) {
            const auto code = hn::NearestInt(hn::Mul(hn::LoadU(d, group + j), inverse));
            sum = hn::Add(sum, code);
            hn::StoreU(hn::DemoteTo(narrow, code), narrow, codes + g * kWeightGroup + j);
        }
        scales[g] = most / kVectorCode + hn::GetLane(hn::SumOfLanes(d, nothing));
        sums[g] = scales[g] * static_cast<float>(hn::GetLane(hn::SumOfLanes(whole, sum)));
    }
}

void rowsFloat32(const float* values, const GemvVectors& vectors, int64_t firstRow, int64_t lastRow)
{
    storedRows(values, vectors, firstRow, lastRow);
}
void rowsBFloat16(const c10::BFloat16* values, const GemvVectors& vectors, int64_t firstRow,
                  int64_t lastRow)
{
    storedRows(values, vectors, firstRow, lastRow);
}
void rowsInt8(const int8_t* values, const c10::Half* scales, const GemvVectors& vectors,
              int64_t firstRow, int64_t lastRow)
{
    codedRows(values, scales, vectors, firstRow, lastRow);
}
void rowsInt4(const uint8_t* values, const c10::Half* scales, const GemvVectors& vectors,
              int64_t firstRow, int64_t lastRow)
{
    codedRows(values, scales, vectors, firstRow, lastRow);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(rowsFloat32);
HWY_EXPORT(rowsBFloat16);
HWY_EXPORT(rowsInt8);
HWY_EXPORT(rowsInt4);
HWY_EXPORT(codeVectorGroups);

void codeGroups(const float* x, int64_t groups, int16_t* codes, float* scales, float* sums)
{
    HWY_DYNAMIC_DISPATCH(codeVectorGroups)(x, groups, codes, scales, sums);
}

void gemvRows(const float* values, const GemvVectors& vectors, int64_t firstRow, int64_t lastRow)
{
    HWY_DYNAMIC_DISPATCH(rowsFloat32)(values, vectors, firstRow, lastRow);
}

void gemvRows(const c10::BFloat16* values, const GemvVectors& vectors, int64_t firstRow,
              int64_t lastRow)
{
    HWY_DYNAMIC_DISPATCH(rowsBFloat16)(values, vectors, firstRow, lastRow);
}

void gemvRowsInt8(const int8_t* values, const c10::Half* scales, const GemvVectors& vectors,
                  int64_t firstRow, int64_t lastRow)
{
    HWY_DYNAMIC_DISPATCH(rowsInt8)(values, scales, vectors, firstRow, lastRow);
}

void gemvRowsInt4(const uint8_t* values, const c10::Half* scales, const GemvVectors& vectors,
                  int64_t firstRow, int64_t lastRow)
{
    HWY_DYNAMIC_DISPATCH(rowsInt4)(values, scales, vectors, firstRow, lastRow);
}

} // namespace samba::kernels
#endif
