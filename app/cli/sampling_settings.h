#pragma once

#include "engine/api/commands.h"

#include <CLI/CLI.hpp>

#include <string>

namespace samba::cli {

// The sampling options by name: one table behind the options of the command line and the `:set` of
// the dialogue.

/// Declares --temperature, --top-k, ... Parsing throws Error InvalidArgument for a value that is
/// not allowed.
/// @param sampling  outlives the parser.
void addSamplingOptions(CLI::App& app, SamplingOptions& sampling);

/// Sets one option as typed in a dialogue; `on` and `off` for what is a flag on the command line.
/// @throws Error InvalidArgument for an unknown name or a value that is not allowed.
void setSampling(SamplingOptions& sampling, const std::string& name, const std::string& value);

/// Every option with its present value, a line each.
std::string describeSampling(const SamplingOptions& sampling);

} // namespace samba::cli
