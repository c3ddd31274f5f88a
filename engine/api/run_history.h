#pragma once

#include "engine/api/activation_frame.h"
#include "engine/api/metrics.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace samba {

/// State of a run as its folder tells it.
enum class RunState { Running, Finished, Stopped, Failed, Interrupted };

/// "running", "finished", ...
const char* runStateName(RunState state);

/// One line of the Runs list.
struct RunSummary {
    std::filesystem::path path;
    std::string name;
    RunState state =
        RunState::Interrupted; ///< Interrupted: no end recorded and its process is gone
    std::string modelType;
    int64_t parameters = 0;
    double startedAt = 0; ///< seconds since 1970
    int64_t step = 0;     ///< last logged step
    int64_t totalSteps = 0;
    double lastLoss = 0;           ///< last logged main loss, NaN if none
    double bestValidationLoss = 0; ///< main loss, NaN if none
};

/// A sample of the run's timeline.
struct RunSample {
    int64_t step = 0;
    std::string prompt;
    std::string text;
};

/// One line of events.jsonl.
struct RunLogEntry {
    double time = 0; ///< seconds since 1970
    int64_t step = 0;
    std::string kind; ///< "start", "resume", "checkpoint", "stop", "error", ...
    std::string message;
};

/// A checkpoint folder of a run.
struct RunCheckpoint {
    std::filesystem::path path;
    int64_t step = 0;
};

/// Everything a run folder says, for the plots.
struct RunHistory {
    RunSummary summary;
    std::string configText;
    std::vector<StepMetrics> metrics;
    std::vector<ValidationMetrics> validation;
    std::vector<RunSample> samples;
    std::vector<RunLogEntry> log;
    std::vector<RunCheckpoint> checkpoints; ///< by step, complete ones only
    ActivationFramePtr lastFrame;           ///< newest stored frame, or null
};

/// The run folders directly below a folder, newest first; folders that are no runs are left out.
/// Reads files: call it off the GUI thread. Thread: any.
std::vector<RunSummary> listRuns(const std::filesystem::path& outputDir);

/// Reads one run folder, whether or not the run is still being written: a torn last line is left
/// out. Reads files: call it off the GUI thread. Thread: any.
/// @throws Error File or Format if the folder is not a run.
RunHistory readRun(const std::filesystem::path& runDir);

/// The complete checkpoints of a run by step; none for a folder that is no run. Thread: any.
std::vector<RunCheckpoint> listCheckpoints(const std::filesystem::path& runDir);

/// Whether a folder is a run folder.
bool isRunFolder(const std::filesystem::path& dir);

/// Writes all metrics of a run as one table, a row per logged step.
/// @throws Error File.
void exportMetricsCsv(const RunHistory& run, const std::filesystem::path& file);
void exportMetricsJson(const RunHistory& run, const std::filesystem::path& file);

} // namespace samba
