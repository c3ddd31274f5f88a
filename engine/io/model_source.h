#pragma once

#include <filesystem>
#include <string>

namespace samba {

/// Where the parts of a model lie.
struct ModelSource {
    std::string name;                ///< short, for titles
    std::filesystem::path weights;   ///< folder with config.json and the weights
    std::filesystem::path tokenizer; ///< folder with the tokenizer, empty if there is none
};

/// Finds what a front end means by a model: "builtin", a run folder (its best checkpoint, else its
/// newest), a checkpoint folder, or a model folder.
/// @param builtinDir  the shipped example, a run folder.
/// @throws Error File, saying what would be accepted. Thread: any.
ModelSource findModel(const std::string& source, const std::filesystem::path& builtinDir);

/// The shipped example's folder: $SAMBA_BUILTIN_DIR, else beside the installed program, else in the
/// source tree it was built from. Thread: any.
std::filesystem::path findBuiltinDir();

/// The shipped tokenizer, or the file or folder that dataset.tokenizer names.
/// @throws Error Config if nothing is there.
std::filesystem::path findTokenizer(const std::string& name,
                                    const std::filesystem::path& builtinDir);

} // namespace samba
