// The causal convolution for CUDA: a packet of neighbouring channels and a tile of time steps for
// each thread, which keeps the window in registers. Windows are padded to kTaps, a constant; taps
// beyond the width are left out one by one, so that what they would meet (NaN, say) has no effect.
// Everywhere here, tap j meets the input j steps back.

#include "kernels/causal_conv1d/causal_conv1d_cuda.h"

#include "kernels/common/gpu.h"
#include "kernels/common/gpu_launch.h"
#include "kernels/common/scalar_math.h"
#include "kernels/common/vector_io.cuh"

#include <type_traits>

namespace samba::kernels::gpu {
namespace {

constexpr int kThreads = 64;
constexpr int kTile = 64;

/// Channels of one thread: those of one 16-byte access.
template <typename T>
constexpr int kChannels = 16 / sizeof(T);

int tiles(int length)
{
    return (length + kTile - 1) / kTile;
}

/// The taps of a thread's channels, the current step's first.
template <int kTaps, int kCount>
struct Taps {
    float weight[kTaps][kCount];
    float bias[kCount];

    __device__ __forceinline__ Taps(const float* weights, const float* biases, int width, int first,
                                    RowExtent extent)
    {
#pragma unroll
        for (int j = 0; j < kTaps; ++j) {
            if (j < width) {
                const int64_t row = static_cast<int64_t>(width - 1 - j) * extent.length;
                loadItems(weights + row, first, extent, weight[j]);
            }
        }
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            bias[i] = 0.0f;
        if (biases)
            loadItems(biases, first, extent, bias);
    }
};

/// The last kRows rows of a thread's channels, the newest first.
template <int kRows, int kCount>
struct Window {
    float rows[kRows][kCount];

    __device__ __forceinline__ void clear()
    {
#pragma unroll
        for (int j = 0; j < kRows; ++j)
#pragma unroll
            for (int i = 0; i < kCount; ++i)
                rows[j][i] = 0.0f;
    }

