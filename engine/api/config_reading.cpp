#include "engine/api/config_reading.h"

#include "engine/api/config_checks.h"
#include "engine/api/edit_distance.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <tuple>

namespace samba {

namespace {

using Severity = ConfigIssue::Severity;

/// More problems than this help nobody, and a hostile file must not cost minutes.
constexpr size_t kMaxIssues = 100;

std::optional<bool> parseBool(const std::string& text)
{
    static constexpr std::array<std::string_view, 9> kTrue = {"true", "True", "TRUE", "yes", "Yes",
                                                              "YES",  "on",   "On",   "ON"};
    static constexpr std::array<std::string_view, 9> kFalse = {
        "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};
    if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end())
        return true;
    if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end())
        return false;
    return std::nullopt;
}

/// A decimal number in any spelling, `1e-5`, `+3` and `.5` included.
template <typename Number>
std::optional<Number> parseNumber(std::string_view text)
{
    if (text.size() > 1 && text.front() == '+')
        text.remove_prefix(1);
    Number number{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || rest != end)
        return std::nullopt;
    return number;
}

/// A whole number, also where it is written as `3.0` or `1e4`.
std::optional<int64_t> parseInteger(std::string_view text)
{
    if (const auto number = parseNumber<int64_t>(text))
        return number;
    constexpr double kLargestExact = 9'007'199'254'740'992.0; // 2^53
    const auto number = parseNumber<double>(text);
    if (!number || std::floor(*number) != *number || std::abs(*number) > kLargestExact)
        return std::nullopt;
    return static_cast<int64_t>(*number);
}

/// What a node says, short enough for a message.
std::string describeNode(const YamlNode& node)
{
    constexpr size_t kLongest = 40;
    switch (node.kind) {
    case YamlNode::Kind::Null:
        return "nothing";
    case YamlNode::Kind::Sequence:
        return "a list";
    case YamlNode::Kind::Mapping:
        return "a section";
    case YamlNode::Kind::Scalar:
        break;
    }
    std::string text = node.text;
    if (text.size() > kLongest) {
        size_t cut = kLongest;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
            --cut;
        text = text.substr(0, cut) + "...";
    }
    return node.isQuoted ? "the text " + formatConfigValue(text) : text;
}

class Reader {
public:
    Reader(const std::string& text, const std::string& fileName)
        : m_text(text), m_fileName(fileName)
    {}

    ConfigReading run()
    {
        m_reading.config = defaultConfig();
        if (m_text.size() > kMaxConfigBytes) {
            addIssue(Severity::Error, {}, "this is larger than 1 MiB and no configuration");
            return std::move(m_reading);
        }
        try {
            m_reading.root = parseYaml(m_text);
            m_reading.isParsed = true;
            readRoot();
        } catch (const YamlProblem& problem) {
            addIssue(Severity::Error, {}, problem.message, problem.offset);
        }
        if (m_reading.isParsed)
            addCrossChecks();
        if (isFull())
            addIssue(Severity::Error, {}, "there may be more problems than are listed here");
        sortIssues();
        return std::move(m_reading);
    }

private:
    bool isFull() const { return m_reading.issues.size() >= kMaxIssues; }

    void addIssue(Severity severity, std::string key, std::string message,
                  std::optional<size_t> offset = {})
    {
        ConfigIssue issue;
        issue.severity = severity;
        issue.file = m_fileName;
        issue.key = std::move(key);
        issue.message = std::move(message);
        if (offset)
            std::tie(issue.line, issue.column) = lineAndColumn(m_text, *offset);
        m_reading.issues.push_back(std::move(issue));
    }

    void readRoot()
    {
        const YamlNode& root = m_reading.root;
        if (root.kind == YamlNode::Kind::Null)
            return;
        if (root.kind != YamlNode::Kind::Mapping) {
            addIssue(Severity::Error, {},
                     "a configuration consists of sections with keys, such as \"training:\" and "
                     "below it \"  lr: 0.001\", not of " +
                         describeNode(root),
                     root.begin);
            return;
        }
        std::vector<std::string> seen;
        for (const auto& [name, body] : root.entries) {
            if (isFull())
                return;
            readSection(name, body, seen);
        }
    }

    void readSection(const YamlNode& name, const YamlNode& body, std::vector<std::string>& seen)
    {
        const auto sections = configSections();
        const bool isKnown =
            std::any_of(sections.begin(), sections.end(),
                        [&](const ConfigSection& section) { return section.name == name.text; });
        if (!isKnown) {
            addIssue(Severity::Error, name.text, "is no section" + suggestSection(name.text),
                     name.begin);
            return;
        }
        if (std::find(seen.begin(), seen.end(), name.text) != seen.end()) {
            addIssue(Severity::Error, name.text, "is a section that stands there already",
                     name.begin);
            return;
        }
        seen.push_back(name.text);
        if (body.kind == YamlNode::Kind::Null)
            return;
        if (body.kind != YamlNode::Kind::Mapping) {
            addIssue(Severity::Error, name.text,
                     "must hold keys, each on a line of its own and indented, not " +
                         describeNode(body),
                     body.begin);
            return;
        }
        for (const auto& [keyName, value] : body.entries) {
            if (isFull())
                return;
            readKey(name.text, keyName, value);
        }
    }

