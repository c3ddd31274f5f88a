#include "ui/widgets/heatmap.h"

#include "ui/theme.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr int kRowLabelWidth = 104;
constexpr int kPositionWidth = 34; ///< of it, for the row's number
constexpr int kColumnLabelHeight = 20;
constexpr double kMinCells = 4; ///< in view at the closest zoom

/// A span that lies within so many cells and is not too small to be of use.
CellSpan fitted(CellSpan span, std::int64_t cells)
{
    const auto total = static_cast<double>(cells);
    span.count = std::clamp(span.count, std::min(kMinCells, total), total);
    span.first = std::clamp(span.first, 0.0, total - span.count);
    return span;
}

/// 1, 2 or 5 times a power of ten, the smallest that is not below `wanted`.
std::int64_t niceStep(double wanted)
{
    const double power = std::pow(10, std::floor(std::log10(std::max(1.0, wanted))));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= wanted)
            return static_cast<std::int64_t>(factor * power);
    }
    return static_cast<std::int64_t>(10 * power);
}

} // namespace

HeatmapView::HeatmapView(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAttribute(Qt::WA_OpaquePaintEvent);
    connect(&ThemeController::instance(), &ThemeController::changed, this,
            [this] { invalidate(); });
}

void HeatmapView::setMatrix(const HeatmapMatrix& matrix)
{
    const bool isSameShape = matrix.rows == m_matrix.rows && matrix.columns == m_matrix.columns;
    m_matrix = matrix;
    if (!isSameShape) {
        m_order.clear();
        m_places.clear();
        m_cursor.reset();
        m_dragFrom.reset();
        m_rows = {0, static_cast<double>(matrix.rows)};
        m_columns = {0, static_cast<double>(matrix.columns)};
    }
    invalidate();
}

void HeatmapView::setColumnOrder(std::vector<std::int32_t> order)
{
    m_order = static_cast<std::int64_t>(order.size()) == m_matrix.columns
                  ? std::move(order)
                  : std::vector<std::int32_t>();
    m_places.assign(m_order.size(), 0);
    for (std::size_t place = 0; place < m_order.size(); ++place)
        m_places[static_cast<std::size_t>(m_order[place])] = static_cast<std::int32_t>(place);
    invalidate();
}

void HeatmapView::setColoring(const HeatmapColoring& coloring)
{
    m_coloring = coloring;
    invalidate();
}

void HeatmapView::setRowLabels(const QStringList& labels)
{
    m_rowLabels = labels;
    invalidate();
}

void HeatmapView::setColumnLabels(const QStringList& labels)
{
    m_columnLabels = labels;
    invalidate();
}

void HeatmapView::setColumnTitle(const QString& title)
{
    m_columnTitle = title;
    update();
}

void HeatmapView::setRowSpan(const CellSpan& span)
{
    m_rows = fitted(span, m_matrix.rows);
    invalidate();
}

void HeatmapView::setColumnSpan(const CellSpan& span)
{
    m_columns = fitted(span, m_matrix.columns);
    invalidate();
}

void HeatmapView::resetView()
{
    setRowSpan({0, static_cast<double>(m_matrix.rows)});
    setColumnSpan({0, static_cast<double>(m_matrix.columns)});
}

void HeatmapView::invalidate()
{
    m_isImageStale = true;
    update();
}

QRect HeatmapView::mapArea() const
{
    const int left = m_rowLabels.isEmpty() ? 1 : kRowLabelWidth;
    return {left, 1, std::max(0, width() - left - 1),
            std::max(0, height() - kColumnLabelHeight - 1)};
}

std::int64_t HeatmapView::columnAtPlace(std::int64_t place) const
{
    return m_order.empty() ? place : m_order[static_cast<std::size_t>(place)];
}

std::int64_t HeatmapView::placeOfColumn(std::int64_t column) const
{
    return m_places.empty() ? column : m_places[static_cast<std::size_t>(column)];
}

std::optional<HeatmapCell> HeatmapView::cellAt(const QPointF& position) const
{
    const QRectF area = mapArea();
    if (m_matrix.isEmpty() || position.x() < area.left() || position.x() >= area.right() ||
        position.y() < area.top() || position.y() >= area.bottom())
        return std::nullopt;
    const double row = m_rows.first + (position.y() - area.top()) / area.height() * m_rows.count;
    const double place =
        m_columns.first + (position.x() - area.left()) / area.width() * m_columns.count;
    return HeatmapCell{
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(row)), 0, m_matrix.rows - 1),
        columnAtPlace(std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(place)), 0,
                                               m_matrix.columns - 1))};
}

