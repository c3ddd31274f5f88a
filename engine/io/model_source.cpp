#include "engine/io/model_source.h"

#include "engine/api/error.h"
#include "engine/api/run_history.h"
#include "engine/io/resource_folder.h"

#include <cstdlib>
#include <system_error>

namespace samba {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBuiltin = "builtin";
constexpr const char* kBestCheckpoint = "checkpoint-best";

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

} // namespace

ModelSource findModel(const std::string& source, const fs::path& builtinDir)
{
    const bool isBuiltin = source == kBuiltin;
    fs::path folder = isBuiltin ? builtinDir : fs::path(source);
    if (!folder.has_filename()) // "runs/x/" means "runs/x"
        folder = folder.parent_path();
    if (isBuiltin && !pathExists(folder))
        throw Error(ErrorKind::File,
                    "The built-in example was not found in '" + folder.string() + "'.",
                    "Set SAMBA_BUILTIN_DIR to the folder resources/builtin of the sources.");
    if (!pathExists(folder))
        throw Error(ErrorKind::File, "There is no model at '" + source + "'.",
                    "Name a run folder, a checkpoint folder, a model folder, or builtin.");
    const std::string name = isBuiltin ? "built-in example" : folder.filename().string();

    if (isModelFolder(folder))
        return {name, folder, tokenizerFolder(folder)};
    if (isRunFolder(folder)) {
        const fs::path checkpoint = bestCheckpoint(folder);
        return {name, checkpoint, tokenizerFolder(checkpoint)};
    }
    throw Error(ErrorKind::File,
                "'" + source + "' is no model: it has neither a config.json nor a run's files.",
                "Name a run folder, a checkpoint folder, a model folder, or builtin.");
}

fs::path findBuiltinDir()
{
    if (const char* dir = std::getenv("SAMBA_BUILTIN_DIR"))
        return dir;
    return findResourceDir() / "builtin";
}

fs::path findTokenizer(const std::string& name, const fs::path& builtinDir)
{
    const fs::path path = name == kBuiltin ? builtinDir / "tokenizer.json" : fs::path(name);
    if (!pathExists(path))
        throw Error(ErrorKind::Config,
                    "dataset.tokenizer: there is no tokenizer at '" + path.string() + "'.",
                    "Name a tokenizer.json, a folder that holds one, or builtin.");
    return path;
}

} // namespace samba
