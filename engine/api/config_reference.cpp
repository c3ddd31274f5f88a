#include "engine/api/config_schema.h"

#include <sstream>

namespace samba {

namespace {

std::string code(const std::string& text)
{
    return '`' + text + '`';
}

std::string codeList(const std::vector<std::string>& texts)
{
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ", ") + code(text);
    return list;
}

void writeKey(std::ostream& out, const ConfigKey& key)
{
    out << "### " << code(key.path) << "\n\n" << key.label << ". " << key.help << "\n\n";
    out << "- Allowed: " << describeAllowed(key);
    if (!key.unit.empty())
        out << " (" << key.unit << ')';
    out << "\n- Default: " << code(formatConfigValue(key.defaultValue)) << '\n';
    if (key.advice) {
        out << "- Advised: " << formatConfigValue(key.advice->first) << " to "
            << formatConfigValue(key.advice->second);
        if (!key.adviceNote.empty())
            out << ' ' << key.adviceNote;
        out << '\n';
    }
    if (!key.aliases.empty())
        out << "- Also accepted: " << codeList(key.aliases) << '\n';
    out << '\n';
}

} // namespace

std::string configReferenceMarkdown()
{
    std::ostringstream out;
    out << "# Configuration reference\n\n"
           "<!-- Written by `samba-cli config reference` from engine/api/config_schema.cpp; "
           "do not edit. -->\n\n"
           "A configuration is a YAML file of the sections below. Every key may be left out: its "
           "default holds then,\nas it does for `null`. Unknown keys are errors. `--set "
           "section.key=value` on the command line overrules the file.\n\n";
    for (const ConfigSection& section : configSections()) {
        out << "## " << code(section.name) << "\n\n" << section.help << "\n\n";
        for (const ConfigKey& key : configSchema()) {
            if (key.section() == section.name)
                writeKey(out, key);
        }
    }
    std::string text = out.str();
    text.pop_back(); // the empty line after the last key
    return text;
}

} // namespace samba
