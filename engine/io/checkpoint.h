#pragma once

#include "engine/model/language_model.h"
#include "engine/train/trainer_state.h"

#include <filesystem>

namespace samba {

class Optimizer;
class Tokenizer;

/// Writes a checkpoint's files into a folder that exists and is empty: a model folder (config.json,
/// model.safetensors, tokenizer.json) with optimizer.safetensors and trainer_state.json beside it.
/// The caller makes the folder durable and gives it its name.
/// @throws Error File. Thread: engine.
void writeCheckpoint(const std::filesystem::path& folder, const LanguageModel& model,
                     const Tokenizer& tokenizer, const Optimizer& optimizer,
                     const TrainerState& state);

/// Where the run stood at a checkpoint. @throws Error File or Format.
TrainerState readTrainerState(const std::filesystem::path& checkpoint);

/// Takes weights and moments of a checkpoint over into a model and optimizer of the same shape.
/// @throws Error File or Format; model and optimizer may then be half changed. Thread: engine.
void restoreCheckpoint(const std::filesystem::path& checkpoint, const TrainerState& state,
                       LanguageModel& model, Optimizer& optimizer);

/// Whether a folder can be resumed from (it holds trainer_state.json).
bool isCheckpointFolder(const std::filesystem::path& folder);

} // namespace samba
