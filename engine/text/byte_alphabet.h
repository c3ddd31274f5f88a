#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samba {

/// GPT-2's way of writing bytes as visible characters, used by every byte-level vocabulary file.
/// Bytes that are printable in Latin-1 (33..126, 161..172, 174..255) stand for themselves, the
/// other 68 are written, in order, as U+0100 and up.

/// The character each byte is written with.
const std::array<char32_t, 256>& byteCharacters();

/// The bytes in the order of their characters: 33 (`!`) first, 173 last.
const std::array<uint8_t, 256>& bytesInCharacterOrder();

/// Writes bytes as characters of the alphabet.
std::string writeBytes(std::string_view bytes);

/// Reads what writeBytes() wrote; nothing if a character does not belong to the alphabet.
std::optional<std::string> readBytes(std::string_view written);

} // namespace samba
