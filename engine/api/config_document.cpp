#include "engine/api/config_document.h"

#include "engine/api/config_reading.h"
#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"
#include "engine/io/text_file.h"

#include <algorithm>
#include <sstream>

namespace samba {

namespace {

/// Every section and key at its default, each under its help.
std::string defaultText()
{
    std::ostringstream out;
    for (const ConfigSection& section : configSections()) {
        if (&section != configSections().data())
            out << '\n';
        out << "# " << section.help << '\n' << section.name << ":\n";
        for (const ConfigKey& key : configSchema()) {
            if (key.section() != section.name)
                continue;
            out << "  # " << key.help << '\n';
            out << "  " << key.name() << ": " << formatConfigValue(key.defaultValue) << '\n';
        }
    }
    return out.str();
}

/// Edits a text that has been read, at the bytes that the reading names.
class TextEditor {
public:
    TextEditor(const std::string& text, const ConfigReading& reading)
        : m_text(text),
          m_reading(reading),
          m_lineEnd(text.find("\r\n") == std::string::npos ? "\n" : "\r\n")
    {}

    std::string set(const ConfigKey& key, const ConfigValue& value) const
    {
        if (const ConfigEntry* entry = m_reading.find(key))
            return replaceValue(*entry, value);
        return addKey(key, formatConfigValue(value));
    }

private:
    std::string spliced(size_t begin, size_t end, const std::string& replacement) const
    {
        return m_text.substr(0, begin) + replacement + m_text.substr(end);
    }

    size_t lineBegin(size_t offset) const
    {
        const size_t before = offset == 0 ? std::string::npos : m_text.rfind('\n', offset - 1);
        return before == std::string::npos ? 0 : before + 1;
    }

    /// Where the line ends, its line end left out.
    size_t lineEnd(size_t offset) const
    {
        const size_t end = std::min(m_text.find('\n', offset), m_text.size());
        return end > offset && m_text[end - 1] == '\r' ? end - 1 : end;
    }

    std::string replaceValue(const ConfigEntry& entry, const ConfigValue& value) const
    {
        const std::string replaced = replaceValueOnly(entry, value);
        // The name says that the value is a share; the key's own name fits shares and steps.
        if (entry.writtenPath != "training.warmup_ratio")
            return replaced;
        return replaced.substr(0, entry.nameBegin) + std::string(entry.key->name()) +
               replaced.substr(entry.nameEnd);
    }

    std::string replaceValueOnly(const ConfigEntry& entry, const ConfigValue& value) const
    {
        const std::string flat = formatConfigValue(value);
        if (entry.begin == entry.end)
            return spliced(entry.begin, entry.end, ' ' + flat);
        if (!entry.isBlockList)
            return spliced(entry.begin, entry.end, flat);

        const auto* texts = std::get_if<std::vector<std::string>>(&value);
        if (!texts || texts->empty()) {
            // Back onto the line of the key: at the place of the items it might stand too far left.
            const size_t colon = m_text.find(':', entry.nameEnd);
            return spliced(colon + 1, entry.end, ' ' + flat);
        }
        const std::string indent(entry.begin - lineBegin(entry.begin), ' ');
        std::string items;
        for (const std::string& text : *texts)
            items += (items.empty() ? "" : m_lineEnd + indent) + "- " + formatConfigValue(text);
        return spliced(entry.begin, entry.end, items);
    }

    /// Indentation of the keys, as the text's first section has it.
    std::string indentation() const
    {
        for (const auto& [name, body] : m_reading.root.entries) {
            if (body.kind == YamlNode::Kind::Mapping && !body.isFlow && !body.entries.empty())
                return std::string(body.begin - lineBegin(body.begin), ' ');
        }
        return "  ";
    }

