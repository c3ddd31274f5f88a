#pragma once

#include "engine/api/config.h"
#include "engine/api/error.h"

#include <c10/core/Device.h>

namespace samba {

/// What to tell of a training run that found too little memory: what a step takes by the estimate,
/// what the device has, and what would take less. Not all of it is to be had: this program's
/// weights and other programs lie there too.
/// @param config  a valid one whose model section is resolved, as estimateTrainingMemory() wants
/// it. Thread: engine.
Error trainingMemoryError(const Config& config, c10::Device device);

} // namespace samba
