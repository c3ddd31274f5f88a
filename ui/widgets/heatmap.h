#pragma once

#include "ui/widgets/heatmap_raster.h"

#include <QImage>
#include <QStringList>
#include <QWidget>

#include <optional>
#include <vector>

namespace samba::ui {

/// A cell of the matrix; column counts as in the matrix, whatever the order on screen.
struct HeatmapCell {
    std::int64_t row = 0;
    std::int64_t column = 0;

    bool operator==(const HeatmapCell&) const = default;
};

/// A matrix as a picture: exact cells where they are large, pooled where they are smaller than a
/// pixel, at the screen's own resolution.
///
/// Wheel zooms (over the row labels: rows alone, over the column labels: columns alone), drag
/// moves, double click, Home or 0 shows everything, arrow keys move the cell cursor, + and - zoom
/// at it. Thread: GUI.
class HeatmapView : public QWidget {
    Q_OBJECT
public:
    explicit HeatmapView(QWidget* parent = nullptr);

    /// Shows another matrix. The view stays where it is if the shape is the same.
    void setMatrix(const HeatmapMatrix& matrix);
    const HeatmapMatrix& matrix() const { return m_matrix; }

    /// Column of the matrix at each place from left to right; empty: as they are.
    void setColumnOrder(std::vector<std::int32_t> order);

    void setColoring(const HeatmapColoring& coloring);
    const HeatmapColoring& coloring() const { return m_coloring; }

    /// Texts beside the rows; empty: none, and no room for them.
    void setRowLabels(const QStringList& labels);

    /// Texts below the columns; empty: their numbers.
    void setColumnLabels(const QStringList& labels);

    /// What lies along the bottom, for people.
    void setColumnTitle(const QString& title);

    CellSpan rowSpan() const { return m_rows; }
    CellSpan columnSpan() const { return m_columns; }

    /// Shows other rows or columns, as far as there are such; says nothing.
    void setRowSpan(const CellSpan& span);
    void setColumnSpan(const CellSpan& span);

    /// Shows everything.
    void resetView();

    /// Where the cells are, in this widget's coordinates.
    QRect mapArea() const;

    /// The cell below a point of the widget; nothing outside the map.
    std::optional<HeatmapCell> cellAt(const QPointF& position) const;

    /// Where a cell is drawn; may lie outside the map.
    QRectF cellRect(const HeatmapCell& cell) const;

    /// The marked cell: under the pointer, or moved by keys.
    std::optional<HeatmapCell> cursorCell() const { return m_cursor; }

    /// Marks a cell, scrolling to it where needed; says nothing.
    void setCursorCell(std::optional<HeatmapCell> cell);

    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

Q_SIGNALS:
    /// The cursor moved onto a cell by hand.
    void cellHovered(qint64 row, qint64 column);
    /// The cursor left the map.
    void cellLeft();
    /// The person zoomed or moved the rows.
    void rowSpanChanged(double first, double count);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void drawRowLabels(QPainter& painter) const;
    void drawColumnLabels(QPainter& painter) const;
    void drawCursor(QPainter& painter) const;
    void updateImage(qreal devicePixelRatio);
    void invalidate();
    std::int64_t columnAtPlace(std::int64_t place) const;
    std::int64_t placeOfColumn(std::int64_t column) const;
    void zoomRows(double factor, double anchor);
    void zoomColumns(double factor, double anchor);
    void showRows(const CellSpan& span);
    void moveCursor(std::int64_t rows, std::int64_t places);
    void hover(const QPointF& position);

    HeatmapMatrix m_matrix;
    std::vector<std::int32_t> m_order;
    std::vector<std::int32_t> m_places; ///< inverse of m_order
    HeatmapColoring m_coloring;
    QStringList m_rowLabels;
    QStringList m_columnLabels;
    QString m_columnTitle;
    CellSpan m_rows;
    CellSpan m_columns;
    QImage m_image;
    bool m_isImageStale = true;
    std::optional<HeatmapCell> m_cursor;
    std::optional<QPointF> m_dragFrom;
    CellSpan m_dragRows;
    CellSpan m_dragColumns;
};

} // namespace samba::ui
