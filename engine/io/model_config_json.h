#pragma once

#include "engine/model/tensor_manifest.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace samba {

/// What a config.json says of a model.
///
/// A flag is nothing where the file is silent: then the tensors decide it. No default of a class
/// stands in, because those of the two libraries that write such files differ.
struct ModelConfigFile {
    ModelConfig config;
    std::optional<bool> hasProjectionBias;
    std::optional<bool> hasConvBias;
    std::optional<bool> hasTiedHead;
    bool isOriginalLayout = false; ///< state-spaces' form, else Hugging Face's
};

/// Reads a model's config.json, in Hugging Face's form (`hidden_size`, ...), in the original one
/// (`d_model`, `ssm_cfg`, ...) or in ours (Hugging Face's with the readout's keys beside it); a
/// transformer's in Hugging Face's form of GPT-2.
/// Keys that decide nothing here (`dtype` or `torch_dtype`, `use_cache`, ...) are passed over.
/// @throws Error File if it cannot be read; Format, naming file and key, if it is damaged, of
///         another architecture, or describes an impossible model. Thread: any.
ModelConfigFile readModelConfig(const std::filesystem::path& configJson);

/// The same over text in memory; `path` is named in errors.
ModelConfigFile parseModelConfig(std::string_view text, const std::filesystem::path& path);

/// What a config.json says beside the model itself.
struct ModelConfigNotes {
    std::string dtype = "float32"; ///< of the stored weights: "float32", "float16", "bfloat16"
    std::optional<int64_t> endOfTextId = {}; ///< the tokenizer's, where there is one
};

/// Writes config.json in Hugging Face's form; the layers of a chunk and a Samba's readout keys
/// stand beside its own.
/// @throws Error File. Thread: any.
void writeModelConfig(const ModelDescription& description, const std::filesystem::path& configJson,
                      const ModelConfigNotes& notes = {});

/// Writes config.json in state-spaces' form, which knows neither readouts nor other epsilons than
/// 1e-5.
/// @throws Error File; InvalidArgument for a model that this form cannot describe. Thread: any.
void writeOriginalModelConfig(const ModelDescription& description,
                              const std::filesystem::path& configJson);

} // namespace samba
