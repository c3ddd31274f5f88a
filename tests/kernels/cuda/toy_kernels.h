#pragma once

/// Kernels with and without mistakes, to test the emulator itself. Blocks have 64 threads.
namespace samba::test {

void runDivergentBarrier();
void runEarlyReturn();
void runMaskWithoutCaller();

/// Each thread reads what its neighbour has written and adds 1 to `seen` if it was there.
/// @param seen  how many threads saw it, an array of one.
void runNeighbours(bool hasBarrier, int* seen);

/// Two blocks add to one number, by atomic additions or not.
void runSumOfBlocks(bool isAtomic, float* sum);

/// Copies 64 numbers to every `stride`-th place.
void runStridedCopy(const float* from, float* to, int stride);

/// Threads write words of shared memory `stride` apart.
void runStridedShared(int stride, float* to);

} // namespace samba::test
