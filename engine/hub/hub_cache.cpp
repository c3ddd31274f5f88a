#include "engine/hub/hub_cache.h"

#include "engine/api/error.h"
#include "engine/io/text_file.h"

#include <algorithm>
#include <system_error>

namespace samba::hub {
namespace {

namespace fs = std::filesystem;

/// The names of all files below a folder. What cannot be read counts as not there.
std::vector<std::string> filesBelow(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code statusError;
        if (entry->is_regular_file(statusError))
            names.push_back(entry->path().lexically_relative(folder).generic_string());
    }
    std::ranges::sort(names);
    return names;
}

} // namespace

fs::path HubCache::repoFolder(const HubRepo& repo) const
{
    return m_dir / repo.folderName();
}

fs::path HubCache::refFile(const HubRepo& repo) const
{
    return repoFolder(repo) / "refs" / repo.revision;
}

fs::path HubCache::snapshotFolder(const HubRepo& repo, const std::string& commit) const
{
    return repoFolder(repo) / "snapshots" / commit;
}

fs::path HubCache::blobFile(const HubRepo& repo, const std::string& etag) const
{
    return repoFolder(repo) / "blobs" / etag;
}

std::optional<std::string> HubCache::commitOf(const HubRepo& repo) const
{
    if (isCommit(repo.revision))
        return repo.revision;
    const fs::path ref = refFile(repo);
    std::error_code error;
    if (!fs::is_regular_file(ref, error))
        return std::nullopt;
    constexpr size_t kMaxRefBytes = 256;
    std::string commit;
    try {
        commit = readTextFile(ref, kMaxRefBytes);
    } catch (const Error&) {
        return std::nullopt; // not for us to read: as good as not there
    }
    commit.erase(std::min(commit.find_last_not_of(" \t\r\n") + 1, commit.size()));
    if (!isSafeRelativePath(commit) || commit.find('/') != std::string::npos)
        return std::nullopt;
    return commit;
}

std::optional<Snapshot> HubCache::find(const HubRepo& repo) const
{
    const std::optional<std::string> commit = commitOf(repo);
    if (!commit)
        return std::nullopt;
    Snapshot snapshot{.folder = snapshotFolder(repo, *commit), .commit = *commit};
    std::error_code error;
    if (!fs::is_directory(snapshot.folder, error))
        return std::nullopt;
    snapshot.files = filesBelow(snapshot.folder);
    return snapshot;
}

std::vector<std::string> HubCache::repoNames(RepoKind kind) const
{
    const std::string prefix = HubRepo{.kind = kind}.folderName();
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(m_dir, error)) {
        std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix))
            continue;
        name.erase(0, prefix.size());
        if (const size_t separator = name.find("--"); separator != std::string::npos)
            name.replace(separator, 2, "/");
        if (isRepoName(name))
            names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

std::optional<Snapshot> HubCache::findComplete(const HubRepo& repo, const FileChoice& choice) const
{
    std::optional<Snapshot> snapshot = find(repo);
    if (!snapshot)
        return std::nullopt;
    std::optional<std::vector<std::string>> chosen = choice.choose(snapshot->files);
    if (!chosen)
        return std::nullopt;
    snapshot->files = std::move(*chosen);
    return snapshot;
}

} // namespace samba::hub
