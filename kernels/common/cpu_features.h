#pragma once

namespace samba::kernels {

/// Whether matrix products in bfloat16 have instructions of their own here; without them they are
/// slower than in float32. Thread: any.
inline bool hasBFloat16Products()
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") != 0; // every processor with AMX has it too
#else
    return false;
#endif
}

} // namespace samba::kernels
