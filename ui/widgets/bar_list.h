#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

namespace samba::ui {

/// Parts of a whole as labelled horizontal bars, largest drawn full width. Thread: GUI.
class BarList : public QWidget {
    Q_OBJECT

public:
    struct Item {
        QString label;
        QString valueText;
        double value = 0; ///< >= 0
    };

    explicit BarList(QWidget* parent = nullptr);

    void setItems(QVector<Item> items);
    const QVector<Item>& items() const { return m_items; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<Item> m_items;
};

} // namespace samba::ui
