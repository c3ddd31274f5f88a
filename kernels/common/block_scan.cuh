#pragma once

#include "kernels/common/affine.h"
#include "kernels/common/gpu.h"

namespace samba::kernels::gpu {

/// Composes one affine map per thread over a block, in thread order or, reversed, from the last
/// thread down. Two calls in a row need no barrier between them as long as their `turn` differs.
template <int kThreads>
struct BlockScan {
    static constexpr int kWarps = kThreads / kWarpSize;
    static_assert(kThreads % kWarpSize == 0, "a block is made of whole warps");

    struct Shared {
        Affine<float> warps[2][kWarps];
    };

    /// The composition of all maps before this thread's; `total` becomes that of all.
    template <bool kReverse>
    static __device__ __forceinline__ Affine<float>
    exclusive(Shared& shared, int turn, Affine<float> mine, Affine<float>& total)
    {
        const int lane = threadIdx.x % kWarpSize;
        const int warp = threadIdx.x / kWarpSize;
        const int firstLane = kReverse ? kWarpSize - 1 : 0;
        const int lastLane = kWarpSize - 1 - firstLane;
        Affine<float> sum = mine;
#pragma unroll
        for (int step = 1; step < kWarpSize; step *= 2) {
            const Affine<float> other = neighbour<kReverse>(sum, step);
            if (kReverse ? lane + step < kWarpSize : lane >= step)
                sum = after(sum, other);
        }
        if (lane == lastLane)
            shared.warps[turn][warp] = sum;
        Affine<float> before = neighbour<kReverse>(sum, 1);
        if (lane == firstLane)
            before = {1.0f, 0.0f};
        __syncthreads();
        Affine<float> earlierWarps = {1.0f, 0.0f};
        total = {1.0f, 0.0f};
#pragma unroll
        for (int i = 0; i < kWarps; ++i) {
            const int w = kReverse ? kWarps - 1 - i : i;
            if (w == warp)
                earlierWarps = total;
            total = after(shared.warps[turn][w], total);
        }
        return after(before, earlierWarps);
    }

private:
    /// The value of the lane `step` places earlier in the order of the scan.
    template <bool kReverse>
    static __device__ __forceinline__ Affine<float> neighbour(Affine<float> value, int step)
    {
        if (kReverse)
            return {__shfl_down_sync(kAllLanes, value.a, step),
                    __shfl_down_sync(kAllLanes, value.b, step)};
        return {__shfl_up_sync(kAllLanes, value.a, step), __shfl_up_sync(kAllLanes, value.b, step)};
    }
};

} // namespace samba::kernels::gpu
