#pragma once

#include "app/cli/engine_client.h"

#include <optional>

namespace samba::cli {

/// Asks the engine for a report, telling its warnings and faults on the console.
/// @return nothing if interrupted. @throws Error if the model's files cannot be used at all.
std::optional<ModelVerified> verifyModel(EngineClient& engine, const VerifyModel& request,
                                         Console& console);

} // namespace samba::cli
