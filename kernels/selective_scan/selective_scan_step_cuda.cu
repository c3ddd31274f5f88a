// One time step of the selective scan for CUDA: a few lanes for each channel, a packet of
// neighbouring states for each lane.

#include "kernels/common/gpu.h"
#include "kernels/common/gpu_launch.h"
#include "kernels/common/scalar_math.h"
#include "kernels/common/vector_io.cuh"
#include "kernels/selective_scan/selective_scan_cuda.h"

namespace samba::kernels::gpu {
namespace {

constexpr int kThreads = 128;
constexpr int kLanes = 4; ///< threads of one channel
constexpr int kItems = 4; ///< states of one thread at a time
constexpr int kChannels = kThreads / kLanes;
constexpr float kLog2e = 1.4426950408889634f;

template <typename T>
__device__ __forceinline__ float valueAt(const ConstRows& rows, int batch, int column)
{
    return toFloat(static_cast<const T*>(rows.data)[batch * rows.batchStride + column]);
}

/// @param isAligned  whether rows of A and of the state start at a multiple of 16 bytes.
template <typename T>
__global__ void __launch_bounds__(kThreads) stepKernel(const ScanStep p, const bool isAligned)
{
    const int batch = static_cast<int>(blockIdx.y);
    const int part = static_cast<int>(threadIdx.x) % kLanes;
    const int wanted =
        static_cast<int>(blockIdx.x) * kChannels + static_cast<int>(threadIdx.x) / kLanes;
    // Lanes past the last channel have no states, but meet the others in the sum.
    const bool isInside = wanted < p.channels;
    const int channel = isInside ? wanted : p.channels - 1;
    const int states = isInside ? p.states : 0;
    const RowExtent extent = {states, isAligned};

    const float u = valueAt<T>(p.u, batch, channel);
    float delta = valueAt<T>(p.delta, batch, channel);
    if (p.deltaBias)
        delta += p.deltaBias[channel];
    if (p.deltaSoftplus)
        delta = softplus(delta);

    const T* B = static_cast<const T*>(p.B.data) + batch * p.B.batchStride;
    const T* C = static_cast<const T*>(p.C.data) + batch * p.C.batchStride;
    const float* A = p.A + static_cast<int64_t>(channel) * p.states;
    float* state = p.state + (static_cast<int64_t>(batch) * p.channels + channel) * p.states;
    float sum = 0.0f;
    for (int first = part * kItems; first < states; first += kLanes * kItems) {
        float a[kItems];
        float h[kItems];
        loadItems(A, first, extent, a);
        loadItems<kItems, false>(state, first, extent, h);
#pragma unroll
        for (int i = 0; i < kItems; ++i) {
            if (first + i < states) {
                h[i] =
                    fmaf(exp2f(delta * (a[i] * kLog2e)), h[i], delta * u * toFloat(B[first + i]));
                sum = fmaf(toFloat(C[first + i]), h[i], sum);
            }
        }
        storeItems(state, first, extent, h);
    }
#pragma unroll
    for (int bits = kLanes / 2; bits > 0; bits /= 2)
        sum += __shfl_xor_sync(kAllLanes, sum, bits);
    if (isInside && part == 0) {
        if (p.D)
            sum = fmaf(p.D[channel], u, sum);
        if (p.z.data)
            sum *= silu(valueAt<T>(p.z, batch, channel));
        static_cast<T*>(p.y)[static_cast<int64_t>(batch) * p.channels + channel] =
            fromFloat<T>(sum);
    }
}

} // namespace

void scanStep(const ScanStep& arguments, Element element, CUstream_st* stream)
{
    constexpr const char* kOp = "scan step";
    checkRange(kOp, "batch", arguments.batch, 1, kLargestGridY);
    checkRange(kOp, "channels", arguments.channels, 1, kLargestInt - kChannels);
    checkRange(kOp, "states", arguments.states, 1, kMaxScanStates);
    const bool isAligned = arguments.states % kItems == 0 && startsPacket(arguments.A) &&
                           startsPacket(arguments.state);
    const dim3 grid(static_cast<unsigned>((arguments.channels + kChannels - 1) / kChannels),
                    static_cast<unsigned>(arguments.batch));
    withElementType(element, [&](auto type) {
        GPU_LAUNCH((stepKernel<typename decltype(type)::type>), grid, dim3(kThreads), stream,
                   arguments, isAligned);
    });
}

} // namespace samba::kernels::gpu
