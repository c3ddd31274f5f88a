#include "engine/io/model_source.h"

#include "engine/api/error.h"
#include "engine/api/published_models.h"
#include "engine/api/run_history.h"
#include "engine/hub/hub_cache.h"
#include "engine/hub/hub_settings.h"
#include "engine/io/resource_folder.h"

#include <cstdlib>
#include <system_error>

namespace samba {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBestCheckpoint = "checkpoint-best";
constexpr const char* kRemedy =
    "Name a run folder, a checkpoint folder, a model folder, a published "
    "model (owner/name), or builtin.";

bool pathExists(const fs::path& path)
{
    std::error_code error;
    return fs::exists(path, error);
}

bool isModelFolder(const fs::path& folder)
{
    return pathExists(folder / "config.json");
}

/// The folder itself or the one above it, whichever holds a tokenizer first.
fs::path tokenizerFolder(const fs::path& weights)
{
    const fs::path absolute = fs::absolute(weights).lexically_normal();
    for (const fs::path& folder : {absolute, absolute.parent_path()})
        if (pathExists(folder / "tokenizer.json") ||
            (pathExists(folder / "vocab.json") && pathExists(folder / "merges.txt")))
            return folder;
    return {};
}

fs::path bestCheckpoint(const fs::path& runDir)
{
    if (isModelFolder(runDir / kBestCheckpoint))
        return runDir / kBestCheckpoint;
    const std::vector<RunCheckpoint> checkpoints = listCheckpoints(runDir);
    if (checkpoints.empty())
        throw Error(ErrorKind::File,
                    "The run folder '" + runDir.string() + "' has no checkpoint yet.",
                    "Train until the first checkpoint, or press 'Checkpoint now'.");
    return checkpoints.back().path;
}

hub::HubCache downloadCache()
{
    return hub::HubCache(hub::HubSettings::fromEnvironment().cacheDir);
}

/// A published model in the cache, with the tokenizer it is used with where it has none itself.
std::optional<ModelSource> findCached(const hub::HubRepo& repo)
{
    const hub::HubCache cache = downloadCache();
    const auto snapshot = cache.findComplete(repo, hub::modelFiles());
    if (!snapshot)
        return std::nullopt;
    ModelSource source{repo.text(), snapshot->folder, tokenizerFolder(snapshot->folder)};
    const PublishedModel* published = findPublishedModel(repo.name);
    if (source.tokenizer.empty() && published && !published->tokenizer.empty())
        if (const auto tokenizer =
                cache.findComplete({.name = published->tokenizer}, hub::tokenizerFiles()))
            source.tokenizer = tokenizer->folder;
    return source;
}

} // namespace

std::optional<hub::HubRepo> parsePublishedName(const std::string& source)
{
    // Names without an owner, as some old models have, are left to folders and to what other
    // programs have put into the cache.
    const size_t slash = source.find('/');
    if (slash == std::string::npos || source.find('@') < slash)
        return std::nullopt;
    return hub::parseRepo(hub::RepoKind::Model, source);
}

ModelSource findModel(const std::string& source, const fs::path& builtinDir)
{
    const bool isBuiltin = source == kBuiltinSource;
    fs::path folder = isBuiltin ? builtinDir : fs::path(source);
    if (!folder.has_filename()) // "runs/x/" means "runs/x"
        folder = folder.parent_path();
    if (isBuiltin && !pathExists(folder))
        throw Error(ErrorKind::File,
                    "The built-in example was not found in '" + folder.string() + "'.",
                    "Set SAMBA_BUILTIN_DIR to the folder resources/builtin of the sources.");
    if (!pathExists(folder)) {
        if (const std::optional<hub::HubRepo> repo = hub::parseRepo(hub::RepoKind::Model, source))
            if (std::optional<ModelSource> cached = findCached(*repo))
                return *cached;
        if (!parsePublishedName(source))
            throw Error(ErrorKind::File, "There is no model at '" + source + "'.", kRemedy);
        throw Error(ErrorKind::File,
                    "There is no folder '" + source +
                        "', and the cache of downloads does not have a model of that name.",
                    "Download it: samba-cli pull " + source);
    }
    const std::string name = isBuiltin ? "built-in example" : folder.filename().string();

    if (isModelFolder(folder))
        return {name, folder, tokenizerFolder(folder)};
    if (isRunFolder(folder)) {
        const fs::path checkpoint = bestCheckpoint(folder);
        return {name, checkpoint, tokenizerFolder(checkpoint)};
    }
    throw Error(ErrorKind::File,
                "'" + source + "' is no model: it has neither a config.json nor a run's files.",
                kRemedy);
}

fs::path findBuiltinDir()
{
    if (const char* dir = std::getenv("SAMBA_BUILTIN_DIR"))
        return dir;
    return findResourceDir() / "builtin";
}

fs::path findTokenizer(const std::string& name, const fs::path& builtinDir)
{
    const fs::path path = name == kBuiltinSource ? builtinDir / "tokenizer.json" : fs::path(name);
    if (pathExists(path))
        return path;
    if (const std::optional<hub::HubRepo> repo = parsePublishedName(name))
        if (const auto snapshot = downloadCache().findComplete(*repo, hub::tokenizerFiles()))
            return snapshot->folder;
    throw Error(ErrorKind::Config,
                "dataset.tokenizer: there is no tokenizer at '" + path.string() + "'.",
                "Name a tokenizer.json, a folder that holds one, a published one that is in the "
                "cache (samba-cli pull --tokenizer NAME), or builtin.");
}

} // namespace samba
