#include "ui/widgets/curve_plot.h"

#include "ui/theme.h"
#include "ui/widgets/curve_plot_format.h"
#include "ui/widgets/curve_plot_overlay.h"
#include "ui/widgets/curve_plot_ticker.h"

#include <QResizeEvent>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace samba::ui {

namespace {

constexpr double kReadingReach = 8; ///< pixels between the cursor and a sample it reads

QSharedPointer<QCPAxisTicker> countTicker(int ticks)
{
    const auto ticker = QSharedPointer<CountTicker>::create();
    ticker->setTickCount(ticks);
    return ticker;
}

} // namespace

CurvePlot::CurvePlot(QWidget* parent)
    : QWidget(parent), m_plot(new QCustomPlot(this)), m_overlay(new CurveOverlay(m_plot))
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);

    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setMouseTracking(true);
    // One long zigzag is slow to stroke as a whole: ten times the time of its lines one by one.
    m_plot->setPlottingHint(QCP::phFastPolylines);
    m_plot->installEventFilter(this);
    m_plot->addLayer(QStringLiteral("smoothed"), m_plot->layer(QStringLiteral("main")));
    m_plot->addLayer(QStringLiteral("points"), m_plot->layer(QStringLiteral("smoothed")));
    m_plot->addLayer(QStringLiteral("marks"), m_plot->layer(QStringLiteral("points")));
    // Cards in a column share their left edge: the margin is wide enough for the usual labels.
    m_plot->axisRect()->setMinimumMargins(QMargins(52, 8, 14, 0));
    m_plot->xAxis->setTicker(countTicker(5));
    applyYScale();
    connectPlot();

    connect(&ThemeController::instance(), &ThemeController::changed, this,
            [this] { applyTheme(); });
    applyTheme();
    setAxisRange(Qt::Horizontal, {0, 1});
    setAxisRange(Qt::Vertical, {0, 1});
}

CurvePlot::~CurvePlot() = default;

void CurvePlot::applyTheme()
{
    const Theme& theme = Theme::current();
    QColor grid = theme.border;
    m_plot->setBackground(theme.surface);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLabelFont(themedFont(TextRole::Small));
        axis->setTickLabelColor(theme.mutedText);
        axis->setLabelFont(themedFont(TextRole::Small));
        axis->setLabelColor(theme.mutedText);
        axis->setLabelPadding(2);
        axis->setTickLabelPadding(6);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->grid()->setPen(QPen(grid, 1));
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->xAxis->setBasePen(QPen(theme.inputBorder, 1));
    m_plot->yAxis->setBasePen(Qt::NoPen);

    QColor box = theme.accent;
    m_plot->selectionRect()->setPen(QPen(box, 1));
    box.setAlphaF(0.15F);
    m_plot->selectionRect()->setBrush(box);

    for (const Series& series : m_series)
        styleSeries(series);
    m_overlay->update();
    scheduleReplot();
}

void CurvePlot::styleSeries(const Series& series)
{
    const Theme& theme = Theme::current();
    const QColor color = theme.series.at(series.style.color % theme.series.size());
    const Qt::PenStyle line = series.style.isDashed ? Qt::DashLine : Qt::SolidLine;

    QColor faint = color;
    faint.setAlphaF(theme.isDark ? 0.30F : 0.26F);
    series.rawGraph->setPen(isSmoothing(series) ? QPen(faint, 1) : QPen(color, 1.5, line));
    // Behind the smoothed line nobody sees the raw one's edges, but everybody waits for them.
    series.rawGraph->setAntialiased(!isSmoothing(series));
    series.smoothGraph->setPen(QPen(color, 1.6, line));
    series.rawGraph->setScatterStyle(
        series.style.hasPoints
            ? QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(theme.surface, 1), color, 7)
            : QCPScatterStyle(QCPScatterStyle::ssNone));
    series.marks->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssTriangle, QPen(theme.surface, 1), theme.danger, 11));
}

int CurvePlot::addSeries(const CurveStyle& style)
{
    Series series;
    series.style = style;
    series.smoothing = SeriesSmoothing(m_smoothing);
    const auto addGraph = [this](const char* layer) {
        QCPGraph* graph = m_plot->addGraph();
        // The buffers already thin the samples out to what the pixels can show.
        graph->setAdaptiveSampling(false);
        graph->setLayer(QLatin1String(layer));
        return graph;
    };
    series.rawGraph = addGraph(style.hasPoints ? "points" : "main");
    series.smoothGraph = addGraph("smoothed");
    series.marks = addGraph("marks");
    series.marks->setLineStyle(QCPGraph::lsNone);
    styleSeries(series);
    m_series.push_back(std::move(series));
    scheduleReplot();
    return seriesCount() - 1;
}

const CurveStyle& CurvePlot::style(int series) const
{
    return m_series[static_cast<std::size_t>(series)].style;
}

QColor CurvePlot::color(int series) const
{
    const QVector<QColor>& colors = Theme::current().series;
    return colors.at(style(series).color % colors.size());
}

const SeriesBuffer& CurvePlot::samples(int series) const
{
    return m_series[static_cast<std::size_t>(series)].raw;
}