    std::string addKey(const ConfigKey& key, const std::string& value) const
    {
        const YamlNode& root = m_reading.root;
        const std::string section(key.section());
        const std::string assignment = std::string(key.name()) + ": " + value;
        const auto found = std::find_if(root.entries.begin(), root.entries.end(),
                                        [&](auto& entry) { return entry.key.text == section; });
        if (found == root.entries.end())
            return addSection(section, assignment);

        const YamlNode& body = found->value;
        if (root.isFlow && body.kind == YamlNode::Kind::Null)
            return spliced(body.begin, body.end, " {" + assignment + '}');
        if (body.isFlow)
            return addToBrackets(body, assignment);
        if (body.kind == YamlNode::Kind::Mapping && !body.entries.empty()) {
            const std::string indent(body.begin - lineBegin(body.begin), ' ');
            const size_t end = lineEnd(body.end);
            return spliced(end, end, m_lineEnd + indent + assignment);
        }
        // The section is empty, or holds something that is no mapping and gives way. What is left
        // on its line, a comment, stays there.
        const size_t end = lineEnd(body.end);
        return m_text.substr(0, body.begin) + m_text.substr(body.end, end - body.end) + m_lineEnd +
               indentation() + assignment + m_text.substr(end);
    }

    std::string addToBrackets(const YamlNode& body, const std::string& assignment) const
    {
        if (body.entries.empty())
            return spliced(body.begin, body.end, '{' + assignment + '}');
        const auto& last = body.entries.back();
        const size_t end = std::max(last.key.end, last.value.end);
        return spliced(end, end, ", " + assignment);
    }

    std::string addSection(const std::string& section, const std::string& assignment) const
    {
        const YamlNode& root = m_reading.root;
        if (root.isFlow)
            return addToBrackets(root, section + ": {" + assignment + '}');
        std::string text = m_text;
        if (root.kind == YamlNode::Kind::Null) // "~" and "null" give way
            text.erase(root.begin, root.end - root.begin);
        if (!text.empty() && text.back() != '\n')
            text += m_lineEnd;
        if (!text.empty())
            text += m_lineEnd;
        return text + section + ':' + m_lineEnd + indentation() + assignment + m_lineEnd;
    }

