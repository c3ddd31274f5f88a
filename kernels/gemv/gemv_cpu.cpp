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

/// Groups whose scales are converted at a time.
inline constexpr int64_t kScaleBlock = 16;

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

/// The dot product of one group of Int8 codes with a piece of a vector, lane by lane.
template <class D>
HWY_INLINE hn::Vec<D> dotGroup(D d, const int8_t* HWY_RESTRICT codes, const float* HWY_RESTRICT x)
{
    const hn::Rebind<int8_t, D> narrow;
    const hn::RebindToSigned<D> wide;
    auto sum = hn::Zero(d);
    for (int64_t j = 0; j < kWeightGroup; j += static_cast<int64_t>(hn::Lanes(d))) {
        const auto code = hn::ConvertTo(d, hn::PromoteTo(wide, hn::LoadU(narrow, codes + j)));
        sum = hn::MulAdd(code, hn::LoadU(d, x + j), sum);
    }
    return sum;
}

/// The same for Int4, whose codes count from 0.
template <class D>
HWY_INLINE hn::Vec<D> dotGroup(D d, const uint8_t* HWY_RESTRICT codes, const float* HWY_RESTRICT x)
{
    const hn::Rebind<uint8_t, D> narrow;
    const hn::RebindToSigned<D> wide;
    const auto lowHalf = hn::Set(wide, 15);
    auto sumLow = hn::Zero(d);
    auto sumHigh = hn::Zero(d);
    for (int64_t j = 0; j < kWeightGroup / 2; j += static_cast<int64_t>(hn::Lanes(d))) {
        const auto pair = hn::PromoteTo(wide, hn::LoadU(narrow, codes + j));
        sumLow = hn::MulAdd(hn::ConvertTo(d, hn::And(pair, lowHalf)), hn::LoadU(d, x + j), sumLow);
        sumHigh = hn::MulAdd(hn::ConvertTo(d, hn::ShiftRight<4>(pair)),
                             hn::LoadU(d, x + kWeightGroup / 2 + j), sumHigh);
    }
    return hn::Add(sumLow, sumHigh);
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

/// The dot product of a row of codes with a vector.
/// @param groupSums  sums of the vector over groups where codes count from 0, else null.
template <typename Code>
float dotCodes(const Code* HWY_RESTRICT codes, const c10::Half* HWY_RESTRICT scales,
               const float* HWY_RESTRICT x, const float* HWY_RESTRICT groupSums, int64_t groups)
{
    const hn::ScalableTag<float> d;
    constexpr int64_t kGroupBytes = kWeightGroup / kCodesPerByte<Code>;
    constexpr float kZeroCode = 8;
    auto sum = hn::Zero(d);
    float offset = 0;
    float scale[kScaleBlock];
    for (int64_t first = 0; first < groups; first += kScaleBlock) {
        const int64_t count = HWY_MIN(kScaleBlock, groups - first);
        convertScales(d, scales + first, count, scale);
        for (int64_t g = 0; g < count; ++g) {
            const int64_t group = first + g;
            const auto part = dotGroup(d, codes + group * kGroupBytes, x + group * kWeightGroup);
            sum = hn::MulAdd(hn::Set(d, scale[g]), part, sum);
            if (groupSums)
                offset += scale[g] * groupSums[group];
        }
    }
    return hn::GetLane(hn::SumOfLanes(d, sum)) - kZeroCode * offset;
}

template <typename Code>
void codedRows(const Code* values, const c10::Half* scales, const GemvVectors& vectors,
               int64_t firstRow, int64_t lastRow)
{
    const int64_t groups = vectors.paddedColumns / kWeightGroup;
    const int64_t rowBytes = vectors.paddedColumns / kCodesPerByte<Code>;
    for (int64_t row = firstRow; row < lastRow; ++row)
        for (int64_t b = 0; b < vectors.batch; ++b)
            vectors.y[b * vectors.rowCount + row] =
                dotCodes(values + row * rowBytes, scales + row * groups,
                         vectors.x + b * vectors.paddedColumns,
                         vectors.groupSums ? vectors.groupSums + b * groups : nullptr, groups);
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