const SeriesBuffer& CurvePlot::smoothedSamples(int series) const
{
    const Series& found = m_series[static_cast<std::size_t>(series)];
    return isSmoothing(found) ? found.smooth : found.raw;
}

void CurvePlot::append(int index, std::span<const double> x, std::span<const double> y)
{
    assert(x.size() == y.size());
    if (x.empty())
        return;
    Series& series = m_series[static_cast<std::size_t>(index)];
    const bool wasPresent = isPresent(index);
    series.raw.append(x, y);
    if (isSmoothing(series)) {
        for (std::size_t i = 0; i < x.size(); ++i)
            series.smooth.append(x[i], series.smoothing.next(y[i]));
    }
    if (isPresent(index) != wasPresent)
        Q_EMIT presenceChanged();
    scheduleReplot();
}

void CurvePlot::clearSamples()
{
    for (Series& series : m_series) {
        series.raw.clear();
        series.smooth.clear();
        series.smoothing = SeriesSmoothing(m_smoothing);
    }
    m_isXFollowing = true;
    m_isYFollowing = true;
    hideCursor();
    Q_EMIT presenceChanged();
    scheduleReplot();
}

void CurvePlot::removeAllSeries()
{
    m_series.clear();
    m_plot->clearGraphs();
    m_isXFollowing = true;
    m_isYFollowing = true;
    hideCursor();
    Q_EMIT presenceChanged();
    scheduleReplot();
}

bool CurvePlot::hasSamples() const
{
    for (int i = 0; i < seriesCount(); ++i) {
        if (isPresent(i))
            return true;
    }
    return false;
}

bool CurvePlot::isPresent(int index) const
{
    const Series& series = m_series[static_cast<std::size_t>(index)];
    return series.raw.hasFinite() || (series.style.isRequired && !series.raw.isEmpty());
}

bool CurvePlot::isSeriesShown(int series) const
{
    return m_series[static_cast<std::size_t>(series)].isShown;
}

void CurvePlot::setSeriesShown(int index, bool isShown)
{
    Series& series = m_series[static_cast<std::size_t>(index)];
    if (series.isShown == isShown)
        return;
    series.isShown = isShown;
    if (m_cursorX)
        hideCursor();
    Q_EMIT seriesShownChanged(index, isShown);
    scheduleReplot();
}

bool CurvePlot::isSmoothing(const Series& series) const
{
    return m_smoothing > 0 && series.style.isSmoothed;
}

void CurvePlot::rebuildSmoothed(Series& series)
{
    series.smoothing = SeriesSmoothing(m_smoothing);
    series.smooth.clear();
    if (!isSmoothing(series))
        return;
    for (std::size_t i = 0; i < series.raw.size(); ++i)
        series.smooth.append(series.raw.x(i), series.smoothing.next(series.raw.y(i)));
}

void CurvePlot::setSmoothing(double weight)
{
    assert(weight >= 0 && weight < 1);
    if (weight == m_smoothing)
        return;
    m_smoothing = weight;
    for (Series& series : m_series) {
        rebuildSmoothed(series);
        styleSeries(series);
    }
    scheduleReplot();
}

void CurvePlot::setLogY(bool isLog)
{
    if (isLog == m_isLogY)
        return;
    m_isLogY = isLog;
    m_isYFollowing = true; // a range of one scale says little on the other
    applyYScale();
    scheduleReplot();
}

void CurvePlot::applyYScale()
{
    // A change of scale may move the range, too; that is not the person's doing.
    m_isSettingRange = true;
    if (m_isLogY) {
        const auto ticker = QSharedPointer<LogTicker>::create();
        ticker->setTickCount(4);
        m_plot->yAxis->setTicker(ticker);
        m_plot->yAxis->setScaleType(QCPAxis::stLogarithmic);
    } else {
        m_plot->yAxis->setTicker(countTicker(4));
        m_plot->yAxis->setScaleType(QCPAxis::stLinear);
    }
    m_isSettingRange = false;
}

void CurvePlot::setIgnoreOutliers(bool isOn)
{
    if (isOn == m_ignoresOutliers)
        return;
    m_ignoresOutliers = isOn;
    m_isYFollowing = true;
    scheduleReplot();
}

void CurvePlot::setXAxis(const QString& label, XFormat format)
{
    m_xLabel = label;
    if (format == m_xFormat)
        return;
    m_xFormat = format;
    if (format == XFormat::Duration) {
        const auto ticker = QSharedPointer<DurationTicker>::create();
        ticker->setTickCount(5);
        m_plot->xAxis->setTicker(ticker);
    } else {
        m_plot->xAxis->setTicker(countTicker(5));
    }
    scheduleReplot();
}

QString CurvePlot::formatX(double x) const
{
    if (m_xFormat == XFormat::Duration)
        return durationText(x);
    return QLocale::c().toString(std::llround(x)).replace(QLatin1Char(','), QChar(0x2009));
}

