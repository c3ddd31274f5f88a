#pragma once

#include "engine/io/file_descriptor.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace samba {

/// A file that only grows. Each append is one write, so that readers see it whole or not at all
/// but for a kill or a full disk in the middle of it. Thread: one at a time; readers of the file
/// need no agreement.
class AppendFile {
public:
    enum class Opening {
        AnyFile, ///< makes the file if it is missing
        NewFile  ///< the file must not exist
    };

    /// @throws Error File.
    AppendFile(std::filesystem::path path, Opening opening);

    /// Adds bytes. Every few seconds they are also made durable.
    /// @throws Error File, a full disk among others; the file then is as it was before.
    void append(std::string_view bytes);

    /// Makes everything appended durable. @throws Error File.
    void sync();

    /// Shortens the file, durably. @throws Error File.
    void truncateTo(uint64_t sizeBytes);

    uint64_t sizeBytes() const { return m_sizeBytes; }
    const std::filesystem::path& path() const { return m_path; }
    const FileDescriptor& descriptor() const { return m_file; }

private:
    std::filesystem::path m_path;
    FileDescriptor m_file;
    uint64_t m_sizeBytes = 0;
    bool m_isDirty = false; ///< bytes since the last sync()
    std::chrono::steady_clock::time_point m_syncedAt;
};

} // namespace samba
