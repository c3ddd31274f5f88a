#pragma once

#include "app/cli/command_context.h"

#include <CLI/CLI.hpp>

namespace samba::cli {

// One function a subcommand: declares it with its options, help and examples. Parsing it leaves
// what it has to do in `action`, which outlives the parser.

void addTrainCommand(CLI::App& app, CommandAction& action);
void addGenerateCommand(CLI::App& app, CommandAction& action);
void addEvalCommand(CLI::App& app, CommandAction& action);
void addInspectCommand(CLI::App& app, CommandAction& action);
void addInfoCommand(CLI::App& app, CommandAction& action);
void addDataCommand(CLI::App& app, CommandAction& action);
void addDoctorCommand(CLI::App& app, CommandAction& action);
void addEstimateCommand(CLI::App& app, CommandAction& action);
void addTokenizerCommand(CLI::App& app, CommandAction& action);
void addConfigCommand(CLI::App& app, CommandAction& action);
void addPullCommand(CLI::App& app, CommandAction& action);
void addRunsCommand(CLI::App& app, CommandAction& action);
void addVerifyCommand(CLI::App& app, CommandAction& action);
void addExportCommand(CLI::App& app, CommandAction& action);
void addDumpCommand(CLI::App& app, CommandAction& action);
void addSyncCommand(CLI::App& app, CommandAction& action);
void addBenchCommand(CLI::App& app, CommandAction& action);

} // namespace samba::cli
