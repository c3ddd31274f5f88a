#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace samba {

/// A whole file mapped read-only into memory.
///
/// Pages are read when they are touched, so opening a file of many gigabytes costs nothing. The
/// bytes may be read from any thread and must never be written. A file that another program cuts
/// short while it is mapped makes reads of the lost part fail with SIGBUS; replacing a file by a
/// rename, as AtomicFile does, is safe.
class MappedFile {
public:
    /// Maps the file; symbolic links are followed.
    /// @throws Error  File if the path is missing, unreadable or not a regular file.
    static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    /// The content; page-aligned; empty for an empty file.
    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    /// The path given to open().
    const std::filesystem::path& path() const { return m_path; }

private:
    MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size);

    std::filesystem::path m_path;
    const std::byte* m_data;
    std::size_t m_size;
};

/// Lets the system take back the memory of a part of a mapped file that was read: it is fetched
/// again when it is touched again. Whole pages inside `bytes` only. Thread: any.
/// @param bytes  inside a MappedFile; anything else would lose its content.
void releaseMappedPages(std::span<const std::byte> bytes);

} // namespace samba
