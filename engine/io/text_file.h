#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace samba {

/// Reads a whole file; pipes work too.
/// @param maxBytes  a longer file is cut there: callers with a limit ask for one byte more.
/// @throws Error  File if it cannot be opened or read, a folder included. Thread: any.
std::string readTextFile(const std::filesystem::path& file, size_t maxBytes = SIZE_MAX);

} // namespace samba
