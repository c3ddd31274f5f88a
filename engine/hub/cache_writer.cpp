#include "engine/hub/cache_writer.h"

#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <sys/statvfs.h>
#include <unistd.h>

namespace samba::hub {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCacheTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is a cache of downloaded models and data sets (huggingface_hub's layout).\n"
    "# Backups may leave it out; see https://bford.info/cachedir/\n";

void makeFolder(const fs::path& folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw Error(ErrorKind::File,
                    "The cache folder " + quotedPath(folder) +
                        " cannot be made: " + error.message(),
                    "Set HF_HUB_CACHE to a folder that you may write.");
}

std::string gibibytes(int64_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.2f GiB", static_cast<double>(bytes) / (1LL << 30));
    return text;
}

} // namespace

void CacheWriter::makeFolders() const
{
    const fs::path repo = m_cache.repoFolder(m_repo);
    for (const char* name : {"blobs", "refs", "snapshots"})
        makeFolder(repo / name);
    makeFolder(m_cache.dir() / ".locks" / m_repo.folderName());
    for (const fs::path& folder : {repo / "blobs", repo / "snapshots"})
        if (::access(folder.c_str(), W_OK) != 0)
            throw Error(ErrorKind::File,
                        "The cache folder " + quotedPath(folder) + " cannot be written.",
                        "Set HF_HUB_CACHE to a folder that you may write.");
    const fs::path tag = m_cache.dir() / "CACHEDIR.TAG";
    std::error_code error;
    if (!fs::exists(tag, error))
        writeFileAtomically(tag, std::string_view(kCacheTag));
}

void CacheWriter::requireSpace(int64_t bytes) const
{
    const fs::path folder = m_cache.repoFolder(m_repo) / "blobs";
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0)
        return; // some file systems do not tell; a full disk is noticed when it is written
    const auto free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
    if (static_cast<double>(bytes) > free)
        throw Error(ErrorKind::File,
                    "The download takes " + gibibytes(bytes) + " and the disk of " +
                        quotedPath(m_cache.dir()) + " has only " +
                        gibibytes(static_cast<int64_t>(free)) + " free.",
                    "Make room there, or set HF_HUB_CACHE to a folder on another disk.");
}

fs::path CacheWriter::lockFile(const std::string& etag) const
{
    return m_cache.dir() / ".locks" / m_repo.folderName() / (etag + ".lock");
}

void CacheWriter::addToSnapshot(const std::string& commit, const std::string& name,
                                const std::string& etag, bool isNew) const
{
    const fs::path link = m_cache.snapshotFolder(m_repo, commit) / name;
    const fs::path blob = m_cache.blobFile(m_repo, etag);
    makeFolder(link.parent_path());
    ::unlink(link.c_str()); // a link that leads nowhere, or to a damaged blob
    const std::string target = blob.lexically_relative(link.parent_path()).string();
    if (m_usesSymlinks && ::symlink(target.c_str(), link.c_str()) == 0)
        return;
    if (m_usesSymlinks && errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        throwSystemError(link, "created", errno);
    if (isNew) {
        if (std::rename(blob.c_str(), link.c_str()) != 0)
            throwSystemError(link, "created", errno);
        return;
    }
    std::error_code error;
    fs::copy_file(blob, link, fs::copy_options::overwrite_existing, error);
    if (error)
        throwSystemError(link, "written", error.value());
}

void CacheWriter::setCommit(const std::string& commit) const
{
    if (m_repo.revision == commit || m_cache.commitOf(m_repo) == commit)
        return;
    const fs::path ref = m_cache.refFile(m_repo);
    makeFolder(ref.parent_path()); // a branch's name may have slashes
    writeFileAtomically(ref, commit);
}

} // namespace samba::hub
