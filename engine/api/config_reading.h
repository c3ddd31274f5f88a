#pragma once

#include "engine/api/config_document.h"
#include "engine/api/yaml_tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// Where one key stands in a text.
struct ConfigEntry {
    const ConfigKey* key = nullptr;
    std::string writtenPath; ///< as spelled there: the key's path or an alias
    size_t nameBegin = 0;    ///< byte range of the name
    size_t nameEnd = 0;
    bool isBlockList = false; ///< one item a line
    size_t begin = 0;         ///< byte range of the value; empty where it is left out
    size_t end = 0;
    bool isNull = false; ///< left out, or one of YAML's words for that: the default holds
};

/// What a configuration text says, read once by ConfigDocument. Immutable; thread: any.
struct ConfigReading {
    Config config;                   ///< keys with an error at their default
    std::vector<ConfigIssue> issues; ///< sorted by place, those without one last
    std::vector<ConfigEntry> entries;
    YamlNode root;
    bool isParsed = false; ///< whether `root` is the whole text

    /// The entry of a key, or nullptr where the text does not have it.
    const ConfigEntry* find(const ConfigKey& key) const;
};

/// Largest configuration text that is read.
constexpr size_t kMaxConfigBytes = 1 << 20;

/// Reads a text. Never throws for bad content.
ConfigReading readConfigText(const std::string& text, const std::string& fileName);

/// The value that a node gives to a key.
/// @param problem  set to what is wrong, to follow the key's name; the value is then the default.
ConfigValue configValueFromYaml(const ConfigKey& key, const YamlNode& node, std::string& problem);

} // namespace samba