    __device__ __forceinline__ void push(const float (&newest)[kCount])
    {
#pragma unroll
        for (int j = kRows - 1; j > 0; --j)
#pragma unroll
            for (int i = 0; i < kCount; ++i)
                rows[j][i] = rows[j - 1][i];
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            rows[0][i] = newest[i];
    }
};

/// Which rows start at a multiple of 16 bytes.
struct ConvAlignment {
    bool x;
    bool gradY;
    bool stored;     ///< contiguous rows of elements
    bool parameters; ///< contiguous rows of float
};

/// The inputs of step `t`, which may be one of the initial state's.
template <typename T, int kCount>
__device__ __forceinline__ void loadInput(const ConvForward& p, int batch, int t, int first,
                                          ConvAlignment isAligned, float (&items)[kCount])
{
    if (t >= 0) {
        const T* row =
            static_cast<const T*>(p.x.data) + batch * p.x.batchStride + t * p.x.rowStride;
        loadItems(row, first, RowExtent{p.channels, isAligned.x}, items);
        return;
    }
    const int stateRow = p.width - 1 + t;
    if (p.initialState && stateRow >= 0) {
        const int64_t row = static_cast<int64_t>(batch) * (p.width - 1) + stateRow;
        loadItems(p.initialState + row * p.channels, first,
                  RowExtent{p.channels, isAligned.parameters}, items);
        return;
    }
#pragma unroll
    for (int i = 0; i < kCount; ++i)
        items[i] = 0.0f;
}

/// bias + sum over the window, before the activation.
template <int kTaps, int kCount>
__device__ __forceinline__ void convolve(const Taps<kTaps, kCount>& taps,
                                         const Window<kTaps, kCount>& window, int width,
                                         float (&sums)[kCount])
{
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        sums[i] = taps.bias[i];
#pragma unroll
        for (int j = kTaps - 1; j >= 0; --j)
            if (j < width)
                sums[i] = fmaf(taps.weight[j][i], window.rows[j][i], sums[i]);
    }
}

template <typename T, int kTaps>
__global__ void __launch_bounds__(kThreads)
    forwardKernel(const ConvForward p, const ConvAlignment isAligned)
{
    constexpr int kCount = kChannels<T>;
    const int first = static_cast<int>(blockIdx.y * kThreads + threadIdx.x) * kCount;
    if (first >= p.channels)
        return;
    const int tileCount = (p.length + kTile - 1) / kTile;
    const int batch = static_cast<int>(blockIdx.x) / tileCount;
    const int begin = static_cast<int>(blockIdx.x) % tileCount * kTile;
    const int end = begin + kTile < p.length ? begin + kTile : p.length;
    const Taps<kTaps, kCount> taps(p.weight, p.bias, p.width, first,
                                   RowExtent{p.channels, isAligned.parameters});
    T* y = static_cast<T*>(p.y) + static_cast<int64_t>(batch) * p.length * p.channels;

    Window<kTaps, kCount> window;
    window.clear();
    float items[kCount];
    for (int t = begin - (p.width - 1); t < begin; ++t) {
        loadInput<T>(p, batch, t, first, isAligned, items);
        window.push(items);
    }
    for (int t = begin; t < end; ++t) {
        loadInput<T>(p, batch, t, first, isAligned, items);
        window.push(items);
        convolve(taps, window, p.width, items);
        if (p.silu) {
#pragma unroll
            for (int i = 0; i < kCount; ++i)
                items[i] = silu(items[i]);
        }
        storeItems(y + static_cast<int64_t>(t) * p.channels, first,
                   RowExtent{p.channels, isAligned.stored}, items);
    }
}

/// Writes the gradient of the input of step `s`, which lies in the initial state if negative.
/// @param window  the gradients of the sums that read it; the last row is that of step `s` itself.
template <typename T, int kTaps, int kCount>
__device__ __forceinline__ void storeInputGradient(const ConvBackward& q,
                                                   const Taps<kTaps, kCount>& taps,
                                                   const Window<kTaps, kCount>& window, int batch,
                                                   int s, int first, ConvAlignment isAligned)
{
    const ConvForward& p = q.forward;
    const RowExtent parameters = {p.channels, isAligned.parameters};
    float gradient[kCount];
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        gradient[i] = 0.0f;
#pragma unroll
        for (int j = 0; j < kTaps; ++j)
            if (j < p.width)
                gradient[i] = fmaf(taps.weight[j][i], window.rows[kTaps - 1 - j][i], gradient[i]);
    }
    // The last width - 1 inputs are the final state, too.
    const int finalRow = s - (p.length - (p.width - 1));
    const int64_t stateRows = static_cast<int64_t>(batch) * (p.width - 1);
    if (q.gradFinalState && finalRow >= 0) {
        float passed[kCount];
        loadItems(q.gradFinalState + (stateRows + finalRow) * p.channels, first, parameters,
                  passed);
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            gradient[i] += passed[i];
    }
    if (s >= 0) {
        T* row =
            static_cast<T*>(q.gradX) + (static_cast<int64_t>(batch) * p.length + s) * p.channels;
        storeItems(row, first, RowExtent{p.channels, isAligned.stored}, gradient);
    } else if (q.gradInitialState) {
        storeItems(q.gradInitialState + (stateRows + p.width - 1 + s) * p.channels, first,
                   parameters, gradient);
    }
}

