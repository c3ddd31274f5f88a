#include "ui/widgets/bar_list.h"

#include "ui/theme.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace samba::ui {

namespace {

constexpr int kBarHeight = 6;
constexpr int kRowGap = 9;
constexpr int kTextGap = 3;

int rowHeight()
{
    return QFontMetrics(themedFont(TextRole::Small)).height() + kTextGap + kBarHeight;
}

} // namespace

BarList::BarList(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void BarList::setItems(QVector<Item> items)
{
    m_items = std::move(items);
    QStringList spoken;
    for (const Item& item : std::as_const(m_items))
        spoken.append(item.label + QStringLiteral(": ") + item.valueText);
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize BarList::sizeHint() const
{
    const auto rows = static_cast<int>(m_items.size());
    return {220, rows == 0 ? 0 : rows * rowHeight() + (rows - 1) * kRowGap};
}

QSize BarList::minimumSizeHint() const
{
    return {120, sizeHint().height()};
}

void BarList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(themedFont(TextRole::Small));
    const Theme& theme = Theme::current();
    const int textHeight = painter.fontMetrics().height();
    double largest = 0;
    for (const Item& item : std::as_const(m_items))
        largest = std::max(largest, item.value);

    int top = 0;
    for (qsizetype index = 0; index < m_items.size(); ++index) {
        const Item& item = m_items[index];
        const QRect textRow(0, top, width(), textHeight);
        painter.setPen(theme.text);
        painter.drawText(textRow, Qt::AlignLeft | Qt::AlignVCenter, item.label);
        painter.setPen(theme.mutedText);
        painter.drawText(textRow, Qt::AlignRight | Qt::AlignVCenter, item.valueText);

        QRectF bar(0, top + textHeight + kTextGap, width(), kBarHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.border);
        painter.drawRoundedRect(bar, kBarHeight / 2.0, kBarHeight / 2.0);
        if (largest > 0 && item.value > 0) {
            // A part too small to see still shows as a dot: it is there.
            bar.setWidth(std::max(width() * item.value / largest, double{kBarHeight}));
            painter.setBrush(theme.series[index % theme.series.size()]);
            painter.drawRoundedRect(bar, kBarHeight / 2.0, kBarHeight / 2.0);
        }
        top += rowHeight() + kRowGap;
    }
}

} // namespace samba::ui
