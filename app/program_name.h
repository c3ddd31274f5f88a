#pragma once

#include <string>
#include <string_view>

namespace samba {

/// "samba-cli 0.1.0 (8f3936c4d21b)": a program with its version and, where the sources were a git
/// checkout, their revision; "-dirty" behind it stands for changes not committed. Thread: any.
std::string programName(std::string_view program);

} // namespace samba
