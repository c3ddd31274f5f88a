// Runs CUDA kernels on the CPU, for tests: a fiber for each thread of a block, one block at a time.
// x86-64.
//
// A kernel source is compiled as C++ with this header included before everything else:
//     g++ -x c++ -include cuda_emulator.h -fno-strict-aliasing kernel.cu
// CUDA's own headers supply vector types, half and bfloat16, rounding included.
//
// Found: wrong values, also those of one order of threads only; shared memory and buffers read
// before they are written (both start as NaN); barriers and shuffles met at different places, by a
// part of the threads or outside their mask; waits without end. With AddressSanitizer: accesses out
// of bounds, since buffers have their exact size. With memory_trace.h: data races and the cost of
// memory accesses. Not found: the accuracy of a GPU's own exp and log, launch limits, weak memory
// order, speed.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "tests/kernels/cuda/memory_trace.h"

namespace samba::emu {

/// What a kernel did wrong, in one sentence.
class KernelError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How the threads of a block take turns between waits. A right kernel gives one answer under all.
enum class Order { Forward, Reverse, Random };

/// The order of the launches that follow; Random draws from `seed`.
void setOrder(Order order, std::uint64_t seed = 1);

/// A place in a source at which threads wait for each other.
struct Site {
    const char* what;
    const char* file;
    int line;
};

/// Position of the thread and block that run now.
const uint3& currentThread();
const uint3& currentBlock();

/// Where the running thread is in the order of things, for the memory trace.
struct ThreadPosition {
    unsigned block;    ///< serial number, different for any two blocks
    unsigned rank;     ///< of the thread in its block
    unsigned barriers; ///< barriers of the block passed so far
};

/// The running thread, or false if none runs.
bool currentPosition(ThreadPosition& position);

/// Runs `body` once for every thread of every block.
/// @throws KernelError  if the threads do not meet as CUDA demands.
void run(dim3 grid, dim3 block, const std::function<void()>& body);

/// The shared memory of the current block that belongs to `key`; NaN when first asked for.
void* sharedMemory(const void* key, std::size_t bytes);

/// Waits for all threads of the block.
void waitForBlock(const Site& site);

/// Exchanges up to 8 bytes: `value` becomes what lane `source` of the warp passed in this call.
void exchange(const Site& site, unsigned mask, void* value, std::size_t bytes, unsigned source);

/// Index of the current thread in its warp.
unsigned currentLane();

/// Device memory: of exactly the size asked for, full of NaN, at a multiple of 16 bytes.
template <typename T>
class Buffer {
public:
    /// @param name  for messages, a literal.
    Buffer(std::size_t count, const char* name) : m_values(new T[count]), m_count(count)
    {
        std::memset(static_cast<void*>(m_values.get()), 0xff, count * sizeof(T));
        track(m_values.get(), count * sizeof(T), name);
    }
    ~Buffer() { untrack(m_values.get()); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    T* data() { return m_values.get(); }
    std::size_t size() const { return m_count; }
    T& operator[](std::size_t i) { return m_values[i]; }

private:
    std::unique_ptr<T[]> m_values;
    std::size_t m_count;
};

template <typename T>
T shuffle(const Site& site, unsigned mask, T value, unsigned source)
{
    static_assert(std::is_arithmetic_v<T>, "nvcc has no shuffle of this type");
    exchange(site, mask, &value, sizeof value, source);
    return value;
}

template <typename T>
T shuffleUp(const Site& site, unsigned mask, T value, unsigned by)
{
    const unsigned lane = currentLane();
    return shuffle(site, mask, value, lane >= by ? lane - by : lane);
}

template <typename T>
T shuffleDown(const Site& site, unsigned mask, T value, unsigned by)
{
    const unsigned lane = currentLane();
    return shuffle(site, mask, value, lane + by < 32 ? lane + by : lane);
}

template <typename T>
T shuffleXor(const Site& site, unsigned mask, T value, unsigned bits)
{
    return shuffle(site, mask, value, currentLane() ^ bits);
}

/// One object for each type, hence the rule of one shared variable in a kernel.
template <typename T>
T& shared()
{
    static const char key = 0;
    return *static_cast<T*>(sharedMemory(&key, sizeof(T)));
}

} // namespace samba::emu

#define GPU_SHARED(type, name) type& name = samba::emu::shared<type>()
#define GPU_LAUNCH(kernel, grid, block, stream, ...)                                               \
    do {                                                                                           \
        static_cast<void>(stream);                                                                 \
        samba::emu::run(grid, block, [&] { kernel(__VA_ARGS__); });                                \
    } while (false)

// Names that nvcc knows by itself.
#define SAMBA_EMU_SITE(what) (samba::emu::Site{what, __FILE__, __LINE__})
#define threadIdx (samba::emu::currentThread())
#define blockIdx (samba::emu::currentBlock())
#define __syncthreads() samba::emu::waitForBlock(SAMBA_EMU_SITE("__syncthreads"))
#define __shfl_up_sync(...) samba::emu::shuffleUp(SAMBA_EMU_SITE("__shfl_up_sync"), __VA_ARGS__)
#define __shfl_down_sync(...)                                                                      \
    samba::emu::shuffleDown(SAMBA_EMU_SITE("__shfl_down_sync"), __VA_ARGS__)
#define __shfl_xor_sync(...) samba::emu::shuffleXor(SAMBA_EMU_SITE("__shfl_xor_sync"), __VA_ARGS__)
#undef __launch_bounds__
#define __launch_bounds__(...)
#undef __forceinline__
#define __forceinline__ inline

// These two tell the trace themselves: the compiler might show it a 16-byte load as two, and an
// atomic addition as a load and a store.
template <typename T>
SAMBA_EMU_NOT_TRACED T __ldg(const T* from)
{
    samba::emu::noteAccess(from, sizeof(T), samba::emu::Access::Read, __builtin_return_address(0));
    return *from;
}

template <typename T>
SAMBA_EMU_NOT_TRACED T atomicAdd(T* to, T value)
{
    samba::emu::noteAccess(to, sizeof(T), samba::emu::Access::Atomic, __builtin_return_address(0));
    const T before = *to;
    *to = before + value;
    return before;
}
