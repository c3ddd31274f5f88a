#include "engine/text/byte_alphabet.h"

#include "engine/text/utf8.h"

#include <algorithm>
#include <numeric>

namespace samba {

namespace {

constexpr char32_t kFirstSubstitute = 0x100;
constexpr std::size_t kCharacterLimit = 0x144; // U+0100 and 68 substitutes

bool standsForItself(unsigned byte)
{
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

/// The byte of each character below kCharacterLimit, or -1.
const std::array<int, kCharacterLimit>& characterBytes()
{
    static const auto table = [] {
        std::array<int, kCharacterLimit> bytes;
        bytes.fill(-1);
        for (int byte = 0; byte < 256; ++byte)
            bytes[byteCharacters()[static_cast<std::size_t>(byte)]] = byte;
        return bytes;
    }();
    return table;
}

} // namespace

const std::array<char32_t, 256>& byteCharacters()
{
    static const auto table = [] {
        std::array<char32_t, 256> characters{};
        char32_t substitute = kFirstSubstitute;
        for (unsigned byte = 0; byte < 256; ++byte)
            characters[byte] = standsForItself(byte) ? byte : substitute++;
        return characters;
    }();
    return table;
}

const std::array<uint8_t, 256>& bytesInCharacterOrder()
{
    static const auto table = [] {
        std::array<uint8_t, 256> bytes{};
        std::iota(bytes.begin(), bytes.end(), uint8_t{0});
        std::sort(bytes.begin(), bytes.end(),
                  [](uint8_t a, uint8_t b) { return byteCharacters()[a] < byteCharacters()[b]; });
        return bytes;
    }();
    return table;
}

std::string writeBytes(std::string_view bytes)
{
    std::string written;
    for (const char byte : bytes)
        appendUtf8(byteCharacters()[static_cast<unsigned char>(byte)], written);
    return written;
}

std::optional<std::string> readBytes(std::string_view written)
{
    std::string bytes;
    while (!written.empty()) {
        const Utf8Step step = nextUtf8(written);
        if (step.kind != Utf8Kind::Character || step.codePoint >= kCharacterLimit ||
            characterBytes()[step.codePoint] < 0)
            return std::nullopt;
        bytes.push_back(static_cast<char>(characterBytes()[step.codePoint]));
        written.remove_prefix(step.length);
    }
    return bytes;
}

} // namespace samba
