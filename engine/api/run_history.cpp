#include "engine/api/run_history.h"

#include "engine/api/config_document.h"
#include "engine/api/error.h"
#include "engine/io/activation_file.h"
#include "engine/io/file_error.h"
#include "engine/io/json_lines.h"
#include "engine/io/run_layout.h"
#include "engine/io/tensorboard_file.h"
#include "engine/io/tensorboard_import.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace samba {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

RunState stateOf(const fs::path& runDir, const RunStateFile& file)
{
    if (isRunLocked(runDir))
        return RunState::Running;
    if (!file.outcome)
        return RunState::Interrupted;
    switch (*file.outcome) {
    case RunOutcome::Finished:
        return RunState::Finished;
    case RunOutcome::Stopped:
        return RunState::Stopped;
    case RunOutcome::Failed:
        return RunState::Failed;
    }
    return RunState::Interrupted;
}

/// Runs a reader over each line of a file; a damaged line is an error that names file and line.
template <typename Read>
auto readRecords(const fs::path& path, Read read)
{
    std::vector<decltype(read(std::string()))> records;
    for (const std::string& line : readJsonLines(path)) {
        try {
            records.push_back(read(line));
        } catch (const std::exception& error) {
            throwFormatError(path,
                             "is damaged in line " + std::to_string(records.size() + 1) + ": " +
                                 error.what(),
                             "Delete that line; the rest of the run can be read then.");
        }
    }
    return records;
}

RunSample sampleFromJson(const std::string& line)
{
    const Json json = Json::parse(line);
    return {json.at("step").get<int64_t>(), json.at("prompt").get<std::string>(),
            json.at("text").get<std::string>()};
}

RunLogEntry logEntryFromJson(const std::string& line)
{
    const Json json = Json::parse(line);
    return {json.at("time").get<double>(), json.at("step").get<int64_t>(),
            json.at("kind").get<std::string>(), json.at("message").get<std::string>()};
}

/// The model as environment.json has it, else as the configuration says.
void readModel(const fs::path& runDir, RunSummary& summary)
{
    try {
        const Json json = Json::parse(readTextFile(runDir / run_layout::kEnvironment));
        const Json& model = json.at("model");
        summary.modelType = model.at("type").get<std::string>();
        summary.parameters = model.at("parameters").get<int64_t>();
        return;
    } catch (const Json::exception&) {
    } catch (const Error&) {
    }
    summary.modelType = ConfigDocument::fromFile(runDir / run_layout::kConfig).config().model.type;
}

double startOf(const fs::path& runDir)
{
    const std::string first = readFirstJsonLine(runDir / run_layout::kEvents);
    return first.empty() ? 0 : logEntryFromJson(first).time;
}

/// The summary but for the last step and its loss.
RunSummary readSummary(const fs::path& runDir)
{
    RunSummary summary;
    summary.path = run_layout::normalPath(runDir);
    summary.name = summary.path.filename().string();
    const RunStateFile state = readRunState(runDir);
    summary.state = stateOf(runDir, state);
    summary.totalSteps = state.totalSteps;
    summary.bestValidationLoss = state.bestValidationLoss;
    summary.lastLoss = kNaN;
    readModel(runDir, summary);
    summary.startedAt = startOf(runDir);
    return summary;
}

void setLastStep(RunSummary& summary, const StepMetrics& last)
{
    summary.step = last.step;
    summary.lastLoss = last.main;
}

/// A run whose files cannot be read: listed as it is; opening it says what is wrong.
RunSummary damagedSummary(const fs::path& runDir, RunState state)
{
    RunSummary summary;
    summary.path = runDir;
    summary.name = runDir.filename().string();
    summary.state = state;
    summary.lastLoss = summary.bestValidationLoss = kNaN;
    return summary;
}

/// The folders of event files at or below a folder, by their paths from there.
void listImportedRuns(const fs::path& outputDir, std::vector<RunSummary>& runs)
{
    for (const fs::path& folder : findTensorboardFolders(outputDir)) {
        try {
            runs.push_back(readTensorboardSummary(folder));
        } catch (const std::exception&) {
            runs.push_back(damagedSummary(folder, RunState::Imported));
        }
        if (folder != outputDir)
            runs.back().name = folder.lexically_relative(outputDir).string();
    }
}

