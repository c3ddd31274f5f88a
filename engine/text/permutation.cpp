#include "engine/text/permutation.h"

#include <bit>

namespace samba {

uint64_t mixBits(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

Permutation::Permutation(uint64_t count, uint64_t key)
    : m_count(count), m_halfBits((std::bit_width(count - 1) + 1) / 2)
{
    for (std::size_t round = 0; round < m_roundKeys.size(); ++round)
        m_roundKeys[round] = mixBits(key + (round + 1) * 0x9e3779b97f4a7c15ULL);
}

uint64_t Permutation::at(uint64_t place) const
{
    uint64_t value = place;
    do
        value = encipher(value);
    while (value >= m_count);
    return value;
}

uint64_t Permutation::encipher(uint64_t value) const
{
    const uint64_t mask = (uint64_t{1} << m_halfBits) - 1;
    uint64_t left = value >> m_halfBits;
    uint64_t right = value & mask;
    for (const uint64_t roundKey : m_roundKeys) {
        const uint64_t next = left ^ (mixBits(right ^ roundKey) & mask);
        left = right;
        right = next;
    }
    return (left << m_halfBits) | right;
}

} // namespace samba
