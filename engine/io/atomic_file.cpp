#include "engine/io/atomic_file.h"

#include "engine/io/file_error.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>

namespace samba {

namespace {

/// A name in the target's folder that no other writer of this machine uses.
std::filesystem::path temporarySibling(const std::filesystem::path& path)
{
    static std::atomic<unsigned> counter = 0;
    return path.parent_path() / ("." + path.filename().string() + ".tmp-" +
                                 std::to_string(::getpid()) + "-" + std::to_string(counter++));
}

FileDescriptor createFile(const std::filesystem::path& path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int descriptor = ::open(path.c_str(), flags, 0666);
    if (descriptor < 0 && errno == EEXIST) {
        // Left by a process of the same number that died: its owner is gone.
        ::unlink(path.c_str());
        descriptor = ::open(path.c_str(), flags, 0666);
    }
    return FileDescriptor(descriptor);
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : m_path(std::move(path)),
      m_temporaryPath(temporarySibling(m_path)),
      m_file(createFile(m_temporaryPath))
{
    if (!m_file.isOpen()) {
        throwSystemError(m_path, "created", errno);
    }
}

AtomicFile::~AtomicFile()
{
    if (!m_isCommitted) {
        ::unlink(m_temporaryPath.c_str());
    }
}

void AtomicFile::reserve(std::uint64_t sizeBytes)
{
    if (sizeBytes == 0) {
        return;
    }
    // fallocate, not posix_fallocate: the latter writes zeros where the filesystem lacks the call.
    if (::fallocate(m_file.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(sizeBytes)) != 0 &&
        (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
        throwSystemError(m_path, "written (" + std::to_string(sizeBytes) + " bytes)", errno);
    }
}

void AtomicFile::writeAt(std::uint64_t offsetBytes, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(m_file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offsetBytes));
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            throwSystemError(m_path, "written", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offsetBytes += static_cast<std::uint64_t>(written);
    }
}

void AtomicFile::commit()
{
    // Without fsync before the rename a crash can leave the new name on a file without content.
    if (::fsync(m_file.get()) != 0 || m_file.close() != 0) {
        throwSystemError(m_path, "written", errno);
    }
    if (std::rename(m_temporaryPath.c_str(), m_path.c_str()) != 0) {
        throwSystemError(m_path, "replaced", errno);
    }
    m_isCommitted = true;
    const auto folder =
        m_path.has_parent_path() ? m_path.parent_path() : std::filesystem::path(".");
    const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.isOpen()) {
        // The file is in place whatever this says; some filesystems cannot sync a folder.
        ::fsync(directory.get());
    }
}

void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes)
{
    AtomicFile file(path);
    file.writeAt(0, bytes);
    file.commit();
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view text)
{
    writeFileAtomically(path, std::as_bytes(std::span(text)));
}

} // namespace samba
