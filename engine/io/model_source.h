#pragma once

#include "engine/hub/hub_repo.h"

#include <filesystem>
#include <optional>
#include <string>

namespace samba {

/// Where the parts of a model lie.
struct ModelSource {
    std::string name;                ///< short, for titles
    std::filesystem::path weights;   ///< folder with config.json and the weights
    std::filesystem::path tokenizer; ///< folder with the tokenizer, empty if there is none
};

/// The source that stands for the shipped example.
inline constexpr const char* kBuiltinSource = "builtin";

/// The repository that a source names if it is no path: "owner/name" or "owner/name@revision".
/// Thread: any.
std::optional<hub::HubRepo> parsePublishedName(const std::string& source);

/// Finds what a front end means by a model: "builtin", a run folder (its best checkpoint, else its
/// newest), a checkpoint folder, a model folder, or the name of a published model that is in the
/// cache of downloads (see fetchModel()). A folder of that name comes first.
/// @param builtinDir  the shipped example, a run folder.
/// @throws Error File, saying what would be accepted. Thread: any.
ModelSource findModel(const std::string& source, const std::filesystem::path& builtinDir);

/// The shipped example's folder: $SAMBA_BUILTIN_DIR, else beside the installed program, else in the
/// source tree it was built from. Thread: any.
std::filesystem::path findBuiltinDir();

/// The shipped tokenizer, or the file, folder or repository in the cache that dataset.tokenizer
/// names.
/// @throws Error Config if nothing is there.
std::filesystem::path findTokenizer(const std::string& name,
                                    const std::filesystem::path& builtinDir);

} // namespace samba
