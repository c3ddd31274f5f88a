#pragma once

#include "engine/api/events.h"
#include "engine/api/run_history.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samba::testing {

// Values as the engine would send them, for tests of the window that need no engine.

/// A small Samba: 8 layers in 4 chunks.
samba::ModelInfo sampleModel();

/// The state of a run that learns: losses fall, sparsity grows. Steps are 1-based.
samba::StepMetrics sampleStep(int64_t step, int64_t totalSteps);
std::vector<samba::StepMetrics> sampleSteps(int64_t count, int64_t totalSteps);
samba::ValidationMetrics sampleValidation(int64_t step, int64_t totalSteps);

/// A frame of 4 chunks over a short sentence.
samba::ActivationFramePtr sampleFrame();

samba::RunStarted sampleRunStarted(const std::string& runDir, int64_t totalSteps);

/// Runs of every state.
std::vector<samba::RunSummary> sampleRuns(const std::string& outputDir);

/// A stored run with steps, validations, samples and a frame.
samba::RunHistory sampleHistory(const std::string& runDir, int64_t steps);

/// A run that another program logged for TensorBoard, as readRun() gives it.
samba::RunHistory sampleImportedRun(const std::string& runDir);

} // namespace samba::testing
