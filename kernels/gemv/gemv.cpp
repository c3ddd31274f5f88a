#include "kernels/gemv/gemv.h"

#include <algorithm>
#include <cmath>

#include "kernels/common/checks.h"
#include "kernels/common/every_thread.h"
#include "kernels/common/huge_pages.h"
#include "kernels/common/parts.h"
#include "kernels/common/parallel.h"
#include "kernels/gemv/gemv_cpu.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

namespace samba::kernels {
namespace {

/// Bytes of weights for which waking a thread pays.
constexpr int64_t kBytesPerTask = 64 * 1024;

int64_t groupCount(int64_t columns)
{
    return (columns + kWeightGroup - 1) / kWeightGroup;
}

/// Groups rounded up to whole blocks of scales.
int64_t paddedGroups(int64_t columns)
{
    return (groupCount(columns) + kScaleBlock - 1) / kScaleBlock * kScaleBlock;
}

/// The scale of a group of Int8: its largest weight becomes 127.
float int8Scale(const float* weights, int64_t count)
{
    float largest = 0;
    for (int64_t j = 0; j < count; ++j)
        largest = std::max(largest, std::abs(weights[j]));
    return largest / 127.0f;
}

int int4Code(float weight, float scale)
{
    const float code = scale == 0 ? 8.0f : std::nearbyint(weight / scale) + 8.0f;
    return static_cast<int>(std::clamp(code, 0.0f, 15.0f));
}

float int4SquaredError(const float* weights, int64_t count, float scale)
{
    float error = 0;
    for (int64_t j = 0; j < count; ++j) {
        const float rest = weights[j] - scale * static_cast<float>(int4Code(weights[j], scale) - 8);
        error += rest * rest;
    }
    return error;
}

/// The scale of a group of Int4. The codes reach one step further down than up, so the scale takes
/// the sign that puts the largest weight at -8; of some scales around it the one with the least
/// squared error is taken, as clipping the largest weight a little can serve all others.
float int4Scale(const float* weights, int64_t count)
{
    float largest = 0;
    for (int64_t j = 0; j < count; ++j)
        if (std::abs(weights[j]) > std::abs(largest))
            largest = weights[j];
    float best = 0;
    float leastError = int4SquaredError(weights, count, 0);
    for (const float reach : {-8.0f, -7.5f, -7.0f, -8.5f, -9.0f, -9.5f}) {
        const auto scale = static_cast<float>(c10::Half(largest / reach));
        const float error = int4SquaredError(weights, count, scale);
        if (error < leastError) {
            leastError = error;
            best = scale;
        }
    }
    return best;
}

void packInt8(const float* weights, int64_t count, int8_t* codes, c10::Half& scale)
{
    scale = c10::Half(int8Scale(weights, count));
    const auto stored = static_cast<float>(scale);
    for (int64_t j = 0; j < count; ++j) {
        const float code = stored == 0 ? 0.0f : std::nearbyint(weights[j] / stored);
        codes[j] = static_cast<int8_t>(std::clamp(code, -127.0f, 127.0f));
    }
    std::fill(codes + count, codes + kWeightGroup, int8_t{0});
}

void packInt4(const float* weights, int64_t count, uint8_t* codes, c10::Half& scale)
{
    scale = c10::Half(int4Scale(weights, count));
    const auto stored = static_cast<float>(scale);
    for (int64_t j = 0; j < kWeightGroup / 2; ++j) {
        const int64_t upper = j + kWeightGroup / 2;
        const int low = j < count ? int4Code(weights[j], stored) : 0;
        const int high = upper < count ? int4Code(weights[upper], stored) : 0;
        codes[j] = static_cast<uint8_t>(low | (high << 4));
    }
}

PackedMatrix packCodes(const at::Tensor& weight, WeightFormat format)
{
    const int64_t rows = weight.size(0);
    const int64_t columns = weight.size(1);
    const int64_t groups = groupCount(columns);
    const bool isInt8 = format == WeightFormat::Int8;
    const int64_t rowBytes = isInt8 ? groups * kWeightGroup : groups * kWeightGroup / 2;
    // Rows of codes and of scales are written as a whole, padding too.
    PackedMatrix packed{format, rows, columns,
                        emptyInHugePages({rows, rowBytes}, isInt8 ? at::kChar : at::kByte),
                        emptyInHugePages({rows, groups}, at::kHalf)};
    const float* weights = weight.const_data_ptr<float>();
    c10::Half* scales = packed.scales.mutable_data_ptr<c10::Half>();
    at::parallel_for(0, rows, 16, [&](int64_t first, int64_t last) {
        for (int64_t row = first; row < last; ++row) {
            for (int64_t g = 0; g < groups; ++g) {
                const float* group = weights + row * columns + g * kWeightGroup;
                const int64_t count = std::min(kWeightGroup, columns - g * kWeightGroup);
                c10::Half& scale = scales[row * groups + g];
                if (isInt8)
                    packInt8(group, count,
                             packed.values.mutable_data_ptr<int8_t>() + row * rowBytes +
                                 g * kWeightGroup,
                             scale);
                else
                    packInt4(group, count,
                             packed.values.mutable_data_ptr<uint8_t>() + row * rowBytes +
                                 g * kWeightGroup / 2,
                             scale);
            }
        }
    });
    return packed;
}

PackedMatrix packBFloat16(const at::Tensor& weight)
{
    PackedMatrix packed{WeightFormat::BFloat16, weight.size(0), weight.size(1),
                        emptyInHugePages(weight.sizes(), at::kBFloat16),
                        {}};
    packed.values.copy_(weight);
    return packed;
}

/// The vectors, padded with zeros to whole groups.
at::Tensor padded(const at::Tensor& x, int64_t paddedColumns)
{
    if (x.size(1) == paddedColumns)
        return x.contiguous();
    at::Tensor result = at::zeros({x.size(0), paddedColumns}, x.options());
    result.narrow(1, 0, x.size(1)).copy_(x);
    return result;
}

} // namespace

void gemvRows(const PackedMatrix& matrix, const GemvVectors& vectors, int64_t first, int64_t last)
{
    switch (matrix.format) {
    case WeightFormat::Float32:
        gemvRows(matrix.values.const_data_ptr<float>(), vectors, first, last);
        break;
    case WeightFormat::BFloat16:
        gemvRows(matrix.values.const_data_ptr<c10::BFloat16>(), vectors, first, last);
        break;
    case WeightFormat::Int8:
        gemvRowsInt8(matrix.values.const_data_ptr<int8_t>(),
                     matrix.scales.const_data_ptr<c10::Half>(), vectors, first, last);
        break;
    case WeightFormat::Int4:
        gemvRowsInt4(matrix.values.const_data_ptr<uint8_t>(),
                     matrix.scales.const_data_ptr<c10::Half>(), vectors, first, last);
        break;
    }
}

int64_t codedVectorsSize(int64_t batch, int64_t paddedColumns)
{
    constexpr int64_t kCodesInFloat = sizeof(float) / sizeof(int16_t);
    return batch * (paddedColumns / kCodesInFloat + 2 * paddedGroups(paddedColumns));
}

CodedVectors codeVectors(const float* x, int64_t batch, int64_t paddedColumns, float* memory)
{
    const int64_t groups = groupCount(paddedColumns);
    const int64_t stride = paddedGroups(paddedColumns);
    float* scales = memory;
    float* sums = scales + batch * stride;
    auto* codes = reinterpret_cast<int16_t*>(sums + batch * stride);
    std::fill(scales, sums + batch * stride, 0.0f);
    for (int64_t b = 0; b < batch; ++b)
        codeGroups(x + b * paddedColumns, groups, codes + b * paddedColumns, scales + b * stride,
                   sums + b * stride);
    return {codes, scales, sums, stride};
}

int64_t packedBytes(int64_t rows, int64_t columns, WeightFormat format)
{
    constexpr auto kScaleBytes = static_cast<int64_t>(sizeof(c10::Half));
    switch (format) {
    case WeightFormat::BFloat16:
        return rows * columns * static_cast<int64_t>(sizeof(c10::BFloat16));
    case WeightFormat::Int8:
        return rows * groupCount(columns) * (kWeightGroup + kScaleBytes);
    case WeightFormat::Int4:
        return rows * groupCount(columns) * (kWeightGroup / 2 + kScaleBytes);
    case WeightFormat::Float32:
        break;
    }
    return rows * columns * static_cast<int64_t>(sizeof(float));
}

PackedMatrix packMatrix(const at::Tensor& weight, WeightFormat format)
{
    const ArgumentChecks check("packMatrix");
    check.rank("weight", weight, 2);
    check.dtype("weight", weight, {at::kFloat});
    check.onCpu("weight", weight);
    check.contiguous("weight", weight);
    switch (format) {
    case WeightFormat::Float32:
        return {format, weight.size(0), weight.size(1), weight.detach(), {}};
    case WeightFormat::BFloat16:
        return packBFloat16(weight.detach());
    default:
        return packCodes(weight.detach(), format);
    }
}

at::Tensor unpackMatrix(const PackedMatrix& matrix)
{
    if (!matrix.scales.defined())
        return matrix.values.to(at::kFloat);
    const int64_t groups = groupCount(matrix.columns);
    const at::Tensor scales = matrix.scales.to(at::kFloat).unsqueeze(-1);
    at::Tensor codes = at::empty({matrix.rows, groups, kWeightGroup}, at::kFloat);
    if (matrix.format == WeightFormat::Int8) {
        codes.copy_(matrix.values.view(codes.sizes()));
    } else {
        const at::Tensor pairs = matrix.values.view({matrix.rows, groups, kWeightGroup / 2});
        codes.narrow(-1, 0, kWeightGroup / 2).copy_(pairs.bitwise_and(15));
        codes.narrow(-1, kWeightGroup / 2, kWeightGroup / 2).copy_(pairs.bitwise_right_shift(4));
        codes.sub_(8);
    }
    return codes.mul_(scales).flatten(1).narrow(1, 0, matrix.columns).contiguous();
}

at::Tensor gemv(const PackedMatrix& matrix, const at::Tensor& x)
{
    const ArgumentChecks check("gemv");
    check.rank("x", x, 2);
    check.dtype("x", x, {at::kFloat});
    check.onCpu("x", x);
    check.shape("x", x, {x.size(0), matrix.columns});

    const bool isCoded = matrix.scales.defined();
    const int64_t groups = groupCount(matrix.columns);
    const int64_t paddedColumns = isCoded ? groups * kWeightGroup : matrix.columns;
    const at::Tensor vectors = padded(x, paddedColumns);
    at::Tensor coded;
    if (isCoded)
        coded = at::empty({codedVectorsSize(x.size(0), paddedColumns)}, at::kFloat);
    at::Tensor y = at::empty({x.size(0), matrix.rows}, x.options());
    const GemvVectors arguments{.x = vectors.const_data_ptr<float>(),
                                .coded = isCoded ? codeVectors(vectors.const_data_ptr<float>(),
                                                               x.size(0), paddedColumns,
                                                               coded.mutable_data_ptr<float>())
                                                 : CodedVectors{},
                                .y = y.mutable_data_ptr<float>(),
                                .batch = x.size(0),
                                .columns = matrix.columns,
                                .paddedColumns = paddedColumns,
                                .rowCount = matrix.rows};
    const int64_t rowBytes =
        std::max<int64_t>(1, matrix.sizeBytes() / std::max<int64_t>(1, matrix.rows));
    const int64_t part = std::max<int64_t>(1, kBytesPerTask / rowBytes);
    if (matrix.rows <= part) {
        gemvRows(matrix, arguments, 0, matrix.rows);
        return y;
    }
    Parts rows(matrix.rows, part, at::get_num_threads());
    onEveryThread([&] {
        rows.share([&](int64_t first, int64_t last) { gemvRows(matrix, arguments, first, last); });
    });
    return y;
}

} // namespace samba::kernels
