#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/common/gpu.h"

namespace samba::kernels::gpu {

__device__ __forceinline__ float toFloat(float value)
{
    return value;
}
__device__ __forceinline__ float toFloat(__half value)
{
    return __half2float(value);
}
__device__ __forceinline__ float toFloat(__nv_bfloat16 value)
{
    return __bfloat162float(value);
}

template <typename T>
__device__ __forceinline__ T fromFloat(float value);
template <>
__device__ __forceinline__ float fromFloat<float>(float value)
{
    return value;
}
template <>
__device__ __forceinline__ __half fromFloat<__half>(float value)
{
    return __float2half(value);
}
template <>
__device__ __forceinline__ __nv_bfloat16 fromFloat<__nv_bfloat16>(float value)
{
    return __float2bfloat16(value);
}

/// As many elements as one 16-byte access moves.
template <typename T>
union Packet {
    uint4 bits;
    T items[16 / sizeof(T)];

    __device__ __forceinline__ Packet() : bits() {}
};

/// A row of contiguous elements of which each thread reads and writes a few neighbours.
struct RowExtent {
    int length;     ///< elements of the row
    bool isAligned; ///< whether it starts at a multiple of 16 bytes
};

/// Reads items first .. first + kItems - 1 of a row; those past its end are 0.
/// @tparam kConstant  whether no thread of the kernel writes the row, so that it may be read
/// through
///                    the cache for constants.
template <int kItems, bool kConstant = true, typename T>
__device__ __forceinline__ void loadItems(const T* row, int first, RowExtent extent,
                                          float (&items)[kItems])
{
    constexpr int kPacket = 16 / sizeof(T);
    static_assert(kItems % kPacket == 0, "items fill whole packets");
    if (extent.isAligned && first + kItems <= extent.length) {
#pragma unroll
        for (int i = 0; i < kItems / kPacket; ++i) {
            Packet<T> packet;
            const uint4* from = reinterpret_cast<const uint4*>(row + first) + i;
            packet.bits = kConstant ? __ldg(from) : *from;
#pragma unroll
            for (int j = 0; j < kPacket; ++j)
                items[i * kPacket + j] = toFloat(packet.items[j]);
        }
    } else {
#pragma unroll
        for (int i = 0; i < kItems; ++i)
            items[i] = first + i < extent.length ? toFloat(row[first + i]) : 0.0f;
    }
}

/// Writes items first .. first + kItems - 1 of a row; those past its end are left out.
template <int kItems, typename T>
__device__ __forceinline__ void storeItems(T* row, int first, RowExtent extent,
                                           const float (&items)[kItems])
{
    constexpr int kPacket = 16 / sizeof(T);
    static_assert(kItems % kPacket == 0, "items fill whole packets");
    if (extent.isAligned && first + kItems <= extent.length) {
#pragma unroll
        for (int i = 0; i < kItems / kPacket; ++i) {
            Packet<T> packet;
#pragma unroll
            for (int j = 0; j < kPacket; ++j)
                packet.items[j] = fromFloat<T>(items[i * kPacket + j]);
            reinterpret_cast<uint4*>(row + first)[i] = packet.bits;
        }
    } else {
#pragma unroll
        for (int i = 0; i < kItems; ++i)
            if (first + i < extent.length)
                row[first + i] = fromFloat<T>(items[i]);
    }
}

} // namespace samba::kernels::gpu
