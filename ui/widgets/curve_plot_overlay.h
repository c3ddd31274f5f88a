#pragma once

#include <QColor>
#include <QPointF>
#include <QRect>
#include <QString>
#include <QVector>
#include <QWidget>

namespace samba::ui {

/// What a curve plot shows above its curves: cursor, box of values, a sentence while it is empty,
/// and the focus frame. It lies over the plot so that moving the pointer redraws no curve. Takes no
/// input. Thread: GUI.
class CurveOverlay : public QWidget {
    Q_OBJECT
public:
    /// One line of the box.
    struct Row {
        QString name;
        QString value;
        QString rawValue; ///< as measured, where it differs from what is drawn; else empty
        QColor color;
        QPointF dot; ///< on the curve; not drawn outside the plot area
    };

    explicit CurveOverlay(QWidget* parent);

    void setPlotArea(const QRect& area);
    void setEmptyText(const QString& text);
    void setEmpty(bool isEmpty);
    void setFocused(bool isFocused);

    /// @param x        pixel of the cursor line
    /// @param heading  first line of the box; empty: no box
    void showCursor(qreal x, const QString& heading, const QVector<Row>& rows);
    void hideCursor();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintBox(QPainter& painter) const;

    QRect m_area;
    QString m_emptyText;
    bool m_isEmpty = true;
    bool m_isFocused = false;
    bool m_hasCursor = false;
    qreal m_cursorX = 0;
    QString m_heading;
    QVector<Row> m_rows;
};

} // namespace samba::ui
