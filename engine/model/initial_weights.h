#pragma once

#include "engine/model/language_model.h"

namespace samba {

/// Fresh tensors for those of the manifest that the weights lack, added to them. The head of a
/// readout becomes a copy of the backbone's. Thread: engine.
void addMissingWeights(const TensorManifest& manifest, ModelWeights& weights, uint64_t seed);

} // namespace samba
