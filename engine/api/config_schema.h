#pragma once

#include "engine/api/config.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace samba {

enum class ConfigType { Bool, Integer, Number, String, Choice, StringList };

using ConfigValue = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

/// One configuration key: everything that the parser, the editor's form, the validation messages
/// and the reference page know about it.
struct ConfigKey {
    std::string path; ///< "training.lr"
    ConfigType type = ConfigType::String;
    std::string label;             ///< short human name, "Learning rate"
    std::string help;              ///< one or two sentences
    std::string unit;              ///< "tokens", "steps", ... or empty
    std::optional<double> minimum; ///< allowed range, numbers only
    std::optional<double> maximum;
    bool minimumIsExclusive = false;
    bool maximumIsExclusive = false;
    std::optional<std::pair<double, double>> advice; ///< range recommended in the editor
    std::string adviceNote;                          ///< when the advice holds
    std::vector<std::string> choices;                ///< for Choice
    std::vector<std::string> aliases;                ///< other accepted spellings, full paths
    /// Words of a file that stand for a value, looked up before the type: `auto` for 0, ...
    std::vector<std::pair<std::string, ConfigValue>> words;
    ConfigValue defaultValue;
    std::function<ConfigValue(const Config&)> get;
    std::function<void(Config&, const ConfigValue&)> set; ///< the variant must match `type`

    /// "training" of "training.lr".
    std::string_view section() const;
    /// "lr" of "training.lr".
    std::string_view name() const;
};

/// One section of the configuration, in the order of the file.
struct ConfigSection {
    std::string name;  ///< "training"
    std::string label; ///< "Training"
    std::string help;
};

/// All keys in file order. Thread: any.
std::span<const ConfigKey> configSchema();

/// All sections in file order. Thread: any.
std::span<const ConfigSection> configSections();

/// The key of a path or alias, or nullptr.
const ConfigKey* findConfigKey(std::string_view pathOrAlias);

/// The known path nearest to an unknown one, for "did you mean"; empty where none is near.
std::string nearestConfigKey(std::string_view path);

/// Every key at its default.
Config defaultConfig();

/// A value as it stands in YAML, on one line: 0.00001 as `1.0e-5`, which YAML 1.1 readers take for
/// a number too, strings quoted only where needed, lists in brackets.
std::string formatConfigValue(const ConfigValue& value);

/// What a key allows, in words: "a number > 0", "one of: samba, mamba", ...
std::string describeAllowed(const ConfigKey& key);

/// Checks one value against its key's type and range.
/// @return empty if allowed, else what is wrong, to follow the key's name: "must be ..., not -1".
std::string checkConfigValue(const ConfigKey& key, const ConfigValue& value);

/// The reference page of all keys, Markdown.
std::string configReferenceMarkdown();

} // namespace samba
