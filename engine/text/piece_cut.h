#pragma once

#include <cstddef>
#include <string_view>

namespace samba {

/// The last place in `text`, which must not be empty, where a piece of a long document may end:
/// before a line end or blank that follows a visible character, line ends being preferred; without
/// one, the last character's beginning. Thread: any.
std::size_t cutPlace(std::string_view text);

} // namespace samba
