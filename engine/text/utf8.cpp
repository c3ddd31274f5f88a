#include "engine/text/utf8.h"

namespace samba {

namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

unsigned byteAt(std::string_view bytes, std::size_t index)
{
    return static_cast<unsigned char>(bytes[index]);
}

/// The bytes that may follow a leading byte: how many, and the range of the first one. Overlong
/// forms, surrogates and values past U+10FFFF are excluded by that range (Unicode 15, table 3-7).
struct Lead {
    std::size_t length;
    unsigned firstLow;
    unsigned firstHigh;
};

Lead leadOf(unsigned byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return {2, 0x80, 0xBF};
    if (byte >= 0xE0 && byte <= 0xEF)
        return {3, byte == 0xE0 ? 0xA0U : 0x80U, byte == 0xED ? 0x9FU : 0xBFU};
    if (byte >= 0xF0 && byte <= 0xF4)
        return {4, byte == 0xF0 ? 0x90U : 0x80U, byte == 0xF4 ? 0x8FU : 0xBFU};
    return {1, 0, 0};
}

} // namespace

Utf8Step nextUtf8(std::string_view bytes)
{
    const unsigned first = byteAt(bytes, 0);
    if (first < 0x80)
        return {Utf8Kind::Character, 1, first};
    const Lead lead = leadOf(first);
    if (lead.length == 1)
        return {Utf8Kind::Broken, 1, 0};

    char32_t codePoint = first & (0x7FU >> lead.length);
    unsigned low = lead.firstLow;
    unsigned high = lead.firstHigh;
    for (std::size_t i = 1; i < lead.length; ++i) {
        if (i == bytes.size())
            return {Utf8Kind::Unfinished, i, 0};
        const unsigned byte = byteAt(bytes, i);
        if (byte < low || byte > high)
            return {Utf8Kind::Broken, i, 0};
        codePoint = (codePoint << 6) | (byte & 0x3FU);
        low = 0x80;
        high = 0xBF;
    }
    return {Utf8Kind::Character, lead.length, codePoint};
}

void appendLossyUtf8(std::string_view bytes, std::string& text)
{
    while (!bytes.empty()) {
        const Utf8Step step = nextUtf8(bytes);
        if (step.kind == Utf8Kind::Character)
            text.append(bytes.substr(0, step.length));
        else
            text.append(kReplacementCharacter);
        bytes.remove_prefix(step.length);
    }
}

void appendUtf8(char32_t codePoint, std::string& text)
{
    const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0 | (codePoint >> 6));
        put(0x80 | (codePoint & 0x3F));
    } else if (codePoint < 0x10000) {
        put(0xE0 | (codePoint >> 12));
        put(0x80 | ((codePoint >> 6) & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    } else {
        put(0xF0 | (codePoint >> 18));
        put(0x80 | ((codePoint >> 12) & 0x3F));
        put(0x80 | ((codePoint >> 6) & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    }
}

} // namespace samba