void CurvePlot::setTitle(const QString& title, const QString& unit)
{
    m_title = title;
    m_unit = unit;
    setAccessibleName(title);
    setAccessibleDescription(tr("Plot of %1. Arrow keys move the cursor, plus and minus zoom, "
                                "Home shows everything.")
                                 .arg(title));
}

void CurvePlot::setEmptyText(const QString& text)
{
    m_overlay->setEmptyText(text);
}

AxisRange CurvePlot::xRange() const
{
    const QCPRange range = m_plot->xAxis->range();
    return {range.lower, range.upper};
}

AxisRange CurvePlot::yRange() const
{
    const QCPRange range = m_plot->yAxis->range();
    return {range.lower, range.upper};
}

void CurvePlot::setXRange(const AxisRange& range)
{
    m_isXFollowing = false;
    setAxisRange(Qt::Horizontal, range);
    scheduleReplot();
}

void CurvePlot::setYRange(const AxisRange& range)
{
    m_isYFollowing = false;
    setAxisRange(Qt::Vertical, range);
    scheduleReplot();
}

void CurvePlot::setAxisRange(Qt::Orientation axis, const AxisRange& range)
{
    m_isSettingRange = true;
    (axis == Qt::Horizontal ? m_plot->xAxis : m_plot->yAxis)->setRange(range.lower, range.upper);
    m_isSettingRange = false;
}

void CurvePlot::resetView()
{
    m_isXFollowing = true;
    m_isYFollowing = true;
    scheduleReplot();
}

void CurvePlot::scheduleReplot()
{
    m_isStale = true;
    m_overlay->setEmpty(!hasSamples());
    if (isVisible())
        m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QVector<CurveReading> CurvePlot::readingsAt(double x) const
{
    std::optional<double> anchor;
    for (int i = 0; i < seriesCount(); ++i) {
        const std::optional<std::size_t> index = samples(i).nearest(x);
        if (!index || !isSeriesShown(i) || !isPresent(i))
            continue;
        const double candidate = samples(i).x(*index);
        if (!anchor || std::abs(candidate - x) < std::abs(*anchor - x))
            anchor = candidate;
    }
    QVector<CurveReading> readings;
    if (!anchor)
        return readings;

    const double reach =
        kReadingReach * (xRange().upper - xRange().lower) / std::max(1, plotArea().width());
    for (int i = 0; i < seriesCount(); ++i) {
        const std::optional<std::size_t> index = samples(i).nearest(*anchor);
        if (!index || !isSeriesShown(i) || !isPresent(i))
            continue;
        const double at = samples(i).x(*index);
        if (at == *anchor || std::abs(at - *anchor) <= reach)
            readings.append({i, at, samples(i).y(*index), smoothedSamples(i).y(*index)});
    }
    std::stable_sort(readings.begin(), readings.end(),
                     [](const CurveReading& left, const CurveReading& right) {
                         const bool isLeftNan = std::isnan(left.smoothed);
                         const bool isRightNan = std::isnan(right.smoothed);
                         if (isLeftNan || isRightNan)
                             return !isLeftNan && isRightNan;
                         return left.smoothed > right.smoothed;
                     });
    return readings;
}

void CurvePlot::showCursor(double x, bool withValues)
{
    const QVector<CurveReading> readings = readingsAt(x);
    if (readings.isEmpty()) {
        hideCursor();
        return;
    }
    // The anchor is the sample nearest to x among those read.
    double anchor = readings.first().x;
    for (const CurveReading& reading : readings) {
        if (std::abs(reading.x - x) < std::abs(anchor - x))
            anchor = reading.x;
    }
    m_cursorX = anchor;

    QVector<CurveOverlay::Row> rows;
    for (const CurveReading& reading : readings) {
        CurveOverlay::Row row;
        row.name = style(reading.series).name;
        row.value = valueText(reading.smoothed);
        if (isSmoothing(m_series[static_cast<std::size_t>(reading.series)]))
            row.rawValue = valueText(reading.value);
        row.color = color(reading.series);
        row.dot = std::isfinite(reading.smoothed) ? toPixel(reading.x, reading.smoothed)
                                                  : QPointF(-100, -100);
        rows.append(row);
    }
    QString heading;
    if (withValues)
        heading = QStringLiteral("%1 %2").arg(m_xLabel, formatX(anchor));
    m_overlay->showCursor(toPixel(anchor, 0).x(), heading, rows);
}

void CurvePlot::hideCursor()
{
    m_cursorX.reset();
    m_overlay->hideCursor();
}

QRect CurvePlot::plotArea() const
{
    return m_plot->axisRect()->rect().translated(m_plot->pos());
}

QPointF CurvePlot::toPixel(double x, double y) const
{
    const double safeY = m_isLogY ? std::max(y, yRange().lower * 1e-3) : y;
    return {m_plot->xAxis->coordToPixel(x), m_plot->yAxis->coordToPixel(safeY)};
}

double CurvePlot::toX(double pixel) const
{
    return m_plot->xAxis->pixelToCoord(pixel);
}

QSize CurvePlot::minimumSizeHint() const
{
    return {180, 110};
}

QSize CurvePlot::sizeHint() const
{
    return {360, 200};
}

} // namespace samba::ui
