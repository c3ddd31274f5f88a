#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace samba {

/// The index of a model split over several files: shard file name by tensor name.
using ShardIndex = std::map<std::string, std::string>;

/// Reads `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
///
/// Only plain file names are accepted, so that nothing outside the folder of the index is read.
/// @throws Error  File if it cannot be opened; Format for bad JSON, no or an empty `weight_map`,
///                a repeated tensor, a shard that is not a plain file name.
ShardIndex readShardIndex(const std::filesystem::path& path);

/// The same over text in memory; `path` is named in errors.
ShardIndex parseShardIndex(std::string_view json, const std::filesystem::path& path);

} // namespace samba
