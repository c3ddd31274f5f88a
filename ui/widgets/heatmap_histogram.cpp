#include "ui/widgets/heatmap_histogram.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QFontMetrics>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr int kBinsPerDecade = 8;
constexpr double kZeroWidth = 26; ///< of the bin in front
constexpr double kZeroGap = 8;

QString powerOfTen(int exponent)
{
    static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    QString text = QStringLiteral("10");
    if (exponent < 0)
        text += QStringLiteral("⁻");
    for (const QChar digit : QString::number(std::abs(exponent)))
        text += digits.at(digit.digitValue());
    return text;
}

} // namespace

HeatmapHistogram::HeatmapHistogram(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Histogram of magnitudes"));
    setToolTip(tr("How large the entries are; drag the line to move the threshold"));
    setCursor(Qt::SplitHCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&ThemeController::instance(), &ThemeController::changed, this, [this] { update(); });
}

const std::vector<double>& HeatmapHistogram::edges()
{
    static const std::vector<double> result = [] {
        std::vector<double> all;
        const int bins =
            static_cast<int>(std::lround(std::log10(kHighest / kLowest))) * kBinsPerDecade;
        for (int i = 0; i <= bins; ++i)
            all.push_back(kLowest * std::pow(10, static_cast<double>(i) / kBinsPerDecade));
        return all;
    }();
    return result;
}

void HeatmapHistogram::setShares(std::vector<std::vector<double>> shares, int chosen)
{
    m_shares = std::move(shares);
    m_chosen = chosen;
    update();
}

void HeatmapHistogram::setThreshold(double threshold, double share)
{
    m_threshold = threshold;
    m_share = share;
    update();
}

void HeatmapHistogram::clear()
{
    m_shares.clear();
    update();
}

QRectF HeatmapHistogram::plotArea() const
{
    return QRectF(rect()).adjusted(10, 8, -10, -20);
}

double HeatmapHistogram::toPixel(double value) const
{
    const QRectF area = plotArea();
    const double left = area.left() + kZeroWidth + kZeroGap;
    const double t = std::log10(value / kLowest) / std::log10(kHighest / kLowest);
    return left + std::clamp(t, 0.0, 1.0) * (area.right() - left);
}

void HeatmapHistogram::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.border, 1));
    painter.setBrush(theme.sunken);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.radius,
                            theme.radius);
    const QRectF area = plotArea();
    painter.setFont(themedFont(TextRole::Small));
    const QFontMetricsF metrics(painter.font());

    // The axis: a tick at every power of ten, a name at every other one.
    const auto lowest = static_cast<int>(std::lround(std::log10(kLowest)));
    const auto highest = static_cast<int>(std::lround(std::log10(kHighest)));
    for (int exponent = lowest; exponent <= highest; ++exponent) {
        const double x = toPixel(std::pow(10, exponent));
        painter.setPen(QPen(theme.border, 1));
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        // The first one would run into the name of the zero bin.
        if (exponent == lowest || (exponent - highest) % 2 != 0)
            continue;
        const QString name = powerOfTen(exponent);
        const double width = metrics.horizontalAdvance(name);
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(std::min(x - width / 2, this->width() - width - 3.0),
                                area.bottom() + 3, width + 1, metrics.height()),
                         Qt::AlignCenter, name);
    }
    painter.setPen(theme.mutedText);
    painter.drawText(QRectF(area.left(), area.bottom() + 3, kZeroWidth, metrics.height()),
                     Qt::AlignCenter, QStringLiteral("0"));

    double highestShare = 0;
    for (const std::vector<double>& shares : m_shares) {
        for (const double share : shares)
            highestShare = std::max(highestShare, share);
    }
    if (highestShare <= 0)
        return;

    // The height goes with the square root: a bin of one in a thousand can still be seen.
    const auto heightOf = [&](double share) {
        return std::sqrt(share / highestShare) * area.height();
    };
    for (int series = 0; series < static_cast<int>(m_shares.size()); ++series) {
        const std::vector<double>& shares = m_shares[static_cast<std::size_t>(series)];
        if (series == m_chosen || shares.empty())
            continue;
        QPainterPath outline;
        QColor color = theme.series.at(series % theme.series.size());
        color.setAlphaF(0.55F);
        for (std::size_t bin = 1; bin < shares.size(); ++bin) {
            const double x = (toPixel(edges()[bin - 1]) + toPixel(edges()[bin])) / 2;
            const QPointF point(x, area.bottom() - heightOf(shares[bin]));
            bin == 1 ? outline.moveTo(point) : outline.lineTo(point);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 1));
        painter.drawPath(outline);
        const double zeroTop = area.bottom() - heightOf(shares.front());
        painter.drawLine(QPointF(area.left(), zeroTop), QPointF(area.left() + kZeroWidth, zeroTop));
    }

    if (m_chosen >= 0 && m_chosen < static_cast<int>(m_shares.size())) {
        const std::vector<double>& shares = m_shares[static_cast<std::size_t>(m_chosen)];
        const QColor color = theme.series.at(m_chosen % theme.series.size());
        painter.setPen(Qt::NoPen);
        for (std::size_t bin = 0; bin < shares.size(); ++bin) {
            const bool isZeroBin = bin == 0;
            const double left = isZeroBin ? area.left() : toPixel(edges()[bin - 1]);
            const double right = isZeroBin ? area.left() + kZeroWidth : toPixel(edges()[bin]);
            const double height = heightOf(shares[bin]);
            QColor fill = color;
            fill.setAlphaF(isZeroBin || edges()[bin] <= m_threshold * 1.0001 ? 1.0F : 0.5F);
            painter.setBrush(fill);
            painter.drawRect(QRectF(left + 0.5, area.bottom() - height, right - left - 1, height));
        }
    }
    drawThreshold(painter, area);
}

void HeatmapHistogram::drawThreshold(QPainter& painter, const QRectF& area) const
{
    const Theme& theme = Theme::current();
    const double x = toPixel(m_threshold);
    painter.setPen(QPen(theme.accent, 2));
    painter.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.bottom()));
    painter.setBrush(theme.accent);
    painter.setPen(QPen(theme.sunken, 1.5));
    painter.drawEllipse(QPointF(x, area.top() + 1), 5, 5);

    const QFontMetricsF metrics(painter.font());
    const QString text = tr("%1 below").arg(formatShare(m_share));
    const double width = metrics.horizontalAdvance(text) + 12;
    const bool fitsLeft = x - width - 8 > area.left();
    const QRectF label(fitsLeft ? x - width - 8 : x + 8, area.top() - 4, width,
                       metrics.height() + 4);
    QColor ground = theme.surface;
    ground.setAlphaF(0.92F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(label, 4, 4);
    painter.setPen(theme.accent);
    painter.drawText(label, Qt::AlignCenter, text);
}

void HeatmapHistogram::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        mouseMoveEvent(event);
}

void HeatmapHistogram::mouseMoveEvent(QMouseEvent* event)
{
    if (!event->buttons().testFlag(Qt::LeftButton) || m_shares.empty())
        return;
    const double left = toPixel(kLowest);
    const double right = toPixel(kHighest);
    const double t = std::clamp((event->position().x() - left) / (right - left), 0.0, 1.0);
    Q_EMIT thresholdDragged(kLowest * std::pow(kHighest / kLowest, t));
}

QSize HeatmapHistogram::minimumSizeHint() const
{
    return {240, 72};
}

QSize HeatmapHistogram::sizeHint() const
{
    return {400, 104};
}

} // namespace samba::ui
