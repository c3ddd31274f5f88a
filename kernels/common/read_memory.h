#pragma once

#include <cstdint>

namespace samba::kernels {

/// Loads so many floats from memory by the widest vectors that the processor has, a part on each of
/// LibTorch's threads, and adds them up: as little work as reading can be. Thread: any.
/// @param count  a multiple of kReadBlock.
float readMemory(const float* from, int64_t count);

/// Floats that a thread reads at a time: 1 MB.
inline constexpr int64_t kReadBlock = int64_t{1} << 18;

} // namespace samba::kernels
