#pragma once

#include <QLayout>
#include <QVector>

namespace samba::ui {

/// Items in a row that breaks into further lines where the width ends, like words. Thread: GUI.
class FlowLayout : public QLayout {
    Q_OBJECT
public:
    /// @param columnGap, rowGap  device-independent pixels between items and between lines
    FlowLayout(QWidget* parent, int columnGap, int rowGap);
    ~FlowLayout() override;

    void addItem(QLayoutItem* item) override;
    int count() const override;
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override;
    bool hasHeightForWidth() const override;
    int heightForWidth(int width) const override;
    QSize minimumSize() const override;
    QSize sizeHint() const override;
    void setGeometry(const QRect& rect) override;

private:
    /// Puts the items into a rectangle, or only measures the height they need there.
    int arrange(const QRect& rect, bool isMeasuring) const;

    QVector<QLayoutItem*> m_items;
    int m_columnGap;
    int m_rowGap;
};

} // namespace samba::ui
