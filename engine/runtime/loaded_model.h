#pragma once

#include "engine/api/config.h"
#include "engine/api/model_info.h"
#include "engine/api/verification_report.h"
#include "engine/io/model_files.h"
#include "engine/model/language_model.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace samba {

class Tokenizer;

/// A model in hand with what belongs to it. Thread: engine.
struct LoadedModel {
    std::unique_ptr<LanguageModel> model;
    std::shared_ptr<const Tokenizer> tokenizer; ///< null if none was found
    std::string name;
    std::string source; ///< path, empty for a fresh model
    int64_t step = 0;
    std::vector<std::string> warnings;
    std::shared_ptr<const VerificationReport> report; ///< null for a fresh model

    ModelInfo info() const;

    /// The tokenizer. @throws Error InvalidArgument if there is none.
    const std::shared_ptr<const Tokenizer>& requireTokenizer() const;
};

/// Loads what a front end names (see findModel()) onto a device.
/// @param format  see makeModel(); on CUDA devices float32 only.
/// @throws Error File or Format. Thread: engine.
LoadedModel loadModel(const std::string& source, const std::filesystem::path& builtinDir,
                      c10::Device device, const TensorAllowances& allowances = {},
                      kernels::WeightFormat format = kernels::WeightFormat::Float32);

/// The report on what a front end names, whether it is sound or not.
/// @throws Error File or Format only if its files cannot be used. Thread: engine.
VerificationReport verifyModel(const std::string& source, const std::filesystem::path& builtinDir,
                               const TensorAllowances& allowances = {});

/// The model that a run of this configuration starts from: fresh weights, or the pretrained ones
/// with a fresh readout where the configuration wants one. Its weights are writable.
/// @throws Error Config, File or Format. Thread: engine.
LoadedModel makeInitialModel(const Config& config, const std::filesystem::path& builtinDir,
                             c10::Device device, const TensorAllowances& allowances = {});

} // namespace samba
