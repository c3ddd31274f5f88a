#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace samba::hub {

enum class RepoKind { Model, Dataset };

/// A published model or data set.
struct HubRepo {
    RepoKind kind = RepoKind::Model;
    std::string name = {};         ///< "state-spaces/mamba-130m-hf"
    std::string revision = "main"; ///< branch, tag or commit

    /// "models--state-spaces--mamba-130m-hf": the repository's folder in a cache.
    std::string folderName() const;

    /// "state-spaces/mamba-130m-hf", with "@revision" where that is not main.
    std::string text() const;

    friend bool operator==(const HubRepo&, const HubRepo&) = default;
};

/// Whether the hub allows this name: "name" or "owner/name" of letters, digits, '-', '_' and '.',
/// without "--" or "..". Thread: any.
bool isRepoName(std::string_view name);

/// Reads "owner/name" or "owner/name@revision"; nothing if it cannot be one. Thread: any.
std::optional<HubRepo> parseRepo(RepoKind kind, std::string_view text);

/// Whether a revision is a whole commit and so never changes its content: 40 hexadecimal digits.
bool isCommit(std::string_view revision);

/// Whether a path inside a repository stays inside a folder it is appended to. Thread: any.
bool isSafeRelativePath(std::string_view path);

} // namespace samba::hub
