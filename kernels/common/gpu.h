#pragma once

/// What every CUDA source includes. Two constructs of CUDA have no spelling in C++; sources use
/// macros for them, so that the same file also runs on the CPU for tests:
///
/// - `GPU_SHARED(Type, name)` for `__shared__ Type name`, at most one in a kernel;
/// - `GPU_LAUNCH(kernel, grid, block, stream, arguments...)` for
///   `kernel<<<grid, block, 0, stream>>>(arguments...)`; throws std::runtime_error if the launch
///   is refused.
///
/// The emulator of the tests is included before this header and defines both.
#ifndef GPU_LAUNCH

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace samba::kernels::gpu {

/// Throws std::runtime_error if the launch just made was refused.
inline void checkLaunch(const char* kernel)
{
    const cudaError_t error = cudaGetLastError();
    if (error != cudaSuccess)
        throw std::runtime_error(std::string("launch of ") + kernel + ": " +
                                 cudaGetErrorString(error));
}

} // namespace samba::kernels::gpu

#define GPU_SHARED(type, name) __shared__ type name
#define GPU_LAUNCH(kernel, grid, block, stream, ...)                                               \
    do {                                                                                           \
        kernel<<<grid, block, 0, stream>>>(__VA_ARGS__);                                           \
        ::samba::kernels::gpu::checkLaunch(#kernel);                                               \
    } while (false)

#endif

namespace samba::kernels::gpu {

inline constexpr unsigned kAllLanes = 0xffffffffu;
inline constexpr int kWarpSize = 32;
/// Static shared memory that every device grants a block.
inline constexpr int kSharedLimit = 48 * 1024;

/// The sum over the lanes of a warp, in every lane.
__device__ __forceinline__ float warpSum(float value)
{
#pragma unroll
    for (int bits = kWarpSize / 2; bits > 0; bits /= 2)
        value += __shfl_xor_sync(kAllLanes, value, bits);
    return value;
}

} // namespace samba::kernels::gpu
