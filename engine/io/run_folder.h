#pragma once

#include "engine/api/activation_frame.h"
#include "engine/api/config.h"
#include "engine/api/events.h"
#include "engine/api/metrics.h"
#include "engine/api/run_history.h"
#include "engine/io/file_descriptor.h"
#include "engine/io/json_lines.h"
#include "engine/io/run_file_sizes.h"
#include "engine/io/run_layout.h"
#include "engine/io/tensorboard_log.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace samba {

/// The one writer of a run (what lies in the folder: run_layout.h; who reads it: run_history.h).
///
/// Whatever moment the process is killed at, the folder can be read and the run resumed: lines are
/// appended whole, everything else appears under its name only when it is complete and durable. A
/// lock keeps a second process out and tells readers that the run is alive. Thread: one at a time.
class RunFolder {
public:
    /// Begins a run in a new or empty folder.
    /// @param configText       stored unchanged.
    /// @param environmentJson  stored unchanged; readers look for "model": {"type", "parameters"}.
    /// @throws Error File if the folder has something in it or cannot be written.
    static std::unique_ptr<RunFolder> create(const std::filesystem::path& dir,
                                             const std::string& configText,
                                             const std::string& environmentJson);

    /// Takes up a run again: cuts torn lines, removes what a killed process left half done.
    /// @throws Error File or Format if the folder is no run, Busy if a process is writing it.
    static std::unique_ptr<RunFolder> open(const std::filesystem::path& dir);

    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;

    const std::filesystem::path& path() const { return m_path; }

    /// Records that training begins or goes on; from here on an event file for TensorBoard takes
    /// metrics, validation and samples too. @throws Error File.
    void begin(int64_t firstStep, int64_t totalSteps, bool isResumed);

    /// Records how training ended. @param message  why, for a failure. @throws Error File.
    void finish(RunOutcome outcome, int64_t step, const std::string& message);

    /// @throws Error File, each of the five.
    void appendMetrics(const StepMetrics& metrics);
    void appendValidation(const ValidationMetrics& metrics);
    void appendSample(const RunSample& sample);
    void appendEvent(const std::string& kind, int64_t step, const std::string& message);
    void writeFrame(const ActivationFrame& frame);

    /// Sizes to be kept in a checkpoint that is about to be written.
    RunFileSizes fileSizes() const;

    /// Cuts metrics, validation and samples back to a checkpoint's sizes, so that a resumed run
    /// leaves neither gaps nor doubles. Events stay: they tell what really happened. Event files of
    /// TensorBoard stay too; begin() has the next one say what is void in them.
    /// @throws Error Format if the files are shorter than that, File.
    void truncateTo(const RunFileSizes& sizes);

    /// Makes an empty folder to write a checkpoint into, beside its later place.
    /// @throws Error File.
    std::filesystem::path beginCheckpoint(int64_t step);

    /// Makes the checkpoint and all lines before it durable, then gives it its name.
    /// @return the checkpoint's folder. @throws Error File; no checkpoint has changed then.
    std::filesystem::path commitCheckpoint(int64_t step);

    /// Removes a checkpoint, which disappears at once; nothing if there is none. @throws Error
    /// File.
    void removeCheckpoint(int64_t step);

    /// Makes checkpoint-best point to a checkpoint. @throws Error File.
    void setBestCheckpoint(int64_t step);

    /// Where the checkpoint of a step lies or would lie.
    std::filesystem::path checkpointPath(int64_t step) const;

    /// The complete checkpoints by step.
    std::vector<RunCheckpoint> checkpoints() const;

private:
    RunFolder(std::filesystem::path dir, FileDescriptor lock);

    std::filesystem::path temporaryPath(const std::string& name) const;
    void removeLeftovers() const;

    std::filesystem::path m_path;
    FileDescriptor m_lock;
    JsonLinesFile m_metrics;
    JsonLinesFile m_validation;
    JsonLinesFile m_samples;
    JsonLinesFile m_events;
    std::optional<TensorboardLog> m_tensorboard; ///< from begin() on
    RunStateFile m_state;
};

/// A name for a new run's folder below logging.output_dir: logging.run_name, else the architecture
/// with date and time, as "samba-20250131-120000"; a number is added where the name is taken.
std::string newRunName(const Config& config);

} // namespace samba