QRectF HeatmapView::cellRect(const HeatmapCell& cell) const
{
    const QRectF area = mapArea();
    const double cellWidth = area.width() / m_columns.count;
    const double cellHeight = area.height() / m_rows.count;
    const auto place = static_cast<double>(placeOfColumn(cell.column));
    return {area.left() + (place - m_columns.first) * cellWidth,
            area.top() + (static_cast<double>(cell.row) - m_rows.first) * cellHeight, cellWidth,
            cellHeight};
}

void HeatmapView::setCursorCell(std::optional<HeatmapCell> cell)
{
    if (cell && (cell->row < 0 || cell->row >= m_matrix.rows || cell->column < 0 ||
                 cell->column >= m_matrix.columns))
        cell.reset();
    if (cell) {
        const auto shown = [](CellSpan span, std::int64_t index) {
            const auto at = static_cast<double>(index);
            if (at < span.first)
                span.first = at;
            else if (at + 1 > span.first + span.count)
                span.first = at + 1 - span.count;
            return span;
        };
        const CellSpan rows = shown(m_rows, cell->row);
        const CellSpan columns = shown(m_columns, placeOfColumn(cell->column));
        if (rows.first != m_rows.first || columns.first != m_columns.first) {
            m_rows = fitted(rows, m_matrix.rows);
            m_columns = fitted(columns, m_matrix.columns);
            m_isImageStale = true;
        }
    }
    m_cursor = cell;
    update();
}

void HeatmapView::updateImage(qreal devicePixelRatio)
{
    const QSize size = (QSizeF(mapArea().size()) * devicePixelRatio).toSize();
    if (!m_isImageStale && m_image.size() == size)
        return;
    m_isImageStale = false;
    if (size.isEmpty()) {
        m_image = QImage();
        return;
    }
    if (m_image.size() != size)
        m_image = QImage(size, QImage::Format_RGB32);
    m_coloring.ground = Theme::current().isDark ? MapGround::Dark : MapGround::Light;

    HeatmapRequest request;
    request.matrix = &m_matrix;
    request.columnOrder = m_order;
    request.rows = m_rows;
    request.columns = m_columns;
    request.width = size.width();
    request.height = size.height();
    request.coloring = m_coloring;
    drawHeatmap(request, reinterpret_cast<Rgb*>(m_image.bits()), m_image.bytesPerLine() / 4);
}

void HeatmapView::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.fillRect(rect(), theme.surface);
    if (m_matrix.isEmpty())
        return;

    // The device painted on decides, be it the screen or a picture of the widget.
    const qreal ratio = painter.device()->devicePixelRatioF();
    updateImage(ratio);
    const QRect area = mapArea();
    m_image.setDevicePixelRatio(ratio);
    painter.drawImage(area.topLeft(), m_image);
    painter.setPen(hasFocus() ? theme.accent : theme.border);
    painter.drawRect(area.adjusted(-1, -1, 0, 0));

    painter.setFont(themedFont(TextRole::Small));
    drawRowLabels(painter);
    drawColumnLabels(painter);
    drawCursor(painter);
}

void HeatmapView::drawRowLabels(QPainter& painter) const
{
    if (m_rowLabels.isEmpty())
        return;
    const Theme& theme = Theme::current();
    const QRect area = mapArea();
    const QFontMetrics metrics = painter.fontMetrics();
    const double cellHeight = area.height() / m_rows.count;
    const auto stride =
        static_cast<std::int64_t>(std::max(1.0, std::ceil((metrics.height() + 1) / cellHeight)));
    const std::int64_t first = static_cast<std::int64_t>(std::floor(m_rows.first));
    const std::int64_t last =
        std::min(m_matrix.rows, static_cast<std::int64_t>(std::ceil(m_rows.first + m_rows.count)));
    for (std::int64_t row = (first + stride - 1) / stride * stride; row < last; row += stride) {
        const double top = area.top() + (static_cast<double>(row) - m_rows.first) * cellHeight;
        const double middle = stride == 1 ? top + cellHeight / 2 : top + cellHeight / 2;
        const QRectF line(0, middle - metrics.height() / 2.0, kRowLabelWidth - 8, metrics.height());
        if (line.top() < -1 || line.bottom() > height())
            continue;
        const bool isMarked = m_cursor && m_cursor->row == row;
        painter.setPen(theme.disabledText);
        painter.drawText(QRectF(0, line.top(), kPositionWidth, line.height()),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(row));
        painter.setPen(isMarked ? theme.accent : theme.text);
        const QRectF word = line.adjusted(kPositionWidth + 8, 0, 0, 0);
        painter.drawText(word, Qt::AlignRight | Qt::AlignVCenter,
                         metrics.elidedText(m_rowLabels.value(static_cast<qsizetype>(row)),
                                            Qt::ElideRight, static_cast<int>(word.width())));
    }
}

