#include "tests/kernels/cuda/toy_kernels.h"

#include "kernels/common/gpu.h"

namespace samba::test {
namespace {

constexpr int kThreads = 64;

struct Words {
    float of[kThreads * 32];
};

__global__ void divergentBarrier()
{
    if (threadIdx.x < 32)
        __syncthreads();
    else
        __syncthreads();
}

__global__ void earlyReturn()
{
    if (threadIdx.x > 0)
        __syncthreads();
}

__global__ void maskWithoutCaller()
{
    __shfl_xor_sync(0xfffffffeu, 1.0f, 1);
}

__global__ void neighbours(bool hasBarrier, int* seen)
{
    GPU_SHARED(Words, words);
    words.of[threadIdx.x] = 1.0f;
    if (hasBarrier)
        __syncthreads();
    if (words.of[(threadIdx.x + 1) % kThreads] == 1.0f)
        atomicAdd(seen, 1);
}

__global__ void sumOfBlocks(bool isAtomic, float* sum)
{
    if (threadIdx.x != 0)
        return;
    if (isAtomic)
        atomicAdd(sum, 1.0f);
    else
        *sum += 1.0f;
}

__global__ void stridedCopy(const float* from, float* to, int stride)
{
    to[static_cast<int>(threadIdx.x) * stride] = from[threadIdx.x];
}

__global__ void stridedShared(int stride, float* to)
{
    GPU_SHARED(Words, words);
    words.of[static_cast<int>(threadIdx.x) * stride] = 1.0f;
    to[threadIdx.x] = words.of[static_cast<int>(threadIdx.x) * stride];
}

} // namespace

void runDivergentBarrier()
{
    GPU_LAUNCH(divergentBarrier, dim3(1), dim3(kThreads), nullptr);
}

void runEarlyReturn()
{
    GPU_LAUNCH(earlyReturn, dim3(1), dim3(kThreads), nullptr);
}

void runMaskWithoutCaller()
{
    GPU_LAUNCH(maskWithoutCaller, dim3(1), dim3(kThreads), nullptr);
}

void runNeighbours(bool hasBarrier, int* seen)
{
    GPU_LAUNCH(neighbours, dim3(1), dim3(kThreads), nullptr, hasBarrier, seen);
}

void runSumOfBlocks(bool isAtomic, float* sum)
{
    GPU_LAUNCH(sumOfBlocks, dim3(2), dim3(kThreads), nullptr, isAtomic, sum);
}

void runStridedCopy(const float* from, float* to, int stride)
{
    GPU_LAUNCH(stridedCopy, dim3(1), dim3(kThreads), nullptr, from, to, stride);
}

void runStridedShared(int stride, float* to)
{
    GPU_LAUNCH(stridedShared, dim3(1), dim3(kThreads), nullptr, stride, to);
}

} // namespace samba::test
