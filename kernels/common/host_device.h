#pragma once

/// Marks functions of plain numbers that both processors run. Nothing where no CUDA compiler is at
/// work.
#ifdef __CUDACC__
#define SAMBA_HOST_DEVICE __host__ __device__ __forceinline__
#else
#define SAMBA_HOST_DEVICE inline
#endif
