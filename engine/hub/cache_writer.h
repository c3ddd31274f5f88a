#pragma once

#include "engine/hub/hub_cache.h"

#include <cstdint>
#include <string>

namespace samba::hub {

/// Writes into a cache what has been downloaded. All throw Error File. Thread: any; the caller
/// holds the lock of the blob concerned.
class CacheWriter {
public:
    /// @param usesSymlinks  false: snapshots hold the files themselves.
    CacheWriter(const HubCache& cache, HubRepo repo, bool usesSymlinks)
        : m_cache(cache), m_repo(std::move(repo)), m_usesSymlinks(usesSymlinks)
    {}

    /// Makes the folders, the cache itself included.
    void makeFolders() const;

    /// Makes sure that the disk takes this much more.
    void requireSpace(int64_t bytes) const;

    /// The lock file of a blob.
    std::filesystem::path lockFile(const std::string& etag) const;

    /// Puts a blob into a snapshot: as a relative link, or the file itself where links cannot be.
    /// @param isNew  no other snapshot has the blob, so that it may be moved.
    void addToSnapshot(const std::string& commit, const std::string& name, const std::string& etag,
                       bool isNew) const;

    /// Notes which commit the revision stands for.
    void setCommit(const std::string& commit) const;

private:
    const HubCache& m_cache;
    HubRepo m_repo;
    bool m_usesSymlinks;
};

} // namespace samba::hub