/// Steps and paths of the entries of a folder whose names a function recognises, by step.
template <typename StepOf>
std::vector<RunCheckpoint> entriesByStep(const fs::path& folder, StepOf stepOf)
{
    std::vector<RunCheckpoint> found;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        if (const std::optional<int64_t> step = stepOf(entries->path().filename().string()))
            found.push_back({entries->path(), *step});
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.step < b.step; });
    return found;
}

/// The newest frame that can be read: a damaged one must not hide the run.
ActivationFramePtr newestFrame(const fs::path& runDir)
{
    const auto frames = entriesByStep(runDir / run_layout::kActivations, run_layout::frameStep);
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
        try {
            return readActivationFile(frame->path);
        } catch (const Error&) {
            continue;
        }
    }
    return nullptr;
}

} // namespace

const char* runStateName(RunState state)
{
    switch (state) {
    case RunState::Running:
        return "running";
    case RunState::Finished:
        return "finished";
    case RunState::Stopped:
        return "stopped";
    case RunState::Failed:
        return "failed";
    case RunState::Interrupted:
        return "interrupted";
    case RunState::Imported:
        return "imported";
    }
    return "interrupted";
}

bool isRunFolder(const fs::path& dir)
{
    std::error_code error;
    return fs::is_regular_file(dir / run_layout::kConfig, error) &&
           fs::exists(dir / run_layout::kMetrics, error);
}

std::vector<RunSummary> listRuns(const fs::path& outputDir)
{
    std::vector<RunSummary> runs;
    std::error_code error;
    fs::directory_iterator entries(outputDir, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        const fs::path runDir = entries->path();
        if (!isRunFolder(runDir))
            continue;
        try {
            RunSummary summary = readSummary(runDir);
            const std::string last = readLastJsonLine(runDir / run_layout::kMetrics);
            if (!last.empty())
                setLastStep(summary, stepMetricsFromJson(last));
            runs.push_back(std::move(summary));
        } catch (const std::exception&) {
            runs.push_back(damagedSummary(runDir, RunState::Interrupted));
        }
    }
    listImportedRuns(outputDir, runs);
    std::sort(runs.begin(), runs.end(), [](const RunSummary& a, const RunSummary& b) {
        return a.startedAt != b.startedAt ? a.startedAt > b.startedAt : a.name > b.name;
    });
    return runs;
}

RunHistory readRun(const fs::path& runDir)
{
    if (!isRunFolder(runDir)) {
        if (!tensorboardFiles(runDir).empty())
            return readTensorboardRun(runDir);
        throw Error(ErrorKind::File, "The folder " + quotedPath(runDir) + " is no run.",
                    "Name a folder that holds config.yaml and metrics.jsonl, or event files of "
                    "TensorBoard.");
    }
    RunHistory run;
    run.log = readRecords(runDir / run_layout::kEvents, logEntryFromJson);
    run.summary = readSummary(runDir);
    run.configText = readTextFile(runDir / run_layout::kConfig);
    run.metrics = readRecords(runDir / run_layout::kMetrics, stepMetricsFromJson);
    run.validation = readRecords(runDir / run_layout::kValidation, validationMetricsFromJson);
    run.samples = readRecords(runDir / run_layout::kSamples, sampleFromJson);
    run.checkpoints = listCheckpoints(runDir);
    run.lastFrame = newestFrame(runDir);
    if (!run.metrics.empty())
        setLastStep(run.summary, run.metrics.back());
    for (const ValidationMetrics& validation : run.validation) {
        double& best = run.summary.bestValidationLoss;
        if (std::isnan(best) || validation.main < best)
            best = validation.main;
    }
    return run;
}

std::vector<RunCheckpoint> listCheckpoints(const fs::path& runDir)
{
    return entriesByStep(runDir, run_layout::checkpointStep);
}

} // namespace samba
