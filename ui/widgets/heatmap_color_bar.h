#pragma once

#include "ui/widgets/heatmap_raster.h"

#include <QWidget>

namespace samba::ui {

/// The colours of a heatmap with the values they stand for, in one line. Thread: GUI.
class HeatmapColorBar : public QWidget {
    Q_OBJECT
public:
    explicit HeatmapColorBar(QWidget* parent = nullptr);

    void setColoring(const HeatmapColoring& coloring);

    /// The texts at the two ends.
    QString lowerText() const;
    QString upperText() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    HeatmapColoring m_coloring;
};

} // namespace samba::ui
