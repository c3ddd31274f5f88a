#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace samba {

/// FNV-1a with 64 bits (Fowler, Noll, Vo): the same on every machine, for telling contents apart.
/// Not a defence against somebody who wants two contents to look alike.
class ContentHash {
public:
    void add(std::string_view bytes)
    {
        for (const char byte : bytes) {
            m_value ^= static_cast<unsigned char>(byte);
            m_value *= 0x100000001b3ULL;
        }
    }

    void addNumber(uint64_t number)
    {
        for (int shift = 0; shift < 64; shift += 8) {
            m_value ^= (number >> shift) & 0xFF;
            m_value *= 0x100000001b3ULL;
        }
    }

    /// A text with its length, so that neighbouring texts cannot run into each other.
    void addText(std::string_view text)
    {
        addNumber(text.size());
        add(text);
    }

    uint64_t value() const { return m_value; }

    /// The value as 16 hexadecimal digits.
    std::string hex() const
    {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::string digits;
        for (int shift = 60; shift >= 0; shift -= 4)
            digits.push_back(kDigits[(m_value >> shift) & 0xF]);
        return digits;
    }

private:
    uint64_t m_value = 0xcbf29ce484222325ULL;
};

} // namespace samba
