#pragma once

#include "engine/api/verification_report.h"
#include "engine/io/model_files.h"
#include "engine/model/language_model.h"

#include <filesystem>

namespace samba {

/// Who is going to change the weights.
enum class WeightAccess {
    ReadOnly, ///< nobody: tensors stay in the mapped file where their type is float32 already
    Writable  ///< training: every tensor is a copy of its own
};

/// A model's tensors as its folder holds them, under their Hugging Face names.
struct StoredModel {
    ModelDescription description; ///< flags decided by the tensors that are there
    ModelWeights weights;         ///< float32
    VerificationReport report;    ///< sound; with the checksum of every tensor that was read
};

/// Reads config.json and the weights of a model folder and accounts for every tensor.
///
/// Never holds two copies: tensors are taken over one by one (one a thread), and the pages of the
/// file that were read for it are given back. A tensor that was allowed to be missing is filled as
/// a fresh model has it.
/// @throws Error File or Format; every tensor that is wrong is named in one error. Thread: engine.
StoredModel loadStoredModel(const std::filesystem::path& folder,
                            WeightAccess access = WeightAccess::ReadOnly,
                            const TensorAllowances& allowances = {});

/// The report on a model folder with all checksums, whether the model is sound or not.
/// @throws Error File or Format only if the files themselves cannot be used. Thread: engine.
VerificationReport verifyStoredModel(const std::filesystem::path& folder,
                                     const TensorAllowances& allowances = {});

/// Holds two model folders against each other, reading both tensor by tensor.
/// @throws Error File or Format only if the files themselves cannot be used. Thread: engine.
ModelComparison compareStoredModels(const std::filesystem::path& first,
                                    const std::filesystem::path& second);

/// Writes config.json and model.safetensors; a tied head is not written twice.
/// @throws Error File. Thread: engine.
void saveStoredModel(const LanguageModel& model, const std::filesystem::path& folder);

} // namespace samba
