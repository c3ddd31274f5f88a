#pragma once

#include "engine/api/commands.h"
#include "engine/io/model_files.h"
#include "engine/model/language_model.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace samba {

class Tokenizer;

/// What is exported: a model's tensors, one at a time, and what lies beside them.
struct ExportSource {
    ModelDescription description;
    /// The tensor of a name in the manifest, of any floating type.
    std::function<at::Tensor(const std::string& name)> tensor;
    /// Called when a tensor has been written and its memory may go; may be empty.
    std::function<void(const std::string& name)> release;
    std::shared_ptr<const Tokenizer> tokenizer; ///< null if there is none
    std::filesystem::path tokenizerFolder;      ///< its files are copied; empty: it is written anew
};

/// How far an export is, in bytes; returns false to give it up.
using ExportProgress = std::function<bool(int64_t done, int64_t total)>;

struct ExportResult {
    std::vector<std::string> files; ///< names in the folder, sorted
    int64_t bytes = 0;
};

/// Writes a model folder that other programs load: config, weights, tokenizer, generation settings.
///
/// The folder appears whole or not at all: it is written under another name beside its place. At
/// most one tensor is converted at a time. A Samba goes to transformers and to mamba-ssm as the
/// Mamba it is built on; its readout lies beside it in readout.safetensors, which they do not see.
/// @param request  source and configText are not read.
/// @return         nothing if `progress` gave it up.
/// @throws Error   File, also where the folder holds something already; InvalidArgument for what
///                 the format cannot express. Thread: engine.
std::optional<ExportResult> exportModel(const ExportSource& source, const ExportModel& request,
                                        const ExportProgress& progress);

/// The tensors of an opened model folder, which must outlive the source.
ExportSource exportSourceOf(const ModelFiles& files);

/// The tensors of a model in memory, taken over.
ExportSource exportSourceOf(const ModelDescription& description, ModelWeights weights);

} // namespace samba