template <typename T, int kTaps>
__global__ void __launch_bounds__(kThreads)
    backwardKernel(const ConvBackward q, const ConvAlignment isAligned)
{
    constexpr int kCount = kChannels<T>;
    const ConvForward& p = q.forward;
    const int first = static_cast<int>(blockIdx.y * kThreads + threadIdx.x) * kCount;
    if (first >= p.channels)
        return;
    const int tileCount = (p.length + kTile - 1) / kTile;
    const int batch = static_cast<int>(blockIdx.x) / tileCount;
    const int begin = static_cast<int>(blockIdx.x) % tileCount * kTile;
    const int end = begin + kTile < p.length ? begin + kTile : p.length;
    const RowExtent parameters = {p.channels, isAligned.parameters};
    const Taps<kTaps, kCount> taps(p.weight, p.bias, p.width, first, parameters);

    Window<kTaps, kCount> inputs;
    Window<kTaps, kCount> gradients; // of the sums before the activation
    float gradWeight[kTaps][kCount];
    float gradBias[kCount];
    inputs.clear();
    gradients.clear();
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
        gradBias[i] = 0.0f;
#pragma unroll
        for (int j = 0; j < kTaps; ++j)
            gradWeight[j][i] = 0.0f;
    }
    float items[kCount];
    for (int t = begin - (p.width - 1); t < begin; ++t) {
        loadInput<T>(p, batch, t, first, isAligned, items);
        inputs.push(items);
    }
    // The gradient of an input is complete kTaps - 1 steps later. Before the first tile lie the
    // inputs of the initial state.
    const int firstInput = begin == 0 ? -(p.width - 1) : begin;
    for (int t = begin; t < end + kTaps - 1; ++t) {
        float gradient[kCount];
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            gradient[i] = 0.0f;
        if (t < p.length) {
            const T* row = static_cast<const T*>(q.gradY.data) + batch * q.gradY.batchStride +
                           t * q.gradY.rowStride;
            loadInput<T>(p, batch, t, first, isAligned, items);
            inputs.push(items);
            loadItems(row, first, RowExtent{p.channels, isAligned.gradY}, gradient);
            if (p.silu) {
                convolve(taps, inputs, p.width, items);
#pragma unroll
                for (int i = 0; i < kCount; ++i)
                    gradient[i] *= siluDerivative(items[i]);
            }
        }
        gradients.push(gradient);
        if (t < end) {
#pragma unroll
            for (int i = 0; i < kCount; ++i) {
                gradBias[i] += gradient[i];
#pragma unroll
                for (int j = 0; j < kTaps; ++j)
                    if (j < p.width)
                        gradWeight[j][i] = fmaf(gradient[i], inputs.rows[j][i], gradWeight[j][i]);
            }
        }
        const int s = t - (kTaps - 1);
        if (s >= firstInput)
            storeInputGradient<T>(q, taps, gradients, batch, s, first, isAligned);
    }

    float* sums = q.gradWeight + static_cast<int64_t>(blockIdx.x) * (p.width + 1) * p.channels;
#pragma unroll
    for (int j = 0; j < kTaps; ++j)
        if (j < p.width)
            storeItems(sums + static_cast<int64_t>(p.width - 1 - j) * p.channels, first, parameters,
                       gradWeight[j]);
    storeItems(sums + static_cast<int64_t>(p.width) * p.channels, first, parameters, gradBias);
}

template <typename T>
__global__ void __launch_bounds__(kThreads)
    stepKernel(const ConvStep p, const ConvAlignment isAligned)
{
    constexpr int kCount = kChannels<T>;
    const int first = static_cast<int>(blockIdx.x * kThreads + threadIdx.x) * kCount;
    if (first >= p.channels)
        return;
    const int batch = static_cast<int>(blockIdx.y);
    const RowExtent parameters = {p.channels, isAligned.parameters};
    float* state = p.state + static_cast<int64_t>(batch) * (p.width - 1) * p.channels;
    float sums[kCount];
    float weight[kCount];
    float items[kCount];
#pragma unroll
    for (int i = 0; i < kCount; ++i)
        sums[i] = 0.0f;
    if (p.bias)
        loadItems(p.bias, first, parameters, sums);
    for (int k = 0; k < p.width; ++k) {
        loadItems(p.weight + static_cast<int64_t>(k) * p.channels, first, parameters, weight);
        if (k < p.width - 1)
            loadItems<kCount, false>(state + static_cast<int64_t>(k) * p.channels, first,
                                     parameters, items);
        else
            loadItems(static_cast<const T*>(p.x.data) + batch * p.x.batchStride, first,
                      RowExtent{p.channels, isAligned.x}, items);
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            sums[i] = fmaf(weight[i], items[i], sums[i]);
        if (k > 0)
            storeItems(state + static_cast<int64_t>(k - 1) * p.channels, first, parameters, items);
    }
    if (p.silu) {
#pragma unroll
        for (int i = 0; i < kCount; ++i)
            sums[i] = silu(sums[i]);
    }
    storeItems(static_cast<T*>(p.y) + static_cast<int64_t>(batch) * p.channels, first,
               RowExtent{p.channels, isAligned.stored}, sums);
}

void checkSizes(const char* op, int64_t batch, int64_t channels, int64_t width)
{
    checkRange(op, "batch", batch, 1, kLargestInt);
    checkRange(op, "channels", channels, 1, kLargestGridY * kThreads);
    checkRange(op, "width", width, 2, kMaxConvTaps);
}

