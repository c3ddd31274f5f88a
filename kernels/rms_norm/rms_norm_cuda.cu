// Root mean square normalisation for CUDA: a block for each row; the gradient of the weight, a sum
// over rows, by a second kernel whose threads walk down a tile of rows.

#include "kernels/rms_norm/rms_norm_cuda.h"

#include "kernels/common/gpu.h"
#include "kernels/common/gpu_launch.h"
#include "kernels/common/vector_io.cuh"

namespace samba::kernels::gpu {
namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / kWarpSize;
constexpr int kTile = 64;
constexpr int kTileThreads = 64;

/// Neighbouring columns of one thread: the fewest that fill packets of both types.
template <typename In, typename Out>
constexpr int kItems = 16 / (sizeof(In) < sizeof(Out) ? sizeof(In) : sizeof(Out));

int tiles(int rows)
{
    return (rows + kTile - 1) / kTile;
}

struct NormShared {
    float warps[kWarps];
};

/// The sum over the threads of a block, in every thread, in a fixed order. One barrier.
__device__ __forceinline__ float blockSum(NormShared& shared, float value)
{
    value = warpSum(value);
    if (threadIdx.x % kWarpSize == 0)
        shared.warps[threadIdx.x / kWarpSize] = value;
    __syncthreads();
    float sum = 0.0f;
#pragma unroll
    for (int w = 0; w < kWarps; ++w)
        sum += shared.warps[w];
    return sum;
}

template <typename In, typename Out>
__global__ void __launch_bounds__(kThreads) forwardKernel(const NormForward p, const bool isAligned)
{
    GPU_SHARED(NormShared, shared);
    constexpr int kCount = kItems<In, Out>;
    const RowExtent extent = {p.width, isAligned};
    const int64_t row = static_cast<int64_t>(blockIdx.x) * p.width;
    const In* x = static_cast<const In*>(p.x) + row;
    const In* residual = p.residual ? static_cast<const In*>(p.residual) + row : nullptr;
    const int begin = static_cast<int>(threadIdx.x) * kCount;

    float squares = 0.0f;
    for (int first = begin; first < p.width; first += kThreads * kCount) {
        float items[kCount];
        loadItems(x, first, extent, items);
        if (residual) {
            float more[kCount];
            loadItems(residual, first, extent, more);
#pragma unroll
            for (int i = 0; i < kCount; ++i)
                items[i] = toFloat(fromFloat<In>(items[i] + more[i]));
            storeItems(static_cast<In*>(p.sum) + row, first, extent, items);
        }
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            squares = fmaf(items[i], items[i], squares);
    }
    const float mean = blockSum(shared, squares) / static_cast<float>(p.width);
    const float scale = 1.0f / sqrtf(mean + p.eps);
    if (threadIdx.x == 0)
        p.scale[blockIdx.x] = scale;

    for (int first = begin; first < p.width; first += kThreads * kCount) {
        float items[kCount];
        float weight[kCount];
        // Each thread reads back the sums that it wrote itself.
        if (residual)
            loadItems<kCount, false>(static_cast<const In*>(p.sum) + row, first, extent, items);
        else
            loadItems(x, first, extent, items);
        loadItems(p.weight, first, extent, weight);
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            items[i] *= scale * weight[i];
        storeItems(static_cast<Out*>(p.y) + row, first, extent, items);
    }
}

template <typename In, typename Out>
__global__ void __launch_bounds__(kThreads)
    inputGradientKernel(const NormBackward q, const bool isAligned)
{
    GPU_SHARED(NormShared, shared);
    constexpr int kCount = kItems<In, Out>;
    const RowExtent extent = {q.width, isAligned};
    const int64_t row = static_cast<int64_t>(blockIdx.x) * q.width;
    const In* sum = static_cast<const In*>(q.sum) + row;
    const Out* gradY = static_cast<const Out*>(q.gradY) + row;
    const int begin = static_cast<int>(threadIdx.x) * kCount;
    const float scale = q.scale[blockIdx.x];

    float product = 0.0f;
    for (int first = begin; first < q.width; first += kThreads * kCount) {
        float items[kCount];
        float gradient[kCount];
        float weight[kCount];
        loadItems(sum, first, extent, items);
        loadItems(gradY, first, extent, gradient);
        loadItems(q.weight, first, extent, weight);
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            product = fmaf(gradient[i] * weight[i], items[i], product);
    }
    product = blockSum(shared, product) * scale * scale / static_cast<float>(q.width);

    for (int first = begin; first < q.width; first += kThreads * kCount) {
        float items[kCount];
        float gradient[kCount];
        float weight[kCount];
        loadItems(sum, first, extent, items);
        loadItems(gradY, first, extent, gradient);
        loadItems(q.weight, first, extent, weight);
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            items[i] = scale * (gradient[i] * weight[i] - items[i] * product);
        if (q.gradSum) {
            loadItems(static_cast<const In*>(q.gradSum) + row, first, extent, gradient);
#pragma unroll
            for (int i = 0; i < kCount; ++i)
                items[i] += gradient[i];
        }
        storeItems(static_cast<In*>(q.gradX) + row, first, extent, items);
    }
}

template <typename In, typename Out>
__global__ void __launch_bounds__(kTileThreads)
    weightGradientKernel(const NormBackward q, const bool isAligned)
{
    constexpr int kCount = kItems<In, Out>;
    const RowExtent extent = {q.width, isAligned};
    const int first = static_cast<int>(blockIdx.y * kTileThreads + threadIdx.x) * kCount;
    if (first >= q.width)
        return;
    const int begin = static_cast<int>(blockIdx.x) * kTile;
    const int end = begin + kTile < q.rows ? begin + kTile : q.rows;
    float sums[kCount];
#pragma unroll
    for (int i = 0; i < kCount; ++i)
        sums[i] = 0.0f;
    for (int row = begin; row < end; ++row) {
        const int64_t at = static_cast<int64_t>(row) * q.width;
        const float scale = q.scale[row];
        float items[kCount];
        float gradient[kCount];
        loadItems(static_cast<const In*>(q.sum) + at, first, extent, items);
        loadItems(static_cast<const Out*>(q.gradY) + at, first, extent, gradient);
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            sums[i] = fmaf(gradient[i] * scale, items[i], sums[i]);
    }
    storeItems(q.gradWeight + static_cast<int64_t>(blockIdx.x) * q.width, first, extent, sums);
}

/// Calls `body` with the ElementType of x and that of y.
template <class Body>
void withNormTypes(NormElements elements, const Body& body)
{
    if (elements.x == elements.y)
        return withElementType(elements.x, [&](auto type) { body(type, type); });
    if (elements.x != Element::Float32)
        throw std::invalid_argument("CUDA norm: elements: wanted x and y alike, or x in float32");
    withElementType(elements.y, [&](auto type) { body(ElementType<float>(), type); });
}

void checkSizes(int rows, int width)
{
    checkRange("norm", "rows", rows, 1, kLargestInt - kTile);
    checkRange("norm", "width", width, 1, kLargestGridY * kTileThreads);
}

} // namespace

