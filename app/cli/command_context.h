#pragma once

#include "app/cli/console.h"
#include "app/cli/exit_codes.h"
#include "app/cli/output.h"
#include "engine/api/engine.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace samba::cli {

/// Options that every command takes, before or after its name.
struct GlobalOptions {
    std::string device = "auto";
    int64_t threads = 0; ///< 0: all cores
    bool isQuiet = false;
    std::string builtinDir;                   ///< empty: found beside the program
    std::vector<std::string> allowMissing;    ///< patterns of tensors that a file may lack
    std::vector<std::string> allowUnexpected; ///< patterns of tensors that a file may have
    bool isStrict = false;                    ///< said, not only meant: no exceptions are named
};

/// What a command works with.
struct CommandContext {
    const GlobalOptions& global;
    Output& output;
    Console& console;

    EngineOptions engineOptions() const;

    /// The folder of the shipped example.
    std::filesystem::path builtinDir() const;
};

/// A command with its options read, ready to run.
/// @throws Error, OutputClosed.
using CommandAction = std::function<ExitCode(CommandContext&)>;

} // namespace samba::cli
