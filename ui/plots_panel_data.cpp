#include "ui/plots_panel_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace samba::ui {

namespace {

double xOf(const samba::StepMetrics& metrics, PlotAxis axis)
{
    switch (axis) {
    case PlotAxis::Tokens:
        return static_cast<double>(metrics.tokens);
    case PlotAxis::Time:
        return metrics.elapsedMs;
    case PlotAxis::Step:
        break;
    }
    return static_cast<double>(metrics.step);
}

/// Curves need an x that never falls; a clock set back by a resume must not break them.
void pushSample(CurveSamples& samples, double x, double y)
{
    samples.x.push_back(samples.x.empty() ? x : std::max(x, samples.x.back()));
    samples.y.push_back(y);
}

} // namespace

void RunMetrics::append(std::span<const samba::StepMetrics> steps)
{
    m_steps.reserve(std::max(m_steps.capacity(), m_steps.size() + steps.size()));
    for (const samba::StepMetrics& metrics : steps) {
        if (!m_steps.empty() && metrics.step <= m_steps.back().step) {
            const auto isBefore = [&metrics](const auto& record) {
                return record.step < metrics.step;
            };
            m_steps.erase(std::partition_point(m_steps.begin(), m_steps.end(), isBefore),
                          m_steps.end());
            m_validation.erase(
                std::partition_point(m_validation.begin(), m_validation.end(), isBefore),
                m_validation.end());
            ++m_revision;
        }
        m_chunkCount = std::max(m_chunkCount, metrics.chunks.size());
        m_steps.push_back(metrics);
    }
}

void RunMetrics::append(const samba::ValidationMetrics& validation)
{
    const auto place =
        std::partition_point(m_validation.begin(), m_validation.end(),
                             [&](const auto& record) { return record.step < validation.step; });
    if (place != m_validation.end()) {
        m_validation.erase(place, m_validation.end());
        ++m_revision;
    }
    m_validation.push_back(validation);
}

void RunMetrics::clear()
{
    m_steps.clear();
    m_validation.clear();
    m_scalars.clear();
    m_chunkCount = 0;
    ++m_revision;
}

void RunMetrics::setScalars(std::vector<samba::ScalarSeries> scalars)
{
    clear();
    m_scalars = std::move(scalars);
    m_scalarsStart = std::numeric_limits<double>::infinity();
    for (const samba::ScalarSeries& series : m_scalars) {
        for (const samba::ScalarPoint& point : series.points)
            m_scalarsStart = std::min(m_scalarsStart, point.wallTime);
    }
}

std::size_t RunMetrics::recordCount(const CurveSource& source) const
{
    if (const auto* scalar = std::get_if<ScalarIndex>(&source))
        return scalar->index < m_scalars.size() ? m_scalars[scalar->index].points.size() : 0;
    return std::holds_alternative<double samba::ValidationMetrics::*>(source) ? m_validation.size()
                                                                              : m_steps.size();
}

CurveSamples RunMetrics::samples(const CurveSource& source, PlotAxis axis,
                                 std::size_t firstRecord) const
{
    CurveSamples result;
    const std::size_t count = recordCount(source);
    if (firstRecord >= count)
        return result;
    result.x.reserve(count - firstRecord);
    result.y.reserve(count - firstRecord);

    if (const auto* value = std::get_if<double samba::ValidationMetrics::*>(&source)) {
        for (std::size_t i = firstRecord; i < count; ++i)
            pushSample(result, xOfStep(static_cast<double>(m_validation[i].step), axis),
                       m_validation[i].**value);
    } else if (const auto* number = std::get_if<double samba::StepMetrics::*>(&source)) {
        for (std::size_t i = firstRecord; i < count; ++i)
            pushSample(result, xOf(m_steps[i], axis), m_steps[i].**number);
    } else if (const auto* scalar = std::get_if<ScalarIndex>(&source)) {
        const std::vector<samba::ScalarPoint>& points = m_scalars[scalar->index].points;
        for (std::size_t i = firstRecord; i < count; ++i) {
            constexpr double kMsPerSecond = 1000;
            const double elapsedMs = (points[i].wallTime - m_scalarsStart) * kMsPerSecond;
            // A file may hold any number for a time.
            const bool isTime = axis == PlotAxis::Time && std::isfinite(elapsedMs);
            pushSample(result, isTime ? elapsedMs : static_cast<double>(points[i].step),
                       points[i].value);
        }
    } else {
        const auto& [member, chunk] = std::get<ChunkValue>(source);
        for (std::size_t i = firstRecord; i < count; ++i) {
            const std::vector<samba::ChunkMetrics>& chunks = m_steps[i].chunks;
            pushSample(result, xOf(m_steps[i], axis),
                       chunk < chunks.size() ? chunks[chunk].*member : std::nan(""));
        }
    }
    return result;
}

double RunMetrics::xOfStep(double step, PlotAxis axis) const
{
    if (axis == PlotAxis::Step)
        return step;
    const auto after = std::partition_point(m_steps.begin(), m_steps.end(), [step](const auto& m) {
        return static_cast<double>(m.step) < step;
    });
    if (after == m_steps.end())
        return m_steps.empty() ? 0 : xOf(m_steps.back(), axis);
    // Before the first logged step stands the start of the run, at zero.
    const double rightStep = static_cast<double>(after->step);
    const double rightX = xOf(*after, axis);
    const double leftStep =
        after == m_steps.begin() ? 0 : static_cast<double>(std::prev(after)->step);
    const double leftX = after == m_steps.begin() ? 0 : xOf(*std::prev(after), axis);
    const double width = rightStep - leftStep;
    return width > 0 ? leftX + (rightX - leftX) * (step - leftStep) / width : rightX;
}

} // namespace samba::ui
