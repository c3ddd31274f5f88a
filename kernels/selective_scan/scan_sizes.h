#pragma once

#include <cstdint>

/// How the CPU bodies of the selective scan divide their work, which decides what they store.
namespace samba::kernels {

/// Time steps between two stored states; what lies between is computed again in backward.
inline constexpr int64_t kScanChunk = 16;
/// Channels worked off together; storage of states is padded to a multiple.
inline constexpr int64_t kScanForwardChannels = 64;
/// Channels over which one task of the backward pass sums the gradients of B and C.
inline constexpr int64_t kScanBackwardChannels = 128;

/// Number of chunks of a sequence.
inline int64_t scanChunks(int64_t length)
{
    return (length + kScanChunk - 1) / kScanChunk;
}

/// Channels rounded up to whole tasks of either pass.
inline int64_t scanPaddedChannels(int64_t channels)
{
    return (channels + kScanBackwardChannels - 1) / kScanBackwardChannels * kScanBackwardChannels;
}

} // namespace samba::kernels
