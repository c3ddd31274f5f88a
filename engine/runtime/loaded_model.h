#pragma once

#include "engine/api/config.h"
#include "engine/api/model_info.h"
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

    ModelInfo info() const;

    /// The tokenizer. @throws Error InvalidArgument if there is none.
    const std::shared_ptr<const Tokenizer>& requireTokenizer() const;
};

/// Loads what a front end names (see findModel()).
/// @throws Error File or Format. Thread: engine.
LoadedModel loadModel(const std::string& source, const std::filesystem::path& builtinDir);

/// The model that a run of this configuration starts from: fresh weights, or the pretrained ones
/// with a fresh readout where the configuration wants one. Its weights are writable.
/// @throws Error Config, File or Format. Thread: engine.
LoadedModel makeInitialModel(const Config& config, const std::filesystem::path& builtinDir);

/// Makes sure that a device can be used, "auto" and "cpu" being the ones that can.
/// @throws Error Device.
void requireDevice(const std::string& device);

/// A sentence about a tokenizer that does not fit a model, or empty.
std::string tokenizerWarning(const Tokenizer& tokenizer, const ModelConfig& config);

} // namespace samba
