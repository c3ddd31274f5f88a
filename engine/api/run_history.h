#pragma once

#include "engine/api/activation_frame.h"
#include "engine/api/metrics.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace samba {

/// State of a run as its folder tells it.
enum class RunState {
    Running,
    Finished,
    Stopped,
    Failed,
    Interrupted, ///< no end recorded and its process is gone
    Imported     ///< no run folder but event files that another program wrote for TensorBoard
};

/// "running", "finished", ...
const char* runStateName(RunState state);

/// One line of the Runs list.
struct RunSummary {
    std::filesystem::path path;
    std::string name;
    RunState state = RunState::Interrupted;
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

/// A number that another program logged.
struct ScalarPoint {
    int64_t step = 0;
    double wallTime = 0; ///< seconds since 1970
    double value = 0;
};

/// All that another program logged under one name, by step, no step twice.
struct ScalarSeries {
    std::string tag; ///< "train/loss": what stands before the last slash is a group
    std::vector<ScalarPoint> points;
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
    std::vector<ScalarSeries> scalars;      ///< of an imported run, by tag; it has no metrics
};

/// The run folders directly below a folder and other programs' folders with event files at or below
/// it (RunState::Imported), newest first; folders that are neither are left out.
/// Reads files: call it off the GUI thread. Thread: any.
std::vector<RunSummary> listRuns(const std::filesystem::path& outputDir);

/// Reads one run folder, or a folder of event files, whether or not the run is still being written:
/// a torn last line or record is left out. Reads files: call it off the GUI thread. Thread: any.
/// @throws Error File or Format if the folder is not a run.
RunHistory readRun(const std::filesystem::path& runDir);

/// The complete checkpoints of a run by step; none for a folder that is no run. Thread: any.
std::vector<RunCheckpoint> listCheckpoints(const std::filesystem::path& runDir);

/// Whether a folder is a run folder.
bool isRunFolder(const std::filesystem::path& dir);

/// All metrics of a run as one table, a row per step that was logged or evaluated; of an imported
/// run a column a tag. Names and numbers are those of metrics.jsonl. Thread: any.
std::string metricsAsCsv(const RunHistory& run);

/// The run's name, configuration and metrics as one JSON text. Thread: any.
std::string metricsAsJson(const RunHistory& run);

/// Writes these texts into a file. @throws Error File. Thread: any.
void exportMetricsCsv(const RunHistory& run, const std::filesystem::path& file);
void exportMetricsJson(const RunHistory& run, const std::filesystem::path& file);

} // namespace samba
