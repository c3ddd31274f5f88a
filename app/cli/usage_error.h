#pragma once

#include "engine/api/error.h"

#include <CLI/CLI.hpp>

#include <string>

namespace samba::cli {

/// What is wrong with a command line, with the nearest known name for a slip.
///
/// A word that nobody knows comes first: where an option is mistyped, "--model is required" would
/// only tell half of it.
/// @param app      after a parse that failed.
/// @param message  the parser's own sentence, used where no word is left over.
Error usageError(const CLI::App& app, const std::string& message);

/// Makes sure that a command was named, down to the last level.
/// @throws Error InvalidArgument that lists what there is.
void requireCommand(const CLI::App& app);

} // namespace samba::cli
