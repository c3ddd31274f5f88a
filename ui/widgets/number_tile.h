#pragma once

#include <QFrame>
#include <QString>
#include <QVector>

class QLabel;

namespace samba::ui {

/// A number with its name and a small line of how it came there. Thread: GUI.
class NumberTile : public QFrame {
    Q_OBJECT

public:
    explicit NumberTile(const QString& label, QWidget* parent = nullptr);

    /// Shows a number as text, without changing the line.
    void setValue(const QString& text);

    /// Adds a point to the line; NaN is left out. Only the newest points are kept.
    void addPoint(double value);

    void clear();

    QString value() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* m_label;
    QLabel* m_value;
    QVector<double> m_points;
};

} // namespace samba::ui
