#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace samba::hub {

/// Which of a repository's files are wanted. The same choice judges what the hub offers and whether
/// a cache has all of it.
struct FileChoice {
    std::string what; ///< for messages: "weights and config.json"

    /// The wanted ones among the names of all files, or nothing if a necessary one is missing.
    std::function<std::optional<std::vector<std::string>>(const std::vector<std::string>&)> choose;
};

/// A model: config.json, its weights in the first form there is of model.safetensors, safetensors
/// shards with their index, pytorch_model.bin, its shards with their index; tokenizer and
/// generation configuration where there are any.
FileChoice modelFiles();

/// A tokenizer: tokenizer.json, or vocab.json with merges.txt; and what goes with them.
FileChoice tokenizerFiles();

/// The files that match any of the patterns ('*' and '?' match within one folder). Each pattern
/// must match a file, and haveAllShards() must hold for the files.
FileChoice filesMatching(std::vector<std::string> patterns);

/// Whether of files named "x-00000-of-00003.y" or "x-00000-of-00003-checksum.y" all three are among
/// the names, for every x.
bool haveAllShards(const std::vector<std::string>& names);

} // namespace samba::hub
