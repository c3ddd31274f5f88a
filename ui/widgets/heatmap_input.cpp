// How a HeatmapView answers the mouse and the keyboard.

#include "ui/widgets/heatmap.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr double kZoomStep = 0.8;

/// The span after a zoom that keeps the place `anchor` (0 ... 1 of the view) where it is.
CellSpan zoomed(const CellSpan& span, double factor, double anchor)
{
    const double count = span.count * factor;
    return {span.first + anchor * (span.count - count), count};
}

} // namespace

void HeatmapView::showRows(const CellSpan& span)
{
    setRowSpan(span);
    Q_EMIT rowSpanChanged(m_rows.first, m_rows.count);
}

void HeatmapView::zoomRows(double factor, double anchor)
{
    // At the closest zoom a further step must not turn into a move.
    if (factor < 1 && m_rows.count * factor < 4)
        return;
    showRows(zoomed(m_rows, factor, anchor));
}

void HeatmapView::zoomColumns(double factor, double anchor)
{
    if (factor < 1 && m_columns.count * factor < 4)
        return;
    setColumnSpan(zoomed(m_columns, factor, anchor));
}

void HeatmapView::wheelEvent(QWheelEvent* event)
{
    const QRectF area = mapArea();
    if (m_matrix.isEmpty() || area.isEmpty()) {
        event->ignore();
        return;
    }
    // Shift turns the wheel sideways on some systems; the amount is what counts.
    const QPoint angle = event->angleDelta();
    const int delta = angle.y() != 0 ? angle.y() : angle.x();
    const double factor = std::pow(kZoomStep, delta / 120.0);
    const QPointF position = event->position();
    const double x = std::clamp((position.x() - area.left()) / area.width(), 0.0, 1.0);
    const double y = std::clamp((position.y() - area.top()) / area.height(), 0.0, 1.0);
    const bool isOverRowLabels = position.x() < area.left();
    const bool isOverColumnLabels = position.y() >= area.bottom();
    const bool isColumnsOnly = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool isRowsOnly = event->modifiers().testFlag(Qt::ControlModifier);
    if (!isOverColumnLabels && !isColumnsOnly)
        zoomRows(factor, y);
    if (!isOverRowLabels && !isRowsOnly)
        zoomColumns(factor, x);
    hover(position);
    event->accept();
}

void HeatmapView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_matrix.isEmpty()) {
        QWidget::mousePressEvent(event);
        return;
    }
    m_dragFrom = event->position();
    m_dragRows = m_rows;
    m_dragColumns = m_columns;
}

void HeatmapView::mouseMoveEvent(QMouseEvent* event)
{
    const QRectF area = mapArea();
    if (m_dragFrom && event->buttons().testFlag(Qt::LeftButton) && !area.isEmpty()) {
        const QPointF moved = event->position() - *m_dragFrom;
        showRows(
            {m_dragRows.first - moved.y() / area.height() * m_dragRows.count, m_dragRows.count});
        setColumnSpan({m_dragColumns.first - moved.x() / area.width() * m_dragColumns.count,
                       m_dragColumns.count});
    }
    hover(event->position());
}

void HeatmapView::mouseReleaseEvent(QMouseEvent*)
{
    m_dragFrom.reset();
}

void HeatmapView::mouseDoubleClickEvent(QMouseEvent*)
{
    m_dragFrom.reset();
    resetView();
    Q_EMIT rowSpanChanged(m_rows.first, m_rows.count);
}

void HeatmapView::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    // The cursor of the keyboard stays where it is.
    if (hasFocus() || !m_cursor)
        return;
    setCursorCell(std::nullopt);
    Q_EMIT cellLeft();
}

void HeatmapView::hover(const QPointF& position)
{
    const std::optional<HeatmapCell> cell = cellAt(position);
    if (cell == m_cursor)
        return;
    m_cursor = cell;
    update();
    if (cell)
        Q_EMIT cellHovered(cell->row, cell->column);
    else
        Q_EMIT cellLeft();
}

void HeatmapView::moveCursor(std::int64_t rows, std::int64_t places)
{
    if (m_matrix.isEmpty())
        return;
    const CellSpan rowsBefore = m_rows;
    HeatmapCell cell{static_cast<std::int64_t>(m_rows.first),
                     columnAtPlace(static_cast<std::int64_t>(m_columns.first))};
    if (m_cursor) {
        cell.row = std::clamp<std::int64_t>(m_cursor->row + rows, 0, m_matrix.rows - 1);
        cell.column = columnAtPlace(std::clamp<std::int64_t>(
            placeOfColumn(m_cursor->column) + places, 0, m_matrix.columns - 1));
    }
    setCursorCell(cell);
    if (m_rows.first != rowsBefore.first)
        Q_EMIT rowSpanChanged(m_rows.first, m_rows.count);
    Q_EMIT cellHovered(cell.row, cell.column);
}

void HeatmapView::keyPressEvent(QKeyEvent* event)
{
    const auto page = static_cast<std::int64_t>(std::max(1.0, m_rows.count - 1));
    // Zoom around the cursor where there is one, else around the middle.
    const QRectF area = mapArea();
    const QPointF at = m_cursor ? cellRect(*m_cursor).center() : area.center();
    const double x = std::clamp((at.x() - area.left()) / std::max(1.0, area.width()), 0.0, 1.0);
    const double y = std::clamp((at.y() - area.top()) / std::max(1.0, area.height()), 0.0, 1.0);
    switch (event->key()) {
    case Qt::Key_Left:
        moveCursor(0, -1);
        return;
    case Qt::Key_Right:
        moveCursor(0, 1);
        return;
    case Qt::Key_Up:
        moveCursor(-1, 0);
        return;
    case Qt::Key_Down:
        moveCursor(1, 0);
        return;
    case Qt::Key_PageUp:
        moveCursor(-page, 0);
        return;
    case Qt::Key_PageDown:
        moveCursor(page, 0);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomRows(kZoomStep, y);
        zoomColumns(kZoomStep, x);
        return;
    case Qt::Key_Minus:
        zoomRows(1 / kZoomStep, y);
        zoomColumns(1 / kZoomStep, x);
        return;
    case Qt::Key_Home:
    case Qt::Key_0:
        resetView();
        Q_EMIT rowSpanChanged(m_rows.first, m_rows.count);
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

} // namespace samba::ui