void checkSizes(const ConvForward& p)
{
    constexpr const char* kOp = "convolution";
    checkSizes(kOp, p.batch, p.channels, p.width);
    checkRange(kOp, "length", p.length, 1, kLargestInt - kTile - kMaxConvTaps);
    checkRange(kOp, "batch times length", static_cast<int64_t>(p.batch) * tiles(p.length), 1,
               kLargestInt);
}

template <typename T>
unsigned channelBlocks(int channels)
{
    constexpr int kBlock = kThreads * kChannels<T>;
    return static_cast<unsigned>((channels + kBlock - 1) / kBlock);
}

template <typename T>
dim3 gridOf(const ConvForward& p)
{
    return dim3(static_cast<unsigned>(p.batch * tiles(p.length)), channelBlocks<T>(p.channels));
}

template <typename T>
ConvAlignment alignmentOf(const ConvForward& p)
{
    const bool isWhole = p.channels % kChannels<T> == 0;
    return {isWhole && startPackets(p.x, sizeof(T)), false, isWhole && startsPacket(p.y),
            p.channels % 4 == 0 && startsPacket(p.weight) && startsPacket(p.bias) &&
                startsPacket(p.initialState)};
}

/// Calls `body` with the number of taps that kernels are compiled for, as a constant.
template <class Body>
void withTaps(int width, const Body& body)
{
    if (width <= 4)
        body(std::integral_constant<int, 4>());
    else
        body(std::integral_constant<int, kMaxConvTaps>());
}

} // namespace

int convTileSteps()
{
    return kTile;
}

int convTileCount(int length)
{
    return tiles(length);
}

void convForward(const ConvForward& arguments, Element element, CUstream_st* stream)
{
    checkSizes(arguments);
    withElementType(element, [&](auto type) {
        using T = typename decltype(type)::type;
        withTaps(arguments.width, [&](auto taps) {
            constexpr int kTaps = decltype(taps)::value;
            GPU_LAUNCH((forwardKernel<T, kTaps>), gridOf<T>(arguments), dim3(kThreads), stream,
                       arguments, alignmentOf<T>(arguments));
        });
    });
}

void convBackward(const ConvBackward& arguments, Element element, CUstream_st* stream)
{
    const ConvForward& p = arguments.forward;
    checkSizes(p);
    withElementType(element, [&](auto type) {
        using T = typename decltype(type)::type;
        ConvAlignment isAligned = alignmentOf<T>(p);
        const bool isWhole = p.channels % kChannels<T> == 0;
        isAligned.gradY = isWhole && startPackets(arguments.gradY, sizeof(T));
        isAligned.stored = isWhole && startsPacket(arguments.gradX);
        isAligned.parameters = isAligned.parameters && startsPacket(arguments.gradFinalState) &&
                               startsPacket(arguments.gradInitialState) &&
                               startsPacket(arguments.gradWeight);
        withTaps(p.width, [&](auto taps) {
            constexpr int kTaps = decltype(taps)::value;
            GPU_LAUNCH((backwardKernel<T, kTaps>), gridOf<T>(p), dim3(kThreads), stream, arguments,
                       isAligned);
        });
    });
}

void convStep(const ConvStep& arguments, Element element, CUstream_st* stream)
{
    constexpr const char* kOp = "convolution step";
    checkSizes(kOp, arguments.batch, arguments.channels, arguments.width);
    checkRange(kOp, "batch", arguments.batch, 1, kLargestGridY);
    withElementType(element, [&](auto type) {
        using T = typename decltype(type)::type;
        const bool isWhole = arguments.channels % kChannels<T> == 0;
        const ConvAlignment isAligned = {
            isWhole && startPackets(arguments.x, sizeof(T)), false,
            isWhole && startsPacket(arguments.y),
            arguments.channels % 4 == 0 && startsPacket(arguments.weight) &&
                startsPacket(arguments.bias) && startsPacket(arguments.state)};
        GPU_LAUNCH(
            (stepKernel<T>),
            dim3(channelBlocks<T>(arguments.channels), static_cast<unsigned>(arguments.batch)),
            dim3(kThreads), stream, arguments, isAligned);
    });
}

} // namespace samba::kernels::gpu
