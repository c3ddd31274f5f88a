#pragma once

#include <QScrollArea>

class QVBoxLayout;

namespace samba::ui {

/// A column that scrolls up and down and is never wider than its view. Thread: GUI.
class ScrollColumn : public QScrollArea {
    Q_OBJECT

public:
    explicit ScrollColumn(QWidget* parent = nullptr);

    /// Where the column's widgets go.
    QVBoxLayout* column() const { return m_column; }

private:
    QVBoxLayout* m_column;
};

} // namespace samba::ui
