#pragma once

#include "engine/api/events.h"
#include "engine/api/run_history.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

namespace samba {

// The names in a run folder, for its writer (RunFolder) and its readers (run_history):
//   config.yaml          the configuration as used, unchanged
//   environment.json     program, libraries, machine, model; written once
//   state.json           progress and outcome (RunStateFile); replaced as a whole
//   metrics.jsonl        a StepMetrics a line
//   validation.jsonl     a ValidationMetrics a line
//   samples.jsonl        {"step", "prompt", "text"} a line
//   events.jsonl         {"time", "step", "kind", "message"} a line; never cut back
//   events.out.tfevents.*  the same numbers and samples for TensorBoard, a file each start; never
//                        cut back: the next file's first event says from which step on they are
//                        void
//   activations/         step-<n>.frame (activation_file.h)
//   checkpoint-<n>/      complete checkpoints; checkpoint-best links to one of them
//   tmp-*                checkpoints being written or removed; left only by a killed process
//   wandb.log, wandb/    what the live sync to Weights & Biases said, and its files
//   lock                 locked by the writing process for as long as it lives
namespace run_layout {

constexpr const char* kConfig = "config.yaml";
constexpr const char* kEnvironment = "environment.json";
constexpr const char* kState = "state.json";
constexpr const char* kMetrics = "metrics.jsonl";
constexpr const char* kValidation = "validation.jsonl";
constexpr const char* kSamples = "samples.jsonl";
constexpr const char* kEvents = "events.jsonl";
constexpr const char* kActivations = "activations";
constexpr const char* kBestCheckpoint = "checkpoint-best";
constexpr const char* kTemporaryPrefix = "tmp-";
constexpr const char* kWandbLog = "wandb.log";
constexpr const char* kLock = "lock";

/// "checkpoint-500".
std::string checkpointName(int64_t step);

/// The step of "checkpoint-500", nothing for any other name.
std::optional<int64_t> checkpointStep(const std::string& name);

/// "step-500.frame".
std::string frameName(int64_t step);

/// The step of "step-500.frame", nothing for any other name.
std::optional<int64_t> frameStep(const std::string& name);

/// A run's folder as an absolute path that ends in its name.
std::filesystem::path normalPath(const std::filesystem::path& runDir);

} // namespace run_layout

/// What state.json says: the numbers of the Runs list that would take a long read otherwise.
struct RunStateFile {
    std::optional<RunOutcome> outcome; ///< nothing: running, or killed
    int64_t totalSteps = 0;            ///< 0: unknown
    double bestValidationLoss = std::numeric_limits<double>::quiet_NaN(); ///< main loss
};

/// @throws Error File.
void writeRunState(const RunStateFile& state, const std::filesystem::path& runDir);

/// Defaults for a file that is missing or damaged: everything in it can be found elsewhere.
RunStateFile readRunState(const std::filesystem::path& runDir);

/// Whether a process holds the run's lock. Takes no lock itself.
bool isRunLocked(const std::filesystem::path& runDir);

} // namespace samba
