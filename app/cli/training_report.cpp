#include "app/cli/training_report.h"

#include "app/cli/console.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace samba::cli {
namespace {

const char* outcomeName(RunOutcome outcome)
{
    switch (outcome) {
    case RunOutcome::Finished:
        return "finished";
    case RunOutcome::Stopped:
        return "stopped";
    case RunOutcome::Failed:
        break;
    }
    return "failed";
}

/// Losses in the words of the result; those that do not exist are left out.
template <typename Metrics>
std::string lossesOf(const Metrics& metrics)
{
    std::string text = "main " + formatNumber(metrics.main);
    if (!std::isnan(metrics.readout))
        text += ", readout " + formatNumber(metrics.readout);
    if (!std::isnan(metrics.pruning))
        text += ", pruning " + formatNumber(metrics.pruning);
    return formatNumber(metrics.total) + " (" + text + ')';
}

std::string stepPrefix(int64_t step)
{
    return "step " + formatInteger(step) + ": ";
}

} // namespace

void TrainingReport::see(const Event& event)
{
    if (const auto* started = std::get_if<RunStarted>(&event)) {
        tell(*started);
    } else if (const auto* done = std::get_if<ValidationDone>(&event)) {
        tell(*done);
    } else if (const auto* sample = std::get_if<SampleDone>(&event)) {
        tell(*sample);
    } else if (const auto* saved = std::get_if<CheckpointSaved>(&event)) {
        m_console.note(stepPrefix(saved->step) + "checkpoint " + saved->path +
                       (saved->isBest ? " (best so far)" : ""));
    } else if (const auto* changed = std::get_if<StateChanged>(&event)) {
        if (changed->state == EngineState::Stopping)
            m_console.note("Stopping after a checkpoint; Ctrl-C again ends at once, without one.");
    } else if (const auto* finished = std::get_if<RunFinished>(&event)) {
        m_end = *finished;
        fillFromFolder();
    }
}

void TrainingReport::fillFromFolder()
{
    const RunHistory run = readRun(m_end->runDir);
    if (!m_lastMetrics && !run.metrics.empty())
        m_lastMetrics = run.metrics.back();
    if (!m_lastValidation && !run.validation.empty())
        m_lastValidation = run.validation.back();
}

void TrainingReport::see(const Progress& progress)
{
    m_console.progress(progress, m_lastMetrics ? lossText() : std::string());
}

std::string TrainingReport::lossText() const
{
    return "loss " + lossesOf(*m_lastMetrics);
}

void TrainingReport::tell(const RunStarted& started)
{
    m_start = started;
    const std::string where = started.isResumed ? "Resuming " + started.runDir + " at step " +
                                                      formatInteger(started.firstStep)
                                                : "Training in " + started.runDir;
    m_console.note(where + ": " + started.info.type + " of " +
                   formatInteger(started.info.totalParameters) + " parameters, " +
                   formatInteger(started.totalSteps) + " steps of " +
                   formatInteger(started.tokensPerStep) + " tokens.");
}

void TrainingReport::tell(const ValidationDone& done)
{
    m_lastValidation = done.metrics;
    m_console.note(stepPrefix(done.metrics.step) + "validation loss " +
                   formatNumber(done.metrics.main) + ", perplexity " +
                   formatNumber(done.metrics.perplexity) + ", accuracy " +
                   formatShare(done.metrics.accuracy));
}

void TrainingReport::tell(const SampleDone& sample)
{
    m_console.note(stepPrefix(sample.step) + "sample: " + sample.prompt + sample.text);
}

std::string TrainingReport::resumeCommand() const
{
    return "samba-cli train --resume " + shellQuoted(m_end->runDir);
}

std::string TrainingReport::text() const
{
    TextTable table({{}, {}});
    table.addRow({"Run", m_end->runDir});
    table.addRow({"Outcome", std::string(outcomeName(m_end->outcome)) + " at step " +
                                 formatInteger(m_end->step) + " of " +
                                 formatInteger(m_start->totalSteps)});
    if (m_lastMetrics)
        table.addRow({"Final loss", lossesOf(*m_lastMetrics)});
    if (m_lastValidation)
        table.addRow({"Validation loss", lossesOf(*m_lastValidation) + ", perplexity " +
                                             formatNumber(m_lastValidation->perplexity)});
    if (std::isfinite(m_end->bestValidationLoss))
        table.addRow({"Best validation loss", formatNumber(m_end->bestValidationLoss)});
    return table.toString();
}

Json TrainingReport::json() const
{
    Json json = {{"run", m_end->runDir},
                 {"outcome", outcomeName(m_end->outcome)},
                 {"step", m_end->step},
                 {"total_steps", m_start->totalSteps},
                 {"resumed_at", m_start->isResumed ? Json(m_start->firstStep) : Json()},
                 {"parameters", m_start->info.totalParameters},
                 {"best_validation_loss", m_end->bestValidationLoss}};
    json["final"] = m_lastMetrics ? toJson(*m_lastMetrics) : Json();
    json["validation"] = m_lastValidation ? toJson(*m_lastValidation) : Json();
    return json;
}

} // namespace samba::cli
