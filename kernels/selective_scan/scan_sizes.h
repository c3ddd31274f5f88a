#pragma once

#include <cstdint>

/// How the CPU bodies of the selective scan divide their work, which decides what they store.
namespace samba::kernels {

/// Time steps between two stored states; what lies between is computed again in backward.
inline constexpr int64_t kScanChunk = 16;
/// Channels worked off together, over which the backward pass sums the gradients of B and C; storage
/// of states is padded to a multiple.
inline constexpr int64_t kScanGroupChannels = 128;

/// Number of chunks of a sequence.
inline int64_t scanChunks(int64_t length)
{
    return (length + kScanChunk - 1) / kScanChunk;
}

/// Number of groups of channels.
inline int64_t scanGroups(int64_t channels)
{
    return (channels + kScanGroupChannels - 1) / kScanGroupChannels;
}

/// Channels rounded up to whole groups.
inline int64_t scanPaddedChannels(int64_t channels)
{
    return scanGroups(channels) * kScanGroupChannels;
}

} // namespace samba::kernels