int normTileRows()
{
    return kTile;
}

int normTileCount(int rows)
{
    return tiles(rows);
}

void normForward(const NormForward& arguments, NormElements elements, CUstream_st* stream)
{
    const NormForward& p = arguments;
    checkSizes(p.rows, p.width);
    withNormTypes(elements, [&](auto in, auto out) {
        using In = typename decltype(in)::type;
        using Out = typename decltype(out)::type;
        const bool isAligned = p.width % kItems<In, Out> == 0 && startsPacket(p.x) &&
                               startsPacket(p.residual) && startsPacket(p.sum) &&
                               startsPacket(p.weight) && startsPacket(p.y);
        GPU_LAUNCH((forwardKernel<In, Out>), dim3(static_cast<unsigned>(p.rows)), dim3(kThreads),
                   stream, p, isAligned);
    });
}

void normBackward(const NormBackward& arguments, NormElements elements, CUstream_st* stream)
{
    const NormBackward& q = arguments;
    checkSizes(q.rows, q.width);
    withNormTypes(elements, [&](auto in, auto out) {
        using In = typename decltype(in)::type;
        using Out = typename decltype(out)::type;
        constexpr int kBlock = kTileThreads * kItems<In, Out>;
        const bool isAligned = q.width % kItems<In, Out> == 0 && startsPacket(q.sum) &&
                               startsPacket(q.weight) && startsPacket(q.gradY) &&
                               startsPacket(q.gradSum) && startsPacket(q.gradX) &&
                               startsPacket(q.gradWeight);
        GPU_LAUNCH((inputGradientKernel<In, Out>), dim3(static_cast<unsigned>(q.rows)),
                   dim3(kThreads), stream, q, isAligned);
        GPU_LAUNCH((weightGradientKernel<In, Out>),
                   dim3(static_cast<unsigned>(tiles(q.rows)),
                        static_cast<unsigned>((q.width + kBlock - 1) / kBlock)),
                   dim3(kTileThreads), stream, q, isAligned);
    });
}

} // namespace samba::kernels::gpu
