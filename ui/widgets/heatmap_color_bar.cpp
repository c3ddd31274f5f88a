#include "ui/widgets/heatmap_color_bar.h"

#include "ui/theme.h"

#include <QFontMetrics>
#include <QPainter>

#include <cmath>

namespace samba::ui {

namespace {

constexpr int kBarWidth = 120;
constexpr int kBarHeight = 10;
constexpr int kGap = 7;

QString shortValue(double value)
{
    return QString::number(value, 'g', std::abs(value) >= 100 ? 3 : 2);
}

} // namespace

HeatmapColorBar::HeatmapColorBar(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&ThemeController::instance(), &ThemeController::changed, this, [this] { update(); });
}

void HeatmapColorBar::setColoring(const HeatmapColoring& coloring)
{
    m_coloring = coloring;
    setAccessibleName(tr("Colours from %1 to %2").arg(lowerText(), upperText()));
    updateGeometry();
    update();
}

QString HeatmapColorBar::lowerText() const
{
    switch (m_coloring.mode) {
    case HeatmapMode::Signed:
        return QStringLiteral("−") + shortValue(m_coloring.limit);
    case HeatmapMode::Magnitude:
        return QStringLiteral("0");
    case HeatmapMode::LogMagnitude:
        return QStringLiteral("≤ ") + shortValue(m_coloring.limit * std::pow(10, -kHeatmapDecades));
    case HeatmapMode::NearZero:
        break;
    }
    return tr("all near zero");
}

QString HeatmapColorBar::upperText() const
{
    if (m_coloring.mode == HeatmapMode::NearZero)
        return tr("none");
    return QStringLiteral("≥ ") + shortValue(m_coloring.limit);
}

QSize HeatmapColorBar::sizeHint() const
{
    const QFontMetrics metrics(themedFont(TextRole::Small));
    return {metrics.horizontalAdvance(lowerText()) + kGap + kBarWidth + kGap +
                metrics.horizontalAdvance(upperText()) + 2,
            metrics.height() + 4};
}

QSize HeatmapColorBar::minimumSizeHint() const
{
    return sizeHint();
}

void HeatmapColorBar::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    m_coloring.ground = theme.isDark ? MapGround::Dark : MapGround::Light;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(themedFont(TextRole::Small));
    const QFontMetrics metrics = painter.fontMetrics();
    const int lowerWidth = metrics.horizontalAdvance(lowerText());
    painter.setPen(theme.mutedText);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, lowerText());
    const QRectF bar(lowerWidth + kGap, (height() - kBarHeight) / 2.0, kBarWidth, kBarHeight);
    painter.drawText(rect().adjusted(static_cast<int>(bar.right()) + kGap, 0, 0, 0),
                     Qt::AlignLeft | Qt::AlignVCenter, upperText());

    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    const ColorMap& map = heatmapColorMap(m_coloring);
    const double reach = m_coloring.mode == HeatmapMode::NearZero ? kHeatmapMaskReach : 1;
    for (int i = 0; i <= 32; ++i)
        gradient.setColorAt(i / 32.0, QColor::fromRgb(map.at(reach * i / 32.0)));
    painter.setPen(QPen(theme.inputBorder, 1));
    painter.setBrush(gradient);
    painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
}

} // namespace samba::ui
