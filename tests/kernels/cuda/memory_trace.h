// What emulated kernels do to memory: data races, and how many pieces of memory each access of a
// warp moves. Only in programs of the "races" build, whose kernels are compiled with
// -fsanitize=thread and linked without its library: the compiler then calls the functions of
// memory_trace.cpp at every load and store. Elsewhere memory_trace_off.cpp takes its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#ifdef __SANITIZE_THREAD__
#define SAMBA_EMU_NOT_TRACED __attribute__((noinline, no_sanitize("thread")))
#else
#define SAMBA_EMU_NOT_TRACED inline
#endif

namespace samba::emu {

/// The name of every block's shared memory.
inline constexpr const char* kSharedMemory = "shared memory";

enum class Access { Read, Write, Atomic };

/// Whether this program traces memory.
bool isTracing();

/// Accesses to [memory, memory + bytes) are followed from now on.
void track(const void* memory, std::size_t bytes, const char* name);
void untrack(const void* memory);

/// The running thread accesses memory from the instruction before `instruction`.
void noteAccess(const void* memory, std::size_t bytes, Access access, const void* instruction);

/// Accesses of different launches cannot race. Called by the emulator.
void startLaunch();

/// Adds up what the warps of a block have accessed. Called by the emulator at its end.
void settleBlock();

/// What the accesses of one instruction to one buffer cost, over all warps.
struct TrafficSummary {
    std::string buffer;
    std::string place; ///< source line, "" if unknown
    Access access = Access::Read;
    std::size_t width = 0;      ///< bytes of one lane
    std::uint64_t requests = 0; ///< of whole warps
    std::uint64_t sectors = 0;  ///< 32-byte pieces of global memory moved
    std::uint64_t fewest = 0;   ///< pieces that would have held the same bytes
    std::uint64_t ways = 0;     ///< shared memory: words that the busiest bank had to give
};

/// Takes the data races found so far, each pair of instructions once, as sentences.
std::vector<std::string> takeRaces();

/// Takes the traffic counted so far.
std::vector<TrafficSummary> takeTraffic();

} // namespace samba::emu
