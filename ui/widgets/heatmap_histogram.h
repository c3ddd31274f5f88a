#pragma once

#include <QVector>
#include <QWidget>

#include <vector>

namespace samba::ui {

/// How the sizes of values are spread, over a logarithmic axis, with a threshold that can be
/// dragged: bars for what is looked at, lines for the others. Thread: GUI.
class HeatmapHistogram : public QWidget {
    Q_OBJECT
public:
    explicit HeatmapHistogram(QWidget* parent = nullptr);

    /// Borders of the bins, ascending: eight a power of ten from `kLowest` to `kHighest`. What is
    /// smaller, zeros above all, is in a bin of its own in front of them.
    static const std::vector<double>& edges();

    static constexpr double kLowest = 1e-7;
    static constexpr double kHighest = 1e3;

    /// @param shares  per series: share of the values in front of the first edge, then one per bin
    /// @param chosen  the series shown as bars
    void setShares(std::vector<std::vector<double>> shares, int chosen);

    /// @param threshold  where the line stands, > 0
    /// @param share      of the chosen series' values below it, 0 ... 1
    void setThreshold(double threshold, double share);

    void clear();

    /// Position of a value along the widget, in pixels.
    double toPixel(double value) const;

    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

Q_SIGNALS:
    /// The person moved the line.
    void thresholdDragged(double threshold);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    QRectF plotArea() const;
    void drawThreshold(QPainter& painter, const QRectF& area) const;

    std::vector<std::vector<double>> m_shares;
    int m_chosen = 0;
    double m_threshold = 1e-3;
    double m_share = 0;
};

} // namespace samba::ui
