#pragma once

#include <QWidget>

namespace samba::ui {

/// The layers of a model in a row, grouped as they are read out. Thread: GUI.
class ChunkStrip : public QWidget {
    Q_OBJECT

public:
    explicit ChunkStrip(QWidget* parent = nullptr);

    /// @param layers  number of layers, >= 0.
    /// @param stride  layers in a group; 0: no groups.
    void setLayers(int layers, int stride);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_layers = 0;
    int m_stride = 0;
};

} // namespace samba::ui
