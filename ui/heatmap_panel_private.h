#pragma once

#include "ui/heatmap_panel.h"
#include "ui/heatmap_panel_measures.h"
#include "ui/widgets/heatmap.h"

#include <QFutureWatcher>
#include <QVector>

#include <array>
#include <cmath>
#include <optional>

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QSplitter;
class QStackedWidget;

namespace samba::ui {

class ElidedLabel;
class EmptyState;
class HeatmapChip;
class HeatmapColorBar;
class HeatmapHistogram;

using MeasuredFramePtr = std::shared_ptr<const MeasuredFrame>;

// The threshold slider: a hundred steps a power of ten.
inline constexpr double kLowestThreshold = 1e-6;
inline constexpr double kHighestThreshold = 10;
inline constexpr int kStepsPerDecade = 100;
inline constexpr int kThresholdSteps = 7 * kStepsPerDecade;

/// The threshold at a place of the slider.
inline double thresholdOfSlider(int value)
{
    return kLowestThreshold * std::pow(10, static_cast<double>(value) / kStepsPerDecade);
}

/// The inverse, to the nearest step.
inline int sliderOfThreshold(double threshold)
{
    return static_cast<int>(
        std::lround(std::log10(threshold / kLowestThreshold) * kStepsPerDecade));
}

/// Inside of the panel. `heatmap_panel_build.cpp` makes the widgets, `heatmap_panel.cpp` works
/// them.
class HeatmapPanel::Private {
public:
    using Source = samba::ActivationFrame::Source;

    explicit Private(HeatmapPanel* owner) : panel(owner) {}

    void build();
    QWidget* makeSourceBar();
    QWidget* makeViewBar();
    QWidget* makeMaps();
    QWidget* makeThresholdArea();
    QWidget* makeContent();

    samba::ActivationFramePtr& frameOf(Source which)
    {
        return frames[which == Source::Text ? 0 : 1];
    }
    HeatmapMode mode() const;
    double thresholdOf(std::size_t chunk) const;
    const ChunkMagnitudes& chosen() const { return shown->chunks[static_cast<std::size_t>(chunk)]; }

    void setSource(Source which);
    void showWanted();
    void measure(const samba::ActivationFramePtr& frame);
    void showMeasured(const MeasuredFramePtr& measured);
    void showEmpty();
    void rebuildChips();
    void chooseChunk(int index);
    void showChunk();
    void setThreshold(double value);
    void recount();
    void recolor();
    void showCell(qint64 row, qint64 column);
    void showAttentionCell(qint64 row, qint64 column);
    QString tokenText(qint64 row) const;
    void inspect(const QString& text);
    void tellWatching();
    void updateEnabled();

    HeatmapPanel* panel;
    QPushButton* textSource = nullptr;
    QPushButton* liveSource = nullptr;
    QLineEdit* textEdit = nullptr;
    QPushButton* inspectButton = nullptr;
    QStackedWidget* views = nullptr;
    EmptyState* empty = nullptr;
    QPushButton* exampleButton = nullptr;
    QWidget* chipRow = nullptr;
    QButtonGroup* chipGroup = nullptr;
    QVector<HeatmapChip*> chips;
    QComboBox* modeChoice = nullptr;
    QCheckBox* sortUnits = nullptr;
    QCheckBox* sameScale = nullptr;
    HeatmapColorBar* colorBar = nullptr;
    ElidedLabel* mapTitle = nullptr;
    QLabel* attentionTitle = nullptr;
    HeatmapView* map = nullptr;
    HeatmapView* attention = nullptr;
    ElidedLabel* readout = nullptr;
    QLineEdit* thresholdEdit = nullptr;
    QComboBox* thresholdKind = nullptr;
    QSlider* thresholdSlider = nullptr;
    HeatmapHistogram* histogram = nullptr;
    QSplitter* splitter = nullptr;

    std::array<samba::ActivationFramePtr, 2> frames; ///< newest of a text, newest of the batch
    Source source = Source::Text;
    QString inspected; ///< the text last asked for
    MeasuredFramePtr shown;
    QFutureWatcher<MeasuredFramePtr> watcher;
    bool isMeasuring = false;
    int chunk = 0;
    double threshold = 1e-3;
    std::optional<samba::ModelInfo> model;
    bool isTraining = false;
    bool isWatching = false;
};

} // namespace samba::ui
