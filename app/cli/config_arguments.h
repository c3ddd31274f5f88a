#pragma once

#include "app/cli/command_context.h"
#include "engine/api/config_document.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace samba::cli {

/// A configuration as the command line names it: a file, and what overrules it.
struct ConfigArguments {
    std::string file;                     ///< empty: left to the command
    std::vector<std::string> assignments; ///< key=value, in order
};

/// Declares --set.
void addAssignments(CLI::App& app, ConfigArguments& arguments);

/// Reads a configuration file. A file that cannot be read is a mistake on the command line.
/// @throws Error Config.
ConfigDocument readConfigFile(const std::filesystem::path& file);

/// The document with the assignments in its text.
ConfigDocument withAssignments(ConfigDocument document,
                               const std::vector<std::string>& assignments);

/// Says the document's warnings. @throws Error Config with every problem if it is not valid.
void requireValid(const ConfigDocument& document, Console& console);

/// The architecture with nothing left to be found out: a vocabulary size of 0 becomes that of the
/// tokenizer. @throws Error Config, File or Format if that cannot be read.
ModelConfig resolvedModel(const Config& config, const std::filesystem::path& builtinDir);

} // namespace samba::cli
