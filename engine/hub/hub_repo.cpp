#include "engine/hub/hub_repo.h"

#include <algorithm>

namespace samba::hub {
namespace {

constexpr size_t kMaxPartLength = 96;
constexpr size_t kMaxRevisionLength = 255;
constexpr std::string_view kSeparator = "--"; ///< not allowed in names, so it can join them

bool isWordCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool isNamePart(std::string_view part)
{
    return !part.empty() && part.size() <= kMaxPartLength && isWordCharacter(part.front()) &&
           isWordCharacter(part.back()) && std::ranges::all_of(part, [](char c) {
               return isWordCharacter(c) || c == '-' || c == '.';
           });
}

bool isHexDigit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

} // namespace

std::string HubRepo::folderName() const
{
    std::string folder = kind == RepoKind::Model ? "models" : "datasets";
    folder += kSeparator;
    const size_t slash = name.find('/');
    if (slash == std::string::npos)
        return folder + name;
    return folder + name.substr(0, slash) + std::string(kSeparator) + name.substr(slash + 1);
}

std::string HubRepo::text() const
{
    return revision == "main" ? name : name + '@' + revision;
}

bool isRepoName(std::string_view name)
{
    if (name.find("--") != std::string_view::npos || name.find("..") != std::string_view::npos ||
        name.ends_with(".git"))
        return false;
    const size_t slash = name.find('/');
    if (slash == std::string_view::npos)
        return isNamePart(name);
    return isNamePart(name.substr(0, slash)) && isNamePart(name.substr(slash + 1));
}

std::optional<HubRepo> parseRepo(RepoKind kind, std::string_view text)
{
    HubRepo repo{.kind = kind};
    const size_t at = text.find('@');
    repo.name = text.substr(0, at);
    if (at != std::string_view::npos)
        repo.revision = text.substr(at + 1);
    if (!isRepoName(repo.name) || repo.revision.size() > kMaxRevisionLength ||
        !isSafeRelativePath(repo.revision))
        return std::nullopt;
    return repo;
}

bool isCommit(std::string_view revision)
{
    constexpr size_t kCommitLength = 40;
    return revision.size() == kCommitLength && std::ranges::all_of(revision, isHexDigit);
}

bool isSafeRelativePath(std::string_view path)
{
    if (path.empty() || std::ranges::any_of(path, [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == 0x7F;
        }))
        return false;
    while (true) {
        const size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (slash == std::string_view::npos)
            return true;
        path.remove_prefix(slash + 1);
    }
}

} // namespace samba::hub
