#pragma once

#include "engine/api/config.h"
#include "engine/api/config_schema.h"

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// One problem of a configuration text.
struct ConfigIssue {
    enum class Severity { Warning, Error };

    Severity severity = Severity::Error;
    std::string file;    ///< file name, or "--set", or empty for text typed in
    int line = 0;        ///< 1-based; 0: no place
    int column = 0;      ///< 1-based; 0: no place
    std::string key;     ///< full path, or empty
    std::string message; ///< what is wrong, what is allowed, the nearest known key

    /// "configs/a.yaml:12:7: error: training.lr: ..."
    std::string toString() const;
};

struct ConfigReading;

/// A configuration as YAML text together with what it says.
///
/// The text is the truth: edits change only the characters of the value concerned, so comments,
/// order and spacing survive. Immutable; every edit returns a new document. Thread: any.
class ConfigDocument {
public:
    /// Every section and key at its default, each with its help as a comment.
    ConfigDocument();

    /// Parses a text. Never throws for bad content: problems are in issues().
    static ConfigDocument fromText(std::string text, std::string fileName = {});

    /// Reads and parses a file.
    /// @throws Error File if the file cannot be read, Format if it is larger than 1 MiB.
    static ConfigDocument fromFile(const std::filesystem::path& file);

    const std::string& text() const { return m_text; }
    const std::string& fileName() const { return m_fileName; }

    /// The values; keys with an error are at their default.
    const Config& config() const;

    /// All problems, in the order of the text.
    const std::vector<ConfigIssue>& issues() const { return m_issues; }

    /// Whether there is no issue of severity Error.
    bool isValid() const;

    /// Whether the text itself sets the key, `null` not counted (else the default holds).
    bool isSet(std::string_view path) const;

    /// The document with one value changed in place, or added at the end of its section.
    /// @throws Error Config if the key is unknown or the value is not allowed.
    ConfigDocument withValue(std::string_view path, const ConfigValue& value) const;

    /// Applies `key=value` as given to --set. The value is read as YAML, for keys that hold text as
    /// it stands unless it is in quotes.
    /// @return the changed document; a bad key or value becomes an issue of it.
    ConfigDocument withAssignment(std::string_view assignment) const;

    /// The configuration.
    /// @throws Error Config with every issue in its message, one per line, if not valid.
    const Config& validConfig() const;

    /// Writes the text through a temporary sibling and a rename.
    /// @throws Error File if that fails.
    void save(const std::filesystem::path& file) const;

private:
    ConfigDocument(std::string text, std::string fileName, std::set<std::string> assignedKeys,
                   std::vector<ConfigIssue> assignmentIssues);

    std::string m_text;
    std::string m_fileName;
    std::set<std::string> m_assignedKeys; ///< set by withAssignment(), not by the file
    std::vector<ConfigIssue> m_assignmentIssues;
    std::vector<ConfigIssue> m_issues;
    std::shared_ptr<const ConfigReading> m_reading;
};

} // namespace samba