void HeatmapView::drawColumnLabels(QPainter& painter) const
{
    const Theme& theme = Theme::current();
    const QRect area = mapArea();
    const QFontMetrics metrics = painter.fontMetrics();
    const double cellWidth = area.width() / m_columns.count;
    const int labelWidth =
        metrics.horizontalAdvance(QString::number(m_matrix.columns)) + (m_order.empty() ? 18 : 10);
    std::int64_t step = niceStep(labelWidth / cellWidth);
    const QRect band(area.left(), area.bottom() + 3, area.width(), kColumnLabelHeight - 3);
    painter.setPen(theme.mutedText);

    int titleLeft = area.right();
    if (!m_columnTitle.isEmpty()) {
        const int width = metrics.horizontalAdvance(m_columnTitle);
        titleLeft = area.right() - width;
        painter.drawText(band, Qt::AlignRight | Qt::AlignVCenter, m_columnTitle);
        titleLeft -= 10;
    }
    // Sorted columns have no order of numbers: they are named only where each has room for its own.
    if (!m_order.empty() && step > 1)
        return;
    if (!m_columnLabels.isEmpty())
        step = niceStep(14 / cellWidth);
    const std::int64_t from = static_cast<std::int64_t>(std::floor(m_columns.first)) / step * step;
    for (std::int64_t place = from; place < m_matrix.columns; place += step) {
        const double middle =
            area.left() + (static_cast<double>(place) + 0.5 - m_columns.first) * cellWidth;
        if (middle > area.right())
            break;
        const QString text = m_columnLabels.isEmpty()
                                 ? QString::number(columnAtPlace(place))
                                 : m_columnLabels.value(static_cast<qsizetype>(place));
        const int width = metrics.horizontalAdvance(text);
        double left = middle - width / 2.0;
        if (place == 0)
            left = std::max(left, static_cast<double>(area.left()));
        if (left < area.left() - 1 || left + width > titleLeft + 1)
            continue;
        const bool isMarked = m_cursor && placeOfColumn(m_cursor->column) == place;
        painter.setPen(isMarked ? theme.accent : theme.mutedText);
        painter.drawText(QRectF(left, band.top(), width + 1, band.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, text);
    }
}

void HeatmapView::drawCursor(QPainter& painter) const
{
    if (!m_cursor)
        return;
    const Theme& theme = Theme::current();
    const QRectF area = mapArea();
    const QRectF cell = cellRect(*m_cursor);
    painter.save();
    painter.setClipRect(area);
    QColor line = theme.text;
    line.setAlphaF(0.45F);
    painter.setPen(QPen(line, 1));
    // Lines along row and column find the cell, and leave it free to be seen.
    const QPointF middle = cell.center();
    painter.drawLine(QPointF(area.left(), middle.y()), QPointF(cell.left() - 2, middle.y()));
    painter.drawLine(QPointF(cell.right() + 2, middle.y()), QPointF(area.right(), middle.y()));
    painter.drawLine(QPointF(middle.x(), area.top()), QPointF(middle.x(), cell.top() - 2));
    painter.drawLine(QPointF(middle.x(), cell.bottom() + 2), QPointF(middle.x(), area.bottom()));
    const QRectF frame = cell.adjusted(-1, -1, 1, 1);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.surface, 3));
    painter.drawRect(frame);
    painter.setPen(QPen(theme.text, 1));
    painter.drawRect(frame);
    painter.restore();
}

QSize HeatmapView::minimumSizeHint() const
{
    return {m_rowLabels.isEmpty() ? 60 : kRowLabelWidth + 100, 120};
}

QSize HeatmapView::sizeHint() const
{
    return {480, 320};
}

} // namespace samba::ui
