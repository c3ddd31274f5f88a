#pragma once

#include <QAbstractButton>

namespace samba::ui {

/// A button that carries a share: its name, the percentage, and a bar as long as it. Thread: GUI.
class HeatmapChip : public QAbstractButton {
    Q_OBJECT
public:
    /// @param color  index into Theme::series
    HeatmapChip(const QString& name, int color, QWidget* parent = nullptr);

    /// @param share  0 ... 1, NaN: unknown
    void setShare(double share);
    double share() const { return m_share; }

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_color;
    double m_share;
};

} // namespace samba::ui
