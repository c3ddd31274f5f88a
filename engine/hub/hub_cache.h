#pragma once

#include "engine/hub/file_choice.h"
#include "engine/hub/hub_repo.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace samba::hub {

/// The files of one revision that lie on this machine.
struct Snapshot {
    std::filesystem::path folder;        ///< holds the files under their names in the repository
    std::string commit;                  ///< 40 hexadecimal digits, as a rule
    std::vector<std::string> files = {}; ///< their names: "config.json", "data/train.parquet"
};

/// A cache as huggingface_hub lays it out, read only:
/// `models--owner--name/{refs/main, snapshots/<commit>/<file>, blobs/<checksum>}`, where a
/// snapshot's files are links into blobs, or the files themselves on systems without links. Nothing
/// here writes, so caches of others serve. Thread: any.
class HubCache {
public:
    explicit HubCache(std::filesystem::path dir) : m_dir(std::move(dir)) {}

    const std::filesystem::path& dir() const { return m_dir; }
    std::filesystem::path repoFolder(const HubRepo& repo) const;
    std::filesystem::path refFile(const HubRepo& repo) const;
    std::filesystem::path snapshotFolder(const HubRepo& repo, const std::string& commit) const;
    std::filesystem::path blobFile(const HubRepo& repo, const std::string& etag) const;

    /// The commit that the repository's revision stands for here.
    std::optional<std::string> commitOf(const HubRepo& repo) const;

    /// What there is of the repository's revision; files whose link leads nowhere are left out.
    std::optional<Snapshot> find(const HubRepo& repo) const;

    /// The wanted files, if all are there; `files` then holds the wanted ones alone.
    std::optional<Snapshot> findComplete(const HubRepo& repo, const FileChoice& choice) const;

    /// The names of all repositories of a kind in the cache, in alphabetical order.
    std::vector<std::string> repoNames(RepoKind kind) const;

private:
    std::filesystem::path m_dir;
};

} // namespace samba::hub
