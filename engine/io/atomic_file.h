#pragma once

#include "engine/io/file_descriptor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace samba {

/// A file that appears whole or not at all.
///
/// The bytes go to a temporary file in the same folder; commit() flushes it to the disk and
/// renames it over the target, so that a crash at any moment leaves either the old file or the
/// new one. Destruction without commit() removes the temporary file. Thread: one at a time.
class AtomicFile {
public:
    /// Creates the temporary file beside `path`. The folder must exist.
    /// @throws Error  File if it cannot be created.
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Takes `sizeBytes` of disk space now, so that a full disk is known before the work begins.
    /// Does nothing on filesystems that cannot do it.
    /// @throws Error  File if there is not enough space.
    void reserve(std::uint64_t sizeBytes);

    /// Writes `bytes` at the given distance from the beginning.
    /// @throws Error  File, e.g. when the disk is full.
    void writeAt(std::uint64_t offsetBytes, std::span<const std::byte> bytes);

    /// Makes the file durable and gives it its name. Nothing may be written afterwards.
    /// @throws Error  File; the target is then as it was before.
    void commit();

    /// The target.
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
    std::filesystem::path m_temporaryPath;
    FileDescriptor m_file;
    bool m_isCommitted = false;
};

/// Replaces the file at `path` by `bytes`, whole or not at all (see AtomicFile).
/// @throws Error  File. Thread: any; two writers of one path leave one of the two contents.
void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);

} // namespace samba
