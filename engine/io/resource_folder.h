#pragma once

#include <filesystem>

namespace samba {

/// The folder of the files that belong to the program: share/samba-workbench beside an installed
/// program's bin/, else the sources' resources/. Thread: any.
std::filesystem::path findResourceDir();

} // namespace samba
