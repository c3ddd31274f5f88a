#pragma once

#include <array>
#include <cstdint>

namespace samba {

/// A pseudo-random order of the numbers 0 ... count - 1 that is computed place by place, in
/// constant memory.
///
/// A balanced Feistel network permutes the smallest range of 4^k numbers that holds `count` (Luby
/// and Rackoff 1988); a result beyond `count` is sent through again until it lies below ("cycle
/// walking", Black and Rogaway 2002), fewer than four times on average. Immutable. Thread: any.
class Permutation {
public:
    /// @param count  how many numbers, >= 1.
    /// @param key    decides the order.
    Permutation(uint64_t count, uint64_t key);

    /// The number at a place, place < count. Each number has exactly one place.
    uint64_t at(uint64_t place) const;

private:
    uint64_t encipher(uint64_t value) const;

    uint64_t m_count;
    int m_halfBits;
    std::array<uint64_t, 6> m_roundKeys{};
};

/// Spreads the bits of a number over all 64 (the finaliser of SplitMix64, Steele et al. 2014).
uint64_t mixBits(uint64_t value);

} // namespace samba
