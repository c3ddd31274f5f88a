#pragma once

#include "engine/io/append_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// A file of one JSON text a line that only grows, safe against a kill and a power cut.
///
/// Each line is one write, so a reader sees whole lines and at most one torn one at the end, which
/// the next opening cuts off. Thread: one at a time; readers of the file need no agreement.
class JsonLinesFile {
public:
    /// Opens a file for appending, makes it if it is missing, and cuts off a torn last line.
    /// @throws Error File.
    explicit JsonLinesFile(std::filesystem::path path);

    /// Adds a line; the line end is added here. Every few seconds it is also made durable.
    /// @throws Error File, a full disk among others; the file then is as it was before.
    void append(std::string_view json);

    /// Makes all lines durable. @throws Error File.
    void sync() { m_file.sync(); }

    /// Cuts the file to a size it had after some append.
    /// @throws Error Format if the file is shorter or no line ends there, File if it cannot be cut.
    void truncateTo(uint64_t size);

    uint64_t sizeBytes() const { return m_file.sizeBytes(); }
    const std::filesystem::path& path() const { return m_file.path(); }

private:
    void cutTornLine();

    AppendFile m_file;
};

/// All whole lines of such a file; none if the file does not exist.
/// @throws Error File. Thread: any, also while the file grows.
std::vector<std::string> readJsonLines(const std::filesystem::path& path);

/// The last whole line without reading the lines before it, or empty.
/// @throws Error File. Thread: any, also while the file grows.
std::string readLastJsonLine(const std::filesystem::path& path);

/// The first whole line without reading the lines after it, or empty.
/// @throws Error File. Thread: any, also while the file grows.
std::string readFirstJsonLine(const std::filesystem::path& path);

} // namespace samba
