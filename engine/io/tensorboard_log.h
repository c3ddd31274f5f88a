#pragma once

#include "engine/api/metrics.h"
#include "engine/api/run_history.h"
#include "engine/io/append_file.h"
#include "engine/io/tensorboard_event.h"

#include <cstdint>
#include <filesystem>

namespace samba {

/// What a run logs, as an event file that TensorBoard reads from the run folder, live.
///
/// Each start of a run has a file of its own. All scalars of a step are one record and reach the
/// file at once. Numbers carry the names of metrics.jsonl, those of evaluations "validation/" in
/// front, those of chunk k "chunk<k>/". Thread: one at a time.
class TensorboardLog {
public:
    /// Begins a file whose name sorts after those of all event files that are in the folder.
    /// @throws Error File.
    explicit TensorboardLog(const std::filesystem::path& runDir);

    /// Declares void what earlier files hold for this step and later ones. @throws Error File.
    void beginAgainAt(int64_t step);

    /// @throws Error File, each of the three.
    void append(const StepMetrics& metrics);
    void append(const ValidationMetrics& metrics);
    void append(const RunSample& sample);

    /// Makes everything durable. @throws Error File.
    void sync() { m_file.sync(); }

private:
    void write(const TensorboardEvent& event);

    AppendFile m_file;
    int64_t m_sampleStep = -1; ///< of the newest sample
    int m_sampleNumber = 0;    ///< of the newest sample, among those of its step
};

} // namespace samba
