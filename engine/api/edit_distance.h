#pragma once

#include <cstddef>
#include <string_view>

namespace samba {

/// Damerau-Levenshtein distance in its restricted form: insertions, deletions, substitutions and
/// swaps of neighbours, no part edited twice. Bytes, not characters. Thread: any.
size_t editDistance(std::string_view a, std::string_view b);

/// Slips that a mistyped name of this length may have and still be recognised.
size_t allowedSlips(size_t nameLength);

} // namespace samba
