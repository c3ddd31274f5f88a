#pragma once

#include "ui/widgets/series_buffer.h"
#include "ui/widgets/series_smoothing.h"

#include <QColor>
#include <QString>
#include <QVector>
#include <QWidget>

#include <optional>
#include <span>
#include <vector>

class QCustomPlot;
class QCPGraph;
class QCPPainter;
class QMouseEvent;

namespace samba::ui {

class CurveOverlay;

/// How one series is called and drawn.
struct CurveStyle {
    QString key;       ///< stable name, for saved state and object names
    QString name;      ///< for people
    QString shortName; ///< in the legend, where the card says the rest; empty: the name
    int color = 0;     ///< index into Theme::series, wraps around
    bool isDashed = false;
    bool hasPoints = false; ///< sparse values: each one is marked
    bool isSmoothed = true; ///< whether the smoothing applies to it
    /// A value that every run has: NaN from the first sample on is a fault to be seen. Without it a
    /// series that never had a value is taken for absent.
    bool isRequired = false;
};

/// A closed range of an axis.
struct AxisRange {
    double lower = 0;
    double upper = 1;
};

/// What one series says at a place of the x axis.
struct CurveReading {
    int series = 0;
    double x = 0;
    double value = 0;    ///< as measured
    double smoothed = 0; ///< as drawn; the same as value without smoothing
};

/// Curves over a common x axis: themed, zoomable, following the newest point until the person
/// zooms.
///
/// Wheel zooms (over an axis: that axis alone), drag moves, Shift+drag or right drag zooms to a
/// box, double click, Home or 0 shows everything again, arrow keys move the cursor, Shift+arrows
/// the view,
/// + and - zoom. Samples are kept in full and drawn at the cost of pixels; any number of changes
/// between two passes of the event loop is one drawing, and none while hidden. Thread: GUI.
class CurvePlot : public QWidget {
    Q_OBJECT
public:
    enum class XFormat { Count, Duration };

    explicit CurvePlot(QWidget* parent = nullptr);
    ~CurvePlot() override;

    /// Adds an empty series and gives its index.
    int addSeries(const CurveStyle& style);

    int seriesCount() const { return static_cast<int>(m_series.size()); }
    const CurveStyle& style(int series) const;

    /// The series' colour in the theme in use.
    QColor color(int series) const;

    /// Its samples as measured.
    const SeriesBuffer& samples(int series) const;

    /// Its samples as drawn, smoothed.
    const SeriesBuffer& smoothedSamples(int series) const;

    /// Adds samples to a series; x must be finite and must not fall.
    void append(int series, std::span<const double> x, std::span<const double> y);

    /// Drops all samples, keeps the series, and follows again.
    void clearSamples();

    /// Drops the series, too.
    void removeAllSeries();

    bool hasSamples() const;

    /// Whether the series has anything to show; see CurveStyle::isRequired.
    bool isPresent(int series) const;

    bool isSeriesShown(int series) const;
    void setSeriesShown(int series, bool isShown);

    double smoothing() const { return m_smoothing; }
    /// @param weight  of the debiased moving average, 0 (none) <= weight < 1
    void setSmoothing(double weight);

    bool isLogY() const { return m_isLogY; }
    void setLogY(bool isLog);

    bool ignoresOutliers() const { return m_ignoresOutliers; }
    /// Fits the y axis to the middle 95 % of the values instead of all of them.
    void setIgnoreOutliers(bool isOn);

    /// What x means. Samples are the caller's to replace.
    void setXAxis(const QString& label, XFormat format);
    QString formatX(double x) const;

    /// Names for exported pictures and tables.
    void setTitle(const QString& title, const QString& unit);
    const QString& title() const { return m_title; }
    const QString& unit() const { return m_unit; }

    /// Shown in place of the curves while there is nothing to draw.
    void setEmptyText(const QString& text);

    /// Whether the view still shows everything and grows with the data.
    bool isFollowing() const { return m_isXFollowing && m_isYFollowing; }
    AxisRange xRange() const;
    AxisRange yRange() const;

    /// Zooms as if by hand, but says nothing: for linked plots.
    void setXRange(const AxisRange& range);
    void setYRange(const AxisRange& range);

    /// Shows everything and follows again.
    void resetView();

    /// The values of all shown series at the sample nearest to x, largest first. Series without a
    /// sample near that one are left out.
    QVector<CurveReading> readingsAt(double x) const;

    /// Shows the cursor at the nearest sample; with or without the box of values.
    void showCursor(double x, bool withValues);
    void hideCursor();
    std::optional<double> cursorX() const { return m_cursorX; }

    /// Where the curves are, in this widget's coordinates.
    QRect plotArea() const;
    QPointF toPixel(double x, double y) const;
    double toX(double pixel) const;

    /// The plot with title and names, as shown, in so many pixels.
    QImage toImage(const QSize& size, qreal devicePixelRatio);

    /// Writes the picture; the suffix .png, .svg or .pdf says how. False if that failed.
    bool saveImage(const QString& path);

    /// Writes the shown samples in the visible range, one row per x, a column per series; with
    /// smoothing a second one. False if that failed.
    bool exportCsv(const QString& path) const;

    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

Q_SIGNALS:
    /// The person zoomed or moved along x.
    void xRangeChanged(double lower, double upper);
    /// The person asked to see everything again.
    void viewReset();
    /// The cursor moved by hand.
    void cursorMoved(double x);
    void cursorLeft();
    void seriesShownChanged(int series, bool isShown);
    /// A series gained its first value or lost all.
    void presenceChanged();
    /// The curves were drawn.
    void replotted();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Series {
        CurveStyle style;
        SeriesBuffer raw;
        SeriesBuffer smooth; ///< empty while smoothing is off
        SeriesSmoothing smoothing;
        bool isShown = true;
        QCPGraph* rawGraph = nullptr;
        QCPGraph* smoothGraph = nullptr;
        QCPGraph* marks = nullptr; ///< where values are not finite
    };

    bool isSmoothing(const Series& series) const;
    void rebuildSmoothed(Series& series);
    void connectPlot();
    void applyTheme();
    void styleSeries(const Series& series);
    void applyYScale();
    void scheduleReplot();
    void fitX();
    void fitY();
    std::optional<AxisRange> extremesY() const;
    std::optional<AxisRange> middleY() const;
    void setAxisRange(Qt::Orientation axis, const AxisRange& range);
    void fillGraphs();
    void fillMarks(Series& series);
    void moveCursorBy(int samples);
    void zoomBy(double factor);
    void panBy(double xShare, double yShare);
    void onMouseMove(const QPoint& position);
    void render(QCPPainter& painter, const QSize& size);

    QCustomPlot* m_plot;
    CurveOverlay* m_overlay;
    std::vector<Series> m_series;
    QString m_title;
    QString m_unit;
    QString m_xLabel;
    double m_smoothing = 0;
    bool m_isLogY = false;
    bool m_ignoresOutliers = false;
    XFormat m_xFormat = XFormat::Count;
    bool m_isXFollowing = true;
    bool m_isYFollowing = true;
    bool m_isStale = true;         ///< changed since the last drawing
    bool m_isSettingRange = false; ///< a range change is ours, not the person's
    std::optional<double> m_cursorX;
};

} // namespace samba::ui
