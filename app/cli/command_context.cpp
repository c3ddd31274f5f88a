#include "app/cli/command_context.h"

#include "app/program_name.h"
#include "engine/io/model_source.h"

namespace samba::cli {

EngineOptions CommandContext::engineOptions() const
{
    return {.builtinDir = global.builtinDir,
            .cacheDir = {},
            .device = global.device,
            .threads = static_cast<int>(global.threads),
            .program = programName("samba-cli"),
            .allowMissing = global.allowMissing,
            .allowUnexpected = global.allowUnexpected};
}

std::filesystem::path CommandContext::builtinDir() const
{
    return global.builtinDir.empty() ? findBuiltinDir() : std::filesystem::path(global.builtinDir);
}

} // namespace samba::cli
