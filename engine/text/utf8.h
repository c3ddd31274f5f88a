#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace samba {

/// What stands at a place in a byte sequence.
enum class Utf8Kind {
    Character, ///< a whole character
    Broken,    ///< bytes that are part of no character, whatever follows
    Unfinished ///< the beginning of a character whose rest lies beyond the end
};

/// One character, or one maximal broken part (Unicode 15, section 3.9, "substitution of maximal
/// subparts"; the rule of Rust's from_utf8_lossy).
struct Utf8Step {
    Utf8Kind kind = Utf8Kind::Broken;
    std::size_t length = 1; ///< bytes, >= 1
    char32_t codePoint = 0; ///< of a Character
};

/// Reads the beginning of `bytes`, which must not be empty.
Utf8Step nextUtf8(std::string_view bytes);

/// Appends `bytes` to `text`, each broken or unfinished part as one U+FFFD.
void appendLossyUtf8(std::string_view bytes, std::string& text);

/// Appends a character. `codePoint` must be a Unicode scalar value.
void appendUtf8(char32_t codePoint, std::string& text);

} // namespace samba
