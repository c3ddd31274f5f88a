#pragma once

#include "engine/model/language_model.h"

#include <filesystem>

namespace samba {

/// A model's tensors as its folder holds them, under their Hugging Face names.
struct StoredModel {
    ModelDescription description; ///< flags decided by the tensors that are there
    ModelWeights weights;         ///< float32; mapped read-only where the file's type already is
};

/// Reads config.json and the weights of a model folder.
///
/// Every tensor is accounted for: missing, unexpected and misshapen ones are all named in one
/// error. A stored head is accepted beside a tied embedding only if both are equal bit for bit.
/// @throws Error File or Format. Thread: engine.
StoredModel loadStoredModel(const std::filesystem::path& folder);

/// Writes config.json and model.safetensors; a tied head is not written twice.
/// @throws Error File. Thread: engine.
void saveStoredModel(const LanguageModel& model, const std::filesystem::path& folder);

/// Own, writable copies of all weights: what training needs.
ModelWeights copyWeights(const ModelWeights& weights);

} // namespace samba
