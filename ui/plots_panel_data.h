#pragma once

#include "engine/api/metrics.h"
#include "engine/api/run_history.h"

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace samba::ui {

/// What the x axis of the plots counts.
enum class PlotAxis { Step, Tokens, Time };

/// A number of one chunk.
struct ChunkValue {
    double samba::ChunkMetrics::*value = nullptr;
    std::size_t chunk = 0;
};

/// A series of an imported run, by its place among the run's scalars.
struct ScalarIndex {
    std::size_t index = 0;
};

/// Where the values of a curve come from.
using CurveSource = std::variant<double samba::StepMetrics::*, double samba::ValidationMetrics::*,
                                 ChunkValue, ScalarIndex>;

/// Samples of one curve, ready to be appended.
struct CurveSamples {
    std::vector<double> x;
    std::vector<double> y;
};

/// All that a run has logged, in order of its steps. Thread: GUI.
class RunMetrics {
public:
    /// Adds logged steps. If one does not lie beyond the newest, everything logged from it on is
    /// dropped first, evaluations included: the run went back to a checkpoint.
    void append(std::span<const samba::StepMetrics> steps);
    void append(const samba::ValidationMetrics& validation);
    void clear();

    /// Takes an imported run's scalars in place of everything.
    void setScalars(std::vector<samba::ScalarSeries> scalars);

    bool isEmpty() const { return m_steps.empty() && m_validation.empty() && m_scalars.empty(); }
    const std::vector<samba::StepMetrics>& steps() const { return m_steps; }
    const std::vector<samba::ValidationMetrics>& validation() const { return m_validation; }
    const std::vector<samba::ScalarSeries>& scalars() const { return m_scalars; }

    /// The most chunks that any step has reported.
    std::size_t chunkCount() const { return m_chunkCount; }

    /// Changes whenever earlier content is no longer true and curves must be built anew.
    int revision() const { return m_revision; }

    /// How many records a source has so far.
    std::size_t recordCount(const CurveSource& source) const;

    /// The samples of a source from a record on. An evaluation knows its step alone; its tokens and
    /// time are interpolated between the logged steps around it. Imported scalars have no tokens;
    /// their time counts from the first of all points.
    CurveSamples samples(const CurveSource& source, PlotAxis axis, std::size_t firstRecord) const;

private:
    double xOfStep(double step, PlotAxis axis) const;

    std::vector<samba::StepMetrics> m_steps;
    std::vector<samba::ValidationMetrics> m_validation;
    std::vector<samba::ScalarSeries> m_scalars;
    double m_scalarsStart = 0; ///< wall time of the first point
    std::size_t m_chunkCount = 0;
    int m_revision = 0;
};

} // namespace samba::ui
