#pragma once

#include "engine/api/model_info.h"

#include <string>

namespace samba {

/// What a run's environment.json says: program, libraries, machine, threads, model. Thread: engine.
/// @param program  as EngineOptions::program.
std::string runEnvironmentJson(const std::string& program, const ModelInfo& model);

} // namespace samba
