#include "ui/widgets/flow_layout.h"

#include <QWidget>

#include <algorithm>

namespace samba::ui {

FlowLayout::FlowLayout(QWidget* parent, int columnGap, int rowGap)
    : QLayout(parent), m_columnGap(columnGap), m_rowGap(rowGap)
{}

FlowLayout::~FlowLayout()
{
    qDeleteAll(m_items);
}

void FlowLayout::addItem(QLayoutItem* item)
{
    m_items.append(item);
}

int FlowLayout::count() const
{
    return static_cast<int>(m_items.size());
}

QLayoutItem* FlowLayout::itemAt(int index) const
{
    return m_items.value(index);
}

QLayoutItem* FlowLayout::takeAt(int index)
{
    return index >= 0 && index < m_items.size() ? m_items.takeAt(index) : nullptr;
}

Qt::Orientations FlowLayout::expandingDirections() const
{
    return {};
}

bool FlowLayout::hasHeightForWidth() const
{
    return true;
}

int FlowLayout::heightForWidth(int width) const
{
    return arrange(QRect(0, 0, width, 0), true);
}

QSize FlowLayout::minimumSize() const
{
    QSize size;
    for (const QLayoutItem* item : m_items)
        size = size.expandedTo(item->minimumSize());
    const QMargins margins = contentsMargins();
    return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

QSize FlowLayout::sizeHint() const
{
    int width = 0;
    int height = 0;
    for (const QLayoutItem* item : m_items) {
        if (item->isEmpty())
            continue;
        width += item->sizeHint().width() + (width > 0 ? m_columnGap : 0);
        height = std::max(height, item->sizeHint().height());
    }
    const QMargins margins = contentsMargins();
    return {width + margins.left() + margins.right(), height + margins.top() + margins.bottom()};
}

void FlowLayout::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, false);
}

int FlowLayout::arrange(const QRect& rect, bool isMeasuring) const
{
    const QRect inner = rect.marginsRemoved(contentsMargins());
    int y = inner.top();
    qsizetype next = 0;
    while (next < m_items.size()) {
        // One line: as many items as fit, at least one; all centred on the line's middle.
        int width = 0;
        int height = 0;
        QVector<QLayoutItem*> line;
        for (; next < m_items.size(); ++next) {
            QLayoutItem* item = m_items[next];
            if (item->isEmpty())
                continue;
            const QSize size = item->sizeHint();
            const int wider = width + (line.isEmpty() ? 0 : m_columnGap) + size.width();
            if (!line.isEmpty() && wider > inner.width())
                break;
            width = wider;
            height = std::max(height, size.height());
            line.append(item);
        }
        if (line.isEmpty())
            break;
        if (y > inner.top())
            y += m_rowGap;
        int x = inner.left();
        for (QLayoutItem* item : line) {
            const QSize size = item->sizeHint();
            if (!isMeasuring)
                item->setGeometry(QRect(x, y + (height - size.height()) / 2,
                                        std::min(size.width(), inner.width()), size.height()));
            x += size.width() + m_columnGap;
        }
        y += height;
    }
    const QMargins margins = contentsMargins();
    return y - inner.top() + margins.top() + margins.bottom();
}

} // namespace samba::ui
