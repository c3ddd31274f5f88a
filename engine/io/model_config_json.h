#pragma once

#include "engine/model/tensor_manifest.h"

#include <filesystem>

namespace samba {

/// Reads a model's config.json, in Hugging Face's form (`hidden_size`, ...), in the original one
/// (`d_model`, `ssm_cfg`, ...) or in ours (Hugging Face's with the readout's keys beside it).
/// Flags that the weights themselves decide (biases, tied head) are taken from the file where it
/// says them and are Mamba's published defaults otherwise; loading corrects them.
/// @throws Error File if it cannot be read; Format, naming file and key, if it is damaged, of
/// another
///         architecture, or describes an impossible model. Thread: any.
ModelDescription readModelConfig(const std::filesystem::path& configJson);

/// Writes config.json in Hugging Face's form; a Samba's readout keys stand beside them.
/// @throws Error File. Thread: any.
void writeModelConfig(const ModelDescription& description, const std::filesystem::path& configJson);

} // namespace samba
