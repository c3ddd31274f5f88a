#include "engine/hub/partial_file.h"

#include "engine/io/file_error.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace samba::hub {
namespace {

namespace fs = std::filesystem;

fs::path incompletePath(const fs::path& blob)
{
    return fs::path(blob.string() + ".incomplete");
}

} // namespace

PartialFile::PartialFile(fs::path blob, const std::string& etag, int64_t sizeBytes)
    : m_blob(std::move(blob)),
      m_path(incompletePath(m_blob)),
      m_etag(etag),
      m_size(sizeBytes),
      m_file(::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)),
      m_hash(etag, sizeBytes)
{
    if (!m_file.isOpen())
        throwSystemError(m_path, "created", errno);
    readArrived();
}

void PartialFile::readArrived()
{
    constexpr size_t kBlockBytes = 1 << 20;
    std::string block(kBlockBytes, '\0');
    while (true) {
        const ssize_t got = ::read(m_file.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throwSystemError(m_path, "read", errno);
        if (got == 0)
            return;
        m_arrived += got;
        if (m_arrived > m_size) { // of another file, or damaged
            restart();
            return;
        }
        m_hash.add(std::string_view(block).substr(0, static_cast<size_t>(got)));
    }
}

void PartialFile::append(std::string_view bytes)
{
    if (static_cast<int64_t>(bytes.size()) > m_size - m_arrived)
        throw Error(ErrorKind::Format,
                    "The server sends more than the " + std::to_string(m_size) +
                        " bytes it announced.",
                    "Try again later; if HF_ENDPOINT is set, check the server it names.");
    m_hash.add(bytes);
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throwSystemError(m_path, "written", errno);
        bytes.remove_prefix(static_cast<size_t>(written));
        m_arrived += written;
    }
}

void PartialFile::restart()
{
    if (::ftruncate(m_file.get(), 0) != 0 || ::lseek(m_file.get(), 0, SEEK_SET) != 0)
        throwSystemError(m_path, "written", errno);
    m_arrived = 0;
    m_hash = BlobHash(m_etag, m_size);
}

bool PartialFile::commit()
{
    if (!m_hash.matches()) {
        restart();
        return false;
    }
    if (::fsync(m_file.get()) != 0)
        throwSystemError(m_path, "written", errno);
    if (std::rename(m_path.c_str(), m_blob.c_str()) != 0)
        throwSystemError(m_blob, "created", errno);
    return true;
}

int64_t arrivedBytes(const fs::path& blob)
{
    std::error_code error;
    const uintmax_t size = fs::file_size(incompletePath(blob), error);
    return error ? 0 : static_cast<int64_t>(size);
}

} // namespace samba::hub