    const std::string& m_text;
    const ConfigReading& m_reading;
    const std::string m_lineEnd;
};

/// Brings a value to the alternative that the key's setter takes.
ConfigValue widened(const ConfigKey& key, const ConfigValue& value)
{
    if (key.type == ConfigType::Number && std::holds_alternative<int64_t>(value))
        return static_cast<double>(std::get<int64_t>(value));
    return value;
}

/// The right side of an assignment as a node.
YamlNode parseAssigned(const ConfigKey& key, const std::string& text)
{
    const bool isQuoted = !text.empty() && (text.front() == '"' || text.front() == '\'');
    if (isQuoted || (key.type != ConfigType::String && key.type != ConfigType::Choice))
        return parseYaml(text);
    YamlNode node;
    node.kind = YamlNode::Kind::Scalar;
    node.text = text;
    return node;
}

} // namespace

std::string ConfigIssue::toString() const
{
    std::string text = file;
    if (line > 0)
        text += (text.empty() ? "line " : ":") + std::to_string(line);
    if (line > 0 && column > 0)
        text += ':' + std::to_string(column);
    text += text.empty() ? "" : ": ";
    text += severity == Severity::Error ? "error: " : "warning: ";
    return text + (key.empty() ? "" : key + ": ") + message;
}

ConfigDocument::ConfigDocument() : ConfigDocument(defaultText(), {}, {}, {})
{}

ConfigDocument::ConfigDocument(std::string text, std::string fileName,
                               std::set<std::string> assignedKeys,
                               std::vector<ConfigIssue> assignmentIssues)
    : m_text(std::move(text)),
      m_fileName(std::move(fileName)),
      m_assignedKeys(std::move(assignedKeys)),
      m_assignmentIssues(std::move(assignmentIssues)),
      m_reading(std::make_shared<ConfigReading>(readConfigText(m_text, m_fileName)))
{
    m_issues = m_reading->issues;
    for (ConfigIssue& issue : m_issues) {
        // The place would be one in an edited text that nobody has seen.
        if (m_assignedKeys.count(issue.key) != 0) {
            issue.file = "--set";
            issue.line = issue.column = 0;
        }
    }
    m_issues.insert(m_issues.end(), m_assignmentIssues.begin(), m_assignmentIssues.end());
}

ConfigDocument ConfigDocument::fromText(std::string text, std::string fileName)
{
    return ConfigDocument(std::move(text), std::move(fileName), {}, {});
}

ConfigDocument ConfigDocument::fromFile(const std::filesystem::path& file)
{
    std::string text = readTextFile(file, kMaxConfigBytes + 1);
    if (text.size() > kMaxConfigBytes) {
        throwFormatError(file, "is larger than 1 MiB and no configuration",
                         "Choose a YAML file such as those in the folder configs.");
    }
    return fromText(std::move(text), file.string());
}

const Config& ConfigDocument::config() const
{
    return m_reading->config;
}

bool ConfigDocument::isValid() const
{
    return std::none_of(m_issues.begin(), m_issues.end(), [](const ConfigIssue& issue) {
        return issue.severity == ConfigIssue::Severity::Error;
    });
}

bool ConfigDocument::isSet(std::string_view path) const
{
    const ConfigKey* key = findConfigKey(path);
    const ConfigEntry* entry = key ? m_reading->find(*key) : nullptr;
    return entry && !entry->isNull;
}

ConfigDocument ConfigDocument::withValue(std::string_view path, const ConfigValue& value) const
{
    const ConfigKey* key = findConfigKey(path);
    if (!key) {
        const std::string nearest = nearestConfigKey(path);
        throw Error(ErrorKind::Config, std::string(path) + " is no key of a configuration.",
                    nearest.empty() ? std::string() : "Did you mean " + nearest + '?');
    }
    const ConfigValue wanted = widened(*key, value);
    const std::string problem = checkConfigValue(*key, wanted);
    if (!problem.empty())
        throw Error(ErrorKind::Config, key->path + ' ' + problem + '.');
    const YamlNode::Kind rootKind = m_reading->root.kind;
    if (!m_reading->isParsed ||
        (rootKind != YamlNode::Kind::Mapping && rootKind != YamlNode::Kind::Null)) {
        throw Error(ErrorKind::Config,
                    key->path + " cannot be changed in a text that is no configuration.",
                    m_issues.empty() ? std::string() : m_issues.front().toString());
    }
    return ConfigDocument(TextEditor(m_text, *m_reading).set(*key, wanted), m_fileName,
                          m_assignedKeys, m_assignmentIssues);
}

ConfigDocument ConfigDocument::withAssignment(std::string_view assignment) const
{
    const size_t equals = assignment.find('=');
    const std::string path(assignment.substr(0, equals));
    const auto refused = [&](const std::string& key, const std::string& message) {
        std::vector<ConfigIssue> issues = m_assignmentIssues;
        issues.push_back({ConfigIssue::Severity::Error, "--set", 0, 0, key, message});
        return ConfigDocument(m_text, m_fileName, m_assignedKeys, std::move(issues));
    };
    if (equals == std::string_view::npos)
        return refused({}, "\"" + path + "\" has no value; write key=value, as training.lr=1e-4");
    const ConfigKey* key = findConfigKey(path);
    if (!key) {
        const std::string nearest = nearestConfigKey(path);
        return refused(path,
                       "is no key" + (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }

    ConfigValue value = key->defaultValue;
    try {
        const YamlNode node = parseAssigned(*key, std::string(assignment.substr(equals + 1)));
        std::string problem;
        if (node.kind != YamlNode::Kind::Null)
            value = configValueFromYaml(*key, node, problem);
        if (!problem.empty())
            return refused(path, problem);
    } catch (const YamlProblem& problem) {
        return refused(path, problem.message);
    }
    // A text that does not parse has an issue already, and no place for the value.
    if (!m_reading->isParsed || (m_reading->root.kind != YamlNode::Kind::Mapping &&
                                 m_reading->root.kind != YamlNode::Kind::Null))
        return *this;
    ConfigDocument changed = withValue(key->path, value);
    std::set<std::string> assigned = m_assignedKeys;
    assigned.insert(key->path);
    return ConfigDocument(changed.m_text, m_fileName, std::move(assigned), m_assignmentIssues);
}

const Config& ConfigDocument::validConfig() const
{
    if (isValid())
        return config();
    std::string message = "The configuration cannot be used:";
    for (const ConfigIssue& issue : m_issues)
        message += '\n' + issue.toString();
    throw Error(ErrorKind::Config, message,
                "Change the lines named; \"samba-cli config reference\" describes every key.");
}

void ConfigDocument::save(const std::filesystem::path& file) const
{
    writeFileAtomically(file, m_text);
}

} // namespace samba
