#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace samba::stories {

/// SplitMix64 (Steele, Lea and Flood 2014) with a bounded draw of its own: the standard
/// distributions differ between libraries, and a story must be the same bytes everywhere.
class StoryRandom {
public:
    explicit StoryRandom(uint64_t seed) : m_state(seed) {}

    /// The next 64 random bits.
    uint64_t next()
    {
        m_state += 0x9E3779B97F4A7C15ull;
        uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }

    /// A number in [0, bound), bound in [1, 2^32]: the high half of a 32 x 32 bit product.
    size_t below(size_t bound) { return static_cast<size_t>(((next() >> 32) * bound) >> 32); }

private:
    uint64_t m_state;
};

/// FNV-1a over the bytes of a text, to be continued with `seed`.
constexpr uint64_t hashText(std::string_view text, uint64_t seed = 0xCBF29CE484222325ull)
{
    for (const char c : text) {
        seed ^= static_cast<unsigned char>(c);
        seed *= 0x100000001B3ull;
    }
    return seed;
}

} // namespace samba::stories
