#pragma once

#include "app/cli/json_results.h"
#include "engine/api/events.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace samba::cli {

class Console;

/// Follows a run: tells its course on the console and keeps what the result says.
class TrainingReport {
public:
    /// @param console  outlives the report.
    explicit TrainingReport(Console& console) : m_console(console) {}

    void see(const Event& event);
    void see(const StepMetrics& metrics) { m_lastMetrics = metrics; }
    void see(const Progress& progress);

    /// Whether a run began and ended, in whatever way.
    bool hasEnded() const { return m_end.has_value(); }

    /// Whether the run went to its last step.
    bool isComplete() const { return m_end && m_end->outcome == RunOutcome::Finished; }

    /// The command that goes on with the run.
    std::string resumeCommand() const;

    /// The result for a person and for a program: run folder, steps, losses. The run must have
    /// ended.
    std::string text() const;
    Json json() const;

private:
    void tell(const RunStarted& started);
    void tell(const ValidationDone& done);
    void tell(const SampleDone& sample);
    /// A resumed run may have nothing left to do: its last numbers are those of the folder.
    void fillFromFolder();
    std::string lossText() const;

    Console& m_console;
    std::optional<RunStarted> m_start;
    std::optional<StepMetrics> m_lastMetrics;
    std::optional<ValidationMetrics> m_lastValidation;
    std::optional<RunFinished> m_end;
};

} // namespace samba::cli
