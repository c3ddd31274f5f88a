#pragma once

#include "engine/io/tensor_view.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// What the header of a safetensors file says of one tensor, not yet held against the data.
struct SafetensorsEntry {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0; ///< first byte, counted from the end of the header
    std::uint64_t end = 0;   ///< one past the last byte
};

/// A whole header, in the order of the file.
struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries;
    std::map<std::string, std::string> metadata;
};

/// Parses the JSON header, refusing whatever the format does not know.
///
/// Works on the event stream of the JSON parser, without a document in memory, so that memory
/// stays proportional to the header even for hostile ones.
/// @param json  the header without its length field.
/// @param path  named in errors.
/// @throws Error  Format naming the tensor and the key.
SafetensorsHeader parseSafetensorsHeader(std::string_view json, const std::filesystem::path& path);

} // namespace samba
