#pragma once

#include "engine/api/config_schema.h"
#include "engine/model/initial_weights.h"
#include "engine/model/language_model.h"

#include <memory>

#include <ATen/core/Tensor.h>

namespace samba::test {

inline constexpr int64_t kSmallVocabulary = 50;

/// A model of three layers, each a chunk, with fresh weights, the same ones for all options. Header
/// only: it needs samba_engine, which the support library does not link.
inline std::unique_ptr<LanguageModel> makeSmallModel(const char* type,
                                                     const at::TensorOptions& options = {})
{
    ModelDescription description{defaultConfig().model};
    ModelConfig& config = description.config;
    config.type = type;
    config.dModel = 32;
    config.nLayers = 3;
    config.nHead = 4;
    config.vocabSize = kSmallVocabulary;
    config.readoutStride = 1;
    ModelWeights weights = initialWeights(TensorManifest(description), 3);
    for (auto& [name, tensor] : weights)
        tensor = tensor.to(options);
    return makeModel(description, std::move(weights));
}

inline std::unique_ptr<LanguageModel> makeSmallSamba(const at::TensorOptions& options = {})
{
    return makeSmallModel("samba", options);
}

} // namespace samba::test
