#include "ui/widgets/curve_plot_overlay.h"

#include "ui/theme.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr qreal kPadding = 9;
constexpr qreal kSwatch = 9;
constexpr qreal kGap = 8;

} // namespace

CurveOverlay::CurveOverlay(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
    setFocusPolicy(Qt::NoFocus);
}

void CurveOverlay::setPlotArea(const QRect& area)
{
    if (m_area == area)
        return;
    m_area = area;
    update();
}

void CurveOverlay::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void CurveOverlay::setEmpty(bool isEmpty)
{
    if (m_isEmpty == isEmpty)
        return;
    m_isEmpty = isEmpty;
    update();
}

void CurveOverlay::setFocused(bool isFocused)
{
    m_isFocused = isFocused;
    update();
}

void CurveOverlay::showCursor(qreal x, const QString& heading, const QVector<Row>& rows)
{
    m_hasCursor = true;
    m_cursorX = x;
    m_heading = heading;
    m_rows = rows;
    update();
}

void CurveOverlay::hideCursor()
{
    if (!m_hasCursor)
        return;
    m_hasCursor = false;
    update();
}

void CurveOverlay::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);

    if (m_isFocused) {
        painter.setPen(QPen(theme.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.radius,
                                theme.radius);
    }
    if (m_isEmpty) {
        painter.setPen(theme.mutedText);
        painter.setFont(themedFont(TextRole::Small));
        painter.drawText(rect().adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap,
                         m_emptyText);
        return;
    }
    if (!m_hasCursor || m_cursorX < m_area.left() || m_cursorX > m_area.right() + 1)
        return;

    QColor line = theme.mutedText;
    line.setAlphaF(0.7F);
    painter.setPen(QPen(line, 1, Qt::DashLine));
    painter.drawLine(QPointF(m_cursorX, m_area.top()), QPointF(m_cursorX, m_area.bottom()));
    for (const Row& row : m_rows) {
        if (!QRectF(m_area).adjusted(-1, -1, 1, 1).contains(row.dot))
            continue;
        painter.setPen(QPen(theme.surface, 2));
        painter.setBrush(row.color);
        painter.drawEllipse(row.dot, 4.5, 4.5);
    }
    if (!m_heading.isEmpty())
        paintBox(painter);
}

void CurveOverlay::paintBox(QPainter& painter) const
{
    const Theme& theme = Theme::current();
    const QFont font = themedFont(TextRole::Small);
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font);
    const QFontMetricsF strongMetrics(strong);
    const qreal lineHeight = metrics.height() + 3;

    qreal nameWidth = 0;
    qreal valueWidth = 0;
    qreal rawWidth = 0;
    for (const Row& row : m_rows) {
        nameWidth = std::max(nameWidth, metrics.horizontalAdvance(row.name));
        valueWidth = std::max(valueWidth, strongMetrics.horizontalAdvance(row.value));
        rawWidth = std::max(rawWidth, metrics.horizontalAdvance(row.rawValue));
    }
    const qreal rawColumn = rawWidth > 0 ? rawWidth + kGap : 0;
    const qreal inner = std::max(strongMetrics.horizontalAdvance(m_heading),
                                 kSwatch + kGap + nameWidth + 2 * kGap + valueWidth + rawColumn);
    const QSizeF size(inner + 2 * kPadding,
                      lineHeight * static_cast<qreal>(m_rows.size() + 1) + 2 * kPadding - 3);

    // On the side of the cursor that has more room, never outside the widget.
    const bool isOnRight = m_cursorX < m_area.center().x();
    qreal left = isOnRight ? m_cursorX + 14 : m_cursorX - 14 - size.width();
    left = std::clamp(left, 2.0, std::max(2.0, width() - size.width() - 2));
    const qreal top =
        std::clamp(m_area.top() + 6.0, 2.0, std::max(2.0, height() - size.height() - 2));
    const QRectF box(QPointF(left, top), size);

    QColor ground = theme.surface;
    ground.setAlphaF(0.96F);
    painter.setPen(QPen(theme.inputBorder, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), theme.radius, theme.radius);

    qreal y = box.top() + kPadding;
    const qreal right = box.right() - kPadding;
    painter.setFont(strong);
    painter.setPen(theme.text);
    painter.drawText(QRectF(box.left() + kPadding, y, inner, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, m_heading);
    for (const Row& row : m_rows) {
        y += lineHeight;
        const QRectF line(box.left() + kPadding, y, inner, metrics.height());
        painter.setPen(Qt::NoPen);
        painter.setBrush(row.color);
        painter.drawRoundedRect(
            QRectF(line.left(), line.center().y() - kSwatch / 2, kSwatch, kSwatch), 2, 2);
        painter.setFont(font);
        painter.setPen(theme.mutedText);
        painter.drawText(line.adjusted(kSwatch + kGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         row.name);
        painter.drawText(QRectF(right - rawWidth, y, rawWidth, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, row.rawValue);
        painter.setFont(strong);
        painter.setPen(theme.text);
        painter.drawText(QRectF(right - rawColumn - valueWidth, y, valueWidth, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, row.value);
    }
}

} // namespace samba::ui
