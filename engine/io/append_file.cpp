#include "engine/io/append_file.h"

#include "engine/io/file_error.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace samba {

namespace {

/// What a power cut may cost at most.
constexpr std::chrono::seconds kSyncInterval{5};

} // namespace

AppendFile::AppendFile(std::filesystem::path path, Opening opening)
    : m_path(std::move(path)),
      m_file(::open(m_path.c_str(),
                    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC |
                        (opening == Opening::NewFile ? O_EXCL : 0),
                    0666)),
      m_syncedAt(std::chrono::steady_clock::now())
{
    struct stat status = {};
    if (!m_file.isOpen() || ::fstat(m_file.get(), &status) != 0)
        throwSystemError(m_path, "opened", errno);
    m_sizeBytes = static_cast<uint64_t>(status.st_size);
}

void AppendFile::append(std::string_view bytes)
{
    ssize_t written = 0;
    do {
        written = ::write(m_file.get(), bytes.data(), bytes.size());
    } while (written < 0 && errno == EINTR);
    if (written != static_cast<ssize_t>(bytes.size())) {
        // A short write means a disk that is full but for a part of the bytes. The part must go:
        // with it whatever follows would be damaged. Should that fail too, readers meet a torn end.
        const int code = written < 0 ? errno : ENOSPC;
        const int truncated = ::ftruncate(m_file.get(), static_cast<off_t>(m_sizeBytes));
        static_cast<void>(truncated);
        throwSystemError(m_path, "written", code);
    }
    m_sizeBytes += bytes.size();
    m_isDirty = true;
    if (std::chrono::steady_clock::now() - m_syncedAt >= kSyncInterval)
        sync();
}

void AppendFile::sync()
{
    if (m_isDirty && ::fdatasync(m_file.get()) != 0)
        throwSystemError(m_path, "written", errno);
    m_isDirty = false;
    m_syncedAt = std::chrono::steady_clock::now();
}

void AppendFile::truncateTo(uint64_t sizeBytes)
{
    if (::ftruncate(m_file.get(), static_cast<off_t>(sizeBytes)) != 0)
        throwSystemError(m_path, "written", errno);
    m_sizeBytes = sizeBytes;
    m_isDirty = true;
    sync();
}

} // namespace samba
