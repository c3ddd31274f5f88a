#pragma once

#include <string>
#include <string_view>

namespace samba {

/// True if `text` is in Unicode's normalisation form C (Unicode Standard Annex 15), apart from
/// bytes that are not valid UTF-8.
bool isNfc(std::string_view text);

/// Brings `text` to normalisation form C. Bytes that are not valid UTF-8 are kept as they are; the
/// characters before and after them do not act on each other.
std::string normalizeNfc(std::string_view text);

} // namespace samba
