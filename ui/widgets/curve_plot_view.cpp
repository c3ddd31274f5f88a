// What of its samples a CurvePlot shows: the ranges that fit them, and the lines through them.

#include "ui/widgets/curve_plot.h"

#include "ui/widgets/curve_plot_overlay.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace samba::ui {

namespace {

constexpr std::size_t kQuantileSamples = 4096; ///< at most, of each series

/// Vertices for QCustomPlot. On a logarithmic axis what is not above zero drops out of the picture
/// at its lower edge instead of breaking the line.
void setGraphData(QCPGraph* graph, const std::vector<CurvePoint>& points, double smallest)
{
    QVector<QCPGraphData> data;
    data.reserve(static_cast<qsizetype>(points.size()));
    for (const CurvePoint& point : points)
        data.append({point.x, point.y < smallest ? smallest : point.y});
    graph->data()->set(data, true);
}

} // namespace

void CurvePlot::fitX()
{
    double lower = std::numeric_limits<double>::infinity();
    double upper = -lower;
    for (int i = 0; i < seriesCount(); ++i) {
        const Series& series = m_series[static_cast<std::size_t>(i)];
        if (!series.isShown || !isPresent(i))
            continue;
        lower = std::min(lower, series.raw.x(0));
        upper = std::max(upper, series.raw.x(series.raw.size() - 1));
    }
    if (lower > upper)
        return;
    if (lower == upper) {
        const double around = std::max(1.0, std::abs(lower) * 0.01);
        lower -= around;
        upper += around;
    }
    // Room on the right for the newest point to be seen.
    setAxisRange(Qt::Horizontal, {lower, upper + (upper - lower) * 0.015});
}

std::optional<AxisRange> CurvePlot::extremesY() const
{
    const AxisRange x = xRange();
    Envelope all;
    for (const Series& series : m_series) {
        if (series.isShown)
            all.include(series.raw.envelope(series.raw.lowerIndex(x.lower),
                                            series.raw.upperIndex(x.upper)));
    }
    const double lower = m_isLogY ? all.minPositive : all.min;
    if (!std::isfinite(lower) || all.max < lower)
        return std::nullopt;
    return AxisRange{lower, all.max};
}

std::optional<AxisRange> CurvePlot::middleY() const
{
    const AxisRange x = xRange();
    std::vector<double> values;
    for (int i = 0; i < seriesCount(); ++i) {
        if (!isSeriesShown(i))
            continue;
        const SeriesBuffer& drawn = smoothedSamples(i);
        const std::size_t begin = drawn.lowerIndex(x.lower);
        const std::size_t end = drawn.upperIndex(x.upper);
        const std::size_t stride = std::max<std::size_t>(1, (end - begin) / kQuantileSamples);
        for (std::size_t sample = begin; sample < end; sample += stride) {
            const double y = drawn.y(sample);
            if (std::isfinite(y) && (!m_isLogY || y > 0))
                values.push_back(y);
        }
    }
    // With few values none of them can be told to be an outlier.
    if (values.size() < 20)
        return extremesY();
    const auto quantile = [&values](double share) {
        const auto at =
            values.begin() + std::lround(share * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), at, values.end());
        return *at;
    };
    const double lower = quantile(0.025);
    return AxisRange{lower, quantile(0.975)};
}

void CurvePlot::fitY()
{
    std::optional<AxisRange> range = m_ignoresOutliers ? middleY() : extremesY();
    if (!range)
        range = m_isLogY ? AxisRange{0.1, 10} : AxisRange{0, 1};
    if (m_isLogY) {
        const double room = std::max(std::pow(range->upper / range->lower, 0.06), 1.05);
        setAxisRange(Qt::Vertical, {range->lower / room, range->upper * room});
        return;
    }
    double room = (range->upper - range->lower) * 0.07;
    if (!(room > 0))
        room = std::max(std::abs(range->upper) * 0.1, 1e-6);
    // What cannot be negative gets no negative ticks just for the sake of room.
    const double lower = range->lower - room;
    setAxisRange(Qt::Vertical,
                 {range->lower >= 0 && lower < 0 ? -room * 0.3 : lower, range->upper + room});
}

void CurvePlot::fillGraphs()
{
    const AxisRange x = xRange();
    const auto columns = static_cast<std::size_t>(std::max(1, m_plot->axisRect()->width()));
    const double smallest =
        m_isLogY ? yRange().lower * 1e-3 : -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        Series& series = m_series[i];
        const bool isDrawn = series.isShown && isPresent(static_cast<int>(i));
        series.rawGraph->setVisible(isDrawn);
        series.smoothGraph->setVisible(isDrawn && isSmoothing(series));
        series.marks->setVisible(isDrawn);
        if (!isDrawn)
            continue;
        setGraphData(series.rawGraph, series.raw.decimated(x.lower, x.upper, columns), smallest);
        if (isSmoothing(series))
            setGraphData(series.smoothGraph, series.smooth.decimated(x.lower, x.upper, columns),
                         smallest);
        fillMarks(series);
    }
    m_overlay->setPlotArea(m_plot->axisRect()->rect());
}

void CurvePlot::fillMarks(Series& series)
{
    const double y = m_plot->yAxis->pixelToCoord(m_plot->axisRect()->bottom() - 6);
    const AxisRange x = xRange();
    const std::span<const std::size_t> indices = series.raw.nonFinite();
    const auto begin =
        std::lower_bound(indices.begin(), indices.end(), series.raw.lowerIndex(x.lower));
    const auto end = std::lower_bound(begin, indices.end(), series.raw.upperIndex(x.upper));
    QVector<QCPGraphData> marks;
    double lastPixel = -std::numeric_limits<double>::infinity();
    for (auto index = begin; index != end; ++index) {
        const double pixel = m_plot->xAxis->coordToPixel(series.raw.x(*index));
        // Marks that would lie on top of each other are one mark.
        if (pixel - lastPixel < 4)
            continue;
        lastPixel = pixel;
        marks.append({series.raw.x(*index), y});
    }
    series.marks->data()->set(marks, true);
}

} // namespace samba::ui
