// The selective scan for CUDA: a block for each sequence and channel, a few neighbouring time steps
// for each thread. Each step of the recurrence is an affine map of the state; a chunk of them is
// composed by a scan over the block, one state after the other, and the state at its end is carried
// to the next.

#include "kernels/selective_scan/selective_scan_cuda.h"

#include "kernels/common/block_scan.cuh"
#include "kernels/common/gpu.h"
#include "kernels/common/gpu_launch.h"
#include "kernels/common/host_device.h"
#include "kernels/common/scalar_math.h"
#include "kernels/common/vector_io.cuh"

namespace samba::kernels::gpu {
namespace {

constexpr int kThreads = 128;
constexpr int kItems = 8;
constexpr int kChunk = kThreads * kItems;
constexpr int kWarps = kThreads / kWarpSize;
constexpr float kLog2e = 1.4426950408889634f;

using Scan = BlockScan<kThreads>;

/// Where a block's sequence and channel lie.
struct BlockPlace {
    int batch;
    int channel;
    int64_t row;    ///< first element of the channel's row in u
    int64_t group;  ///< first element of its group's rows in B
    int64_t states; ///< first element of its stored states
    int64_t state;  ///< first element of its initial and of its last state
    int chunks;
    float bias;
    float skip;
};

__device__ __forceinline__ BlockPlace blockPlace(const ScanForward& p)
{
    BlockPlace place;
    place.batch = static_cast<int>(blockIdx.x);
    place.channel = static_cast<int>(blockIdx.y);
    const int64_t rowIndex = static_cast<int64_t>(place.batch) * p.channels + place.channel;
    const int group = place.channel / (p.channels / p.groups);
    place.row = rowIndex * p.length;
    place.group = (static_cast<int64_t>(place.batch) * p.groups + group) * p.states * p.length;
    place.chunks = (p.length + kChunk - 1) / kChunk;
    place.states = rowIndex * place.chunks * p.states;
    place.state = rowIndex * p.states;
    place.bias = p.deltaBias ? p.deltaBias[place.channel] : 0.0f;
    place.skip = p.D ? p.D[place.channel] : 0.0f;
    return place;
}

/// Turns raw delta into step sizes. Steps past the end become 0, whose map is the identity.
__device__ __forceinline__ void toStepSizes(const ScanForward& p, float bias, int first,
                                            float (&delta)[kItems])
{
#pragma unroll
    for (int i = 0; i < kItems; ++i) {
        delta[i] += bias;
        if (p.deltaSoftplus)
            delta[i] = softplus(delta[i]);
        if (first + i >= p.length)
            delta[i] = 0.0f;
    }
}

__device__ __forceinline__ float initialState(const ScanForward& p, const BlockPlace& place, int n)
{
    return p.initialState ? p.initialState[place.state + n] : 0.0f;
}

struct ForwardShared {
    Scan::Shared scan;
    float carry[2][kMaxScanStates]; ///< by turns, so that no barrier is needed between chunks
};
static_assert(sizeof(ForwardShared) <= kSharedLimit, "shared memory of the forward kernel");

template <typename T>
__global__ void __launch_bounds__(kThreads) forwardKernel(const ScanForward p, const bool isAligned)
{
    GPU_SHARED(ForwardShared, shared);
    const BlockPlace place = blockPlace(p);
    const RowExtent extent = {p.length, isAligned};
    const T* B = static_cast<const T*>(p.B) + place.group;
    const T* C = static_cast<const T*>(p.C) + place.group;
    int turn = 0;

    for (int chunk = 0; chunk < place.chunks; ++chunk) {
        const int first = chunk * kChunk + static_cast<int>(threadIdx.x) * kItems;
        float u[kItems];
        float delta[kItems];
        float y[kItems];
        loadItems(static_cast<const T*>(p.u) + place.row, first, extent, u);
        loadItems(static_cast<const T*>(p.delta) + place.row, first, extent, delta);
        toStepSizes(p, place.bias, first, delta);
#pragma unroll
        for (int i = 0; i < kItems; ++i) {
            y[i] = place.skip * u[i];
            u[i] *= delta[i];
        }
        for (int n = 0; n < p.states; ++n, turn ^= 1) {
            const float rate = p.A[place.channel * p.states + n] * kLog2e;
            float a[kItems];
            float b[kItems];
            float c[kItems];
            loadItems(B + static_cast<int64_t>(n) * p.length, first, extent, b);
            loadItems(C + static_cast<int64_t>(n) * p.length, first, extent, c);
            Affine<float> mine = {1.0f, 0.0f};
            Affine<float> total;
#pragma unroll
            for (int i = 0; i < kItems; ++i) {
                a[i] = exp2f(delta[i] * rate);
                b[i] *= u[i];
                mine = after(Affine<float>{a[i], b[i]}, mine);
            }
            const Affine<float> before = Scan::exclusive<false>(shared.scan, turn, mine, total);
            const float carry = chunk > 0 ? shared.carry[chunk & 1][n] : initialState(p, place, n);
            float h = fmaf(before.a, carry, before.b);
#pragma unroll
            for (int i = 0; i < kItems; ++i) {
                h = fmaf(a[i], h, b[i]);
                y[i] = fmaf(c[i], h, y[i]);
            }
            if (threadIdx.x == 0) {
                const float end = fmaf(total.a, carry, total.b);
                shared.carry[~chunk & 1][n] = end;
                if (p.chunkStates)
                    p.chunkStates[place.states + static_cast<int64_t>(chunk) * p.states + n] = end;
            }
        }
        if (p.z) {
            float z[kItems];
            loadItems(static_cast<const T*>(p.z) + place.row, first, extent, z);
#pragma unroll
            for (int i = 0; i < kItems; ++i)
                y[i] *= silu(z[i]);
        }
        storeItems(static_cast<T*>(p.y) + place.row, first, extent, y);
    }
}

/// A gap of one float after every 32 keeps the blocked writes of a chunk to two-way bank conflicts.
SAMBA_HOST_DEVICE constexpr int padded(int index)
{
    return index + index / 32;
}

struct BackwardShared {
    Scan::Shared scan;
    Scan::Shared reverse;
    float carry[2][kMaxScanStates];
    float gradA[kWarps][kMaxScanStates];
    float gradB[padded(kChunk)];
    float gradC[padded(kChunk)];
    float sums[2][kWarps];
};
static_assert(sizeof(BackwardShared) <= kSharedLimit, "shared memory of the backward kernel");

template <typename T>
__global__ void __launch_bounds__(kThreads)
    backwardKernel(const ScanBackward q, const bool isAligned)
{
    GPU_SHARED(BackwardShared, shared);
    const ScanForward& p = q.forward;
    const BlockPlace place = blockPlace(p);
    const RowExtent extent = {p.length, isAligned};
    const int thread = static_cast<int>(threadIdx.x);
    const int lane = thread % kWarpSize;
    const int warp = thread / kWarpSize;
    const T* B = static_cast<const T*>(p.B) + place.group;
    const T* C = static_cast<const T*>(p.C) + place.group;
    const float* ends = p.chunkStates + place.states;
    float gradSkip = 0.0f;
    float gradBias = 0.0f;
    int turn = 0;
    for (int n = lane; n < p.states; n += kWarpSize)
        shared.gradA[warp][n] = 0.0f;

    for (int chunk = place.chunks - 1; chunk >= 0; --chunk) {
        const int first = chunk * kChunk + thread * kItems;
        float u[kItems];
        float delta[kItems];
        float gradY[kItems];
        float y[kItems];
        float gradU[kItems];
        float gradDelta[kItems];
        loadItems(static_cast<const T*>(p.u) + place.row, first, extent, u);
        loadItems(static_cast<const T*>(p.delta) + place.row, first, extent, delta);
        loadItems(static_cast<const T*>(q.gradY) + place.row, first, extent, gradY);
        toStepSizes(p, place.bias, first, delta);
        if (p.z) {
            float z[kItems];
            loadItems(static_cast<const T*>(p.z) + place.row, first, extent, z);
#pragma unroll
            for (int i = 0; i < kItems; ++i)
                gradY[i] *= silu(z[i]);
        }
#pragma unroll
        for (int i = 0; i < kItems; ++i) {
            y[i] = place.skip * u[i];
            gradU[i] = place.skip * gradY[i];
            gradDelta[i] = 0.0f;
            gradSkip = fmaf(gradY[i], u[i], gradSkip);
        }
        for (int n = 0; n < p.states; ++n, turn ^= 1) {
            const float A = p.A[place.channel * p.states + n];
            float a[kItems];
            float b[kItems];
            float c[kItems];
            float g[kItems];
            loadItems(B + static_cast<int64_t>(n) * p.length, first, extent, b);
            loadItems(C + static_cast<int64_t>(n) * p.length, first, extent, c);
            Affine<float> mine = {1.0f, 0.0f};
            Affine<float> back = {1.0f, 0.0f};
            Affine<float> total;
            Affine<float> backTotal;
#pragma unroll
            for (int i = 0; i < kItems; ++i) {
                a[i] = exp2f(delta[i] * (A * kLog2e));
                mine = after(Affine<float>{a[i], b[i] * u[i] * delta[i]}, mine);
            }
            // What step t passes back to step t - 1 is p[t] = a[t] (c[t] dy[t] + p[t + 1]).
#pragma unroll
            for (int i = kItems - 1; i >= 0; --i) {
                g[i] = c[i] * gradY[i];
                back = after(Affine<float>{a[i], a[i] * g[i]}, back);
            }
            const Affine<float> before = Scan::exclusive<false>(shared.scan, turn, mine, total);
            const Affine<float> behind =
                Scan::exclusive<true>(shared.reverse, turn, back, backTotal);
            const float start = chunk > 0 ? ends[static_cast<int64_t>(chunk - 1) * p.states + n]
                                          : initialState(p, place, n);
            const float carry = chunk < place.chunks - 1 ? shared.carry[chunk & 1][n]
                                : q.gradLastState        ? q.gradLastState[place.state + n]
                                                         : 0.0f;
            if (thread == 0) {
                const float passedOn = fmaf(backTotal.a, carry, backTotal.b);
                shared.carry[~chunk & 1][n] = passedOn;
                if (chunk == 0 && q.gradInitialState)
                    q.gradInitialState[place.state + n] = passedOn;
            }
            float passed = fmaf(behind.a, carry, behind.b);
#pragma unroll
            for (int i = kItems - 1; i >= 0; --i) {
                g[i] += passed; // now the gradient of the state
                passed = a[i] * g[i];
            }
            float h = fmaf(before.a, start, before.b);
            float gradA = 0.0f;
#pragma unroll
            for (int i = 0; i < kItems; ++i) {
                const float kept = a[i] * h;
                h = fmaf(b[i], u[i] * delta[i], kept);
                y[i] = fmaf(c[i], h, y[i]);
                gradU[i] = fmaf(g[i] * delta[i], b[i], gradU[i]);
                gradDelta[i] = fmaf(g[i], fmaf(A, kept, b[i] * u[i]), gradDelta[i]);
                gradA = fmaf(g[i] * delta[i], kept, gradA);
                // Eight neighbours never straddle a gap, so that padding their first is enough.
                shared.gradB[padded(thread * kItems) + i] = g[i] * delta[i] * u[i];
                shared.gradC[padded(thread * kItems) + i] = gradY[i] * h;
            }
            gradA = warpSum(gradA);
            if (lane == 0)
                shared.gradA[warp][n] += gradA;
            // From a few neighbours a thread to one in every kThreads, which memory prefers. The
            // next scan's barrier stands between these reads and the next writes.
            __syncthreads();
#pragma unroll
            for (int i = 0; i < kItems; ++i) {
                const int at = i * kThreads + thread;
                const int t = chunk * kChunk + at;
                if (t < p.length) {
                    const int64_t to = place.group + static_cast<int64_t>(n) * p.length + t;
                    atomicAdd(q.gradB + to, shared.gradB[padded(at)]);
                    atomicAdd(q.gradC + to, shared.gradC[padded(at)]);
                }
            }
        }
        if (p.z) {
            float z[kItems];
            float gradZ[kItems];
            loadItems(static_cast<const T*>(p.z) + place.row, first, extent, z);
            loadItems(static_cast<const T*>(q.gradY) + place.row, first, extent, gradZ);
#pragma unroll
            for (int i = 0; i < kItems; ++i)
                gradZ[i] *= y[i] * siluDerivative(z[i]);
            storeItems(static_cast<T*>(q.gradZ) + place.row, first, extent, gradZ);
        }
        if (p.deltaSoftplus) {
            float raw[kItems];
            loadItems(static_cast<const T*>(p.delta) + place.row, first, extent, raw);
#pragma unroll
            for (int i = 0; i < kItems; ++i)
                gradDelta[i] *= sigmoid(raw[i] + place.bias);
        }
#pragma unroll
        for (int i = 0; i < kItems; ++i)
            gradBias += first + i < p.length ? gradDelta[i] : 0.0f;
        storeItems(static_cast<T*>(q.gradU) + place.row, first, extent, gradU);
        storeItems(static_cast<T*>(q.gradDelta) + place.row, first, extent, gradDelta);
    }

    gradSkip = warpSum(gradSkip);
    gradBias = warpSum(gradBias);
    if (lane == 0) {
        shared.sums[0][warp] = gradSkip;
        shared.sums[1][warp] = gradBias;
    }
    __syncthreads();
    for (int n = thread; n < p.states; n += kThreads) {
        float sum = 0.0f;
#pragma unroll
        for (int w = 0; w < kWarps; ++w)
            sum += shared.gradA[w][n];
        atomicAdd(q.gradA + place.channel * p.states + n, sum);
    }
    if (thread < 2) {
        float* to = thread == 0 ? q.gradD : q.gradDeltaBias;
        float sum = 0.0f;
        for (int w = 0; w < kWarps; ++w)
            sum += shared.sums[thread][w];
        if (to)
            atomicAdd(to + place.channel, sum);
    }
}

/// Whether every row of the sequences starts at a multiple of 16 bytes.
template <typename T>
bool rowsArePackets(const ScanForward& p)
{
    return static_cast<size_t>(p.length) * sizeof(T) % 16 == 0 && startsPacket(p.u) &&
           startsPacket(p.delta) && startsPacket(p.z) && startsPacket(p.B) && startsPacket(p.C) &&
           startsPacket(p.y);
}

dim3 gridOf(const ScanForward& p)
{
    return dim3(static_cast<unsigned>(p.batch), static_cast<unsigned>(p.channels));
}

template <typename T>
void launchForward(const ScanForward& p, CUstream_st* stream)
{
    const bool isAligned = rowsArePackets<T>(p);
    GPU_LAUNCH((forwardKernel<T>), gridOf(p), dim3(kThreads), stream, p, isAligned);
}

template <typename T>
void launchBackward(const ScanBackward& q, CUstream_st* stream)
{
    const bool isAligned = rowsArePackets<T>(q.forward) && startsPacket(q.gradY) &&
                           startsPacket(q.gradU) && startsPacket(q.gradDelta) &&
                           startsPacket(q.gradZ);
    GPU_LAUNCH((backwardKernel<T>), gridOf(q.forward), dim3(kThreads), stream, q, isAligned);
}

void checkSizes(const ScanForward& p)
{
    constexpr const char* kOp = "scan";
    checkRange(kOp, "batch", p.batch, 1, kLargestInt);
    checkRange(kOp, "channels", p.channels, 1, kLargestGridY);
    checkRange(kOp, "groups", p.groups, 1, p.channels);
    checkRange(kOp, "channels left over by groups", p.channels % p.groups, 0, 0);
    checkRange(kOp, "states", p.states, 1, kMaxScanStates);
    checkRange(kOp, "length", p.length, 1, kLargestInt - kChunk);
}

} // namespace

int scanChunkSteps()
{
    return kChunk;
}

int scanChunkCount(int length)
{
    return (length + kChunk - 1) / kChunk;
}

void scanForward(const ScanForward& arguments, Element element, CUstream_st* stream)
{
    checkSizes(arguments);
    withElementType(element, [&](auto type) {
        launchForward<typename decltype(type)::type>(arguments, stream);
    });
}

void scanBackward(const ScanBackward& arguments, Element element, CUstream_st* stream)
{
    checkSizes(arguments.forward);
    withElementType(element, [&](auto type) {
        launchBackward<typename decltype(type)::type>(arguments, stream);
    });
}

} // namespace samba::kernels::gpu
