#pragma once

#include "engine/api/model_info.h"

#include <string>

namespace samba {

/// What a run's environment.json says: program, libraries, machine, threads, model. Thread: engine.
std::string runEnvironmentJson(const ModelInfo& model);

} // namespace samba
