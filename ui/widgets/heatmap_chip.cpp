#include "ui/widgets/heatmap_chip.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr int kPadding = 8;
constexpr int kGap = 8;

} // namespace

HeatmapChip::HeatmapChip(const QString& name, int color, QWidget* parent)
    : QAbstractButton(parent), m_color(color), m_share(std::nan(""))
{
    setText(name);
    setCheckable(true);
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setToolTip(tr("Share of its entries below the threshold"));
    setShare(m_share);
}

void HeatmapChip::setShare(double share)
{
    m_share = share;
    setAccessibleName(tr("%1, %2 near zero").arg(text(), formatShare(share)));
    update();
}

QSize HeatmapChip::sizeHint() const
{
    const QFontMetrics metrics(themedFont(TextRole::Small));
    const QFontMetrics strong(themedFont(TextRole::Heading));
    return {metrics.horizontalAdvance(text()) + kGap +
                strong.horizontalAdvance(QStringLiteral("99.9 %")) + 2 * kPadding,
            strong.height() + 18};
}

void HeatmapChip::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    const bool isMarked = isChecked() || hasFocus();
    painter.setPen(QPen(isMarked ? theme.accent : theme.border, hasFocus() ? 1.6 : 1));
    painter.setBrush(isChecked() ? theme.accentSoft : underMouse() ? theme.hover : theme.surface);
    painter.drawRoundedRect(frame, theme.radius, theme.radius);

    const QRect inner = rect().adjusted(kPadding, 4, -kPadding, -10);
    painter.setFont(themedFont(TextRole::Small));
    painter.setPen(isChecked() ? theme.accent : theme.mutedText);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, text());
    painter.setFont(themedFont(TextRole::Heading));
    painter.setPen(theme.text);
    painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, formatShare(m_share));

    const QRectF track(kPadding, height() - 9, width() - 2 * kPadding, 4);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.border);
    painter.drawRoundedRect(track, 2, 2);
    if (std::isnan(m_share) || m_share <= 0)
        return;
    QRectF bar = track;
    bar.setWidth(std::max(4.0, track.width() * std::min(1.0, m_share)));
    painter.setBrush(theme.series.at(m_color % theme.series.size()));
    painter.drawRoundedRect(bar, 2, 2);
}

} // namespace samba::ui