    std::string suggestSection(const std::string& name) const
    {
        constexpr size_t kLongestName = 64;
        if (name.size() > kLongestName)
            return {};
        for (const ConfigSection& section : configSections()) {
            if (editDistance(name, section.name) <= allowedSlips(name.size()))
                return "; did you mean " + section.name + "?";
        }
        const std::string key = nearestConfigKey(name);
        if (!key.empty())
            return "; did you mean the key " + key + "?";
        std::string known;
        for (const ConfigSection& section : configSections())
            known += (known.empty() ? "" : ", ") + section.name;
        return "; there are " + known;
    }

    void readKey(const std::string& section, const YamlNode& name, const YamlNode& value)
    {
        const std::string path = section + '.' + name.text;
        const ConfigKey* key = name.kind == YamlNode::Kind::Scalar ? findConfigKey(path) : nullptr;
        if (!key) {
            const std::string nearest = nearestConfigKey(path);
            addIssue(Severity::Error, path,
                     "is no key" + (nearest.empty() ? "" : "; did you mean " + nearest + "?"),
                     name.begin);
            return;
        }
        if (const ConfigEntry* earlier = m_reading.find(*key)) {
            const int line = lineAndColumn(m_text, earlier->nameBegin).first;
            addIssue(Severity::Error, path,
                     "is set twice; line " + std::to_string(line) + " has " +
                         (earlier->writtenPath == path ? "it" : earlier->writtenPath) + " already",
                     name.begin);
            return;
        }
        addEntry(*key, path, name, value);
        if (value.kind == YamlNode::Kind::Null)
            return;

        std::string problem;
        const ConfigValue read = configValueFromYaml(*key, value, problem);
        // The alias stands for a share, where the key itself also takes steps.
        if (problem.empty() && path == "training.warmup_ratio" && std::get<double>(read) >= 1)
            problem = "must be a share of all steps below 1; training.warmup_steps takes steps";
        if (problem.empty())
            key->set(m_reading.config, read);
        else
            addIssue(Severity::Error, path, problem, value.begin);
    }

    void addEntry(const ConfigKey& key, const std::string& path, const YamlNode& name,
                  const YamlNode& value)
    {
        ConfigEntry entry;
        entry.key = &key;
        entry.writtenPath = path;
        entry.nameBegin = name.begin;
        entry.nameEnd = name.end;
        entry.isBlockList = value.kind == YamlNode::Kind::Sequence && !value.isFlow;
        entry.begin = value.begin;
        entry.end = value.end;
        entry.isNull = value.kind == YamlNode::Kind::Null;
        m_reading.entries.push_back(std::move(entry));
    }

    void addCrossChecks()
    {
        const auto entryOf = [&](std::string_view path) -> const ConfigEntry* {
            const ConfigKey* key = findConfigKey(path);
            return key ? m_reading.find(*key) : nullptr;
        };
        const auto isSet = [&](std::string_view path) {
            const ConfigEntry* entry = entryOf(path);
            return entry && !entry->isNull;
        };
        for (const ConfigIssue& found : checkConfig(m_reading.config, isSet)) {
            const ConfigEntry* entry = entryOf(found.key);
            addIssue(found.severity, found.key, found.message,
                     entry ? std::optional(entry->begin) : std::nullopt);
        }
    }

    void sortIssues()
    {
        const auto place = [](const ConfigIssue& issue) {
            return std::tuple(issue.line == 0, issue.line, issue.column);
        };
        std::stable_sort(
            m_reading.issues.begin(), m_reading.issues.end(),
            [&](const ConfigIssue& a, const ConfigIssue& b) { return place(a) < place(b); });
    }

    const std::string& m_text;
    const std::string& m_fileName;
    ConfigReading m_reading;
};

} // namespace

const ConfigEntry* ConfigReading::find(const ConfigKey& key) const
{
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const ConfigEntry& entry) { return entry.key == &key; });
    return found == entries.end() ? nullptr : &*found;
}

ConfigReading readConfigText(const std::string& text, const std::string& fileName)
{
    return Reader(text, fileName).run();
}

ConfigValue configValueFromYaml(const ConfigKey& key, const YamlNode& node, std::string& problem)
{
    problem.clear();
    const bool isScalar = node.kind == YamlNode::Kind::Scalar;
    const bool isPlain = isScalar && !node.isQuoted;
    if (isPlain) {
        for (const auto& [word, value] : key.words) {
            if (node.text == word)
                return value;
        }
    }

    std::optional<ConfigValue> value;
    switch (key.type) {
    case ConfigType::Bool:
        if (isPlain)
            value = parseBool(node.text);
        break;
    case ConfigType::Integer:
        if (isPlain)
            value = parseInteger(node.text);
        break;
    case ConfigType::Number:
        if (isPlain)
            value = parseNumber<double>(node.text);
        break;
    case ConfigType::String:
    case ConfigType::Choice:
        if (isScalar)
            value = node.text;
        break;
    case ConfigType::StringList: {
        const bool isList =
            node.kind == YamlNode::Kind::Sequence &&
            std::all_of(node.items.begin(), node.items.end(),
                        [](const YamlNode& item) { return item.kind == YamlNode::Kind::Scalar; });
        if (isList) {
            std::vector<std::string> texts;
            for (const YamlNode& item : node.items)
                texts.push_back(item.text);
            value = std::move(texts);
        }
        break;
    }
    }
    if (!value) {
        problem = "must be " + describeAllowed(key) + ", not " + describeNode(node);
        return key.defaultValue;
    }
    problem = checkConfigValue(key, *value);
    return problem.empty() ? *value : key.defaultValue;
}

} // namespace samba
