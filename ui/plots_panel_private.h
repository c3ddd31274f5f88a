#pragma once

#include "ui/plots_panel.h"
#include "ui/plots_panel_data.h"
#include "ui/plots_panel_pages.h"

#include <QSet>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QStackedWidget;
class QTabBar;

namespace samba::ui {

class CurvePlot;
class CurvePlotCard;
class ElidedLabel;
class EmptyState;
class PlotGrid;

inline constexpr int kSmoothingSteps = 1000;
inline constexpr double kMaxSmoothing = 0.999;

/// The weight at a place of the smoothing slider. It gives most of its way to strong smoothing,
/// where small changes matter: weight = 1 - (1 - t)^2.
inline double smoothingOf(int sliderValue)
{
    const double rest = 1 - static_cast<double>(sliderValue) / kSmoothingSteps;
    return std::min(kMaxSmoothing, 1 - rest * rest);
}

/// The inverse, to the nearest step.
inline int sliderOf(double smoothing)
{
    return static_cast<int>(std::lround((1 - std::sqrt(1 - smoothing)) * kSmoothingSteps));
}

/// A card with what it takes to feed it.
struct FedCard {
    CardSpec spec;
    CurvePlotCard* card = nullptr;
    std::vector<CurveSpec> curves;  ///< the plot's series, in order
    std::vector<std::size_t> fed;   ///< records taken, by series
    int revision = -1;              ///< of the data that was taken
    PlotAxis axis = PlotAxis::Step; ///< that x was taken from
};

/// The cards of one page.
struct Page {
    PlotGrid* grid = nullptr; ///< made when first looked at
    std::vector<FedCard> cards;
};

/// Inside of the panel. `plots_panel_build.cpp` makes the widgets, `plots_panel.cpp` feeds them.
class PlotsPanel::Private {
public:
    explicit Private(PlotsPanel* owner) : panel(owner) {}

    QWidget* makeContent();
    QWidget* makeToolBar();
    EmptyState* makeEmptyState();
    Page& currentPage();
    const PageSpec& pageSpec(int index) const;
    int importedIndex() const { return static_cast<int>(pages.size()) - 1; }
    void showImported(bool isImported);

    void showPage(int index);
    void makePage(int index);
    void dropPage(int index);
    void replaceInStack(int index, QWidget* widget);
    FedCard makeCard(const CardSpec& spec);
    void addMeasureChoice(FedCard& card);
    void applyOptions(FedCard& card);
    void applyOptionsInSight();
    void connectPlot(CurvePlot* plot, const QString& cardKey);

    void scheduleFeed();
    void feed();
    void feed(FedCard& card);
    void setCurves(FedCard& card);
    void showSummary();
    void showRightView();
    void resetViews();
    void forEachPlot(const std::function<void(CurvePlot*)>& act);

    PlotsPanel* panel;
    QStackedWidget* views = nullptr;
    QTabBar* tabs = nullptr;
    ElidedLabel* runLabel = nullptr;
    QStackedWidget* pageStack = nullptr;
    QSlider* smoothing = nullptr;
    QLabel* smoothingValue = nullptr;
    QComboBox* axisChoice = nullptr;
    QCheckBox* logY = nullptr;
    QCheckBox* ignoreOutliers = nullptr;
    QCheckBox* linkZoom = nullptr;
    QTimer feedTimer;
    std::size_t cardsToFeed = 0; ///< of the page in sight, counted on from `nextCard`
    std::size_t nextCard = 0;

    RunMetrics data;
    QString runName;
    bool hasRun = false;
    std::vector<Page> pages; ///< those of plotPages(), then that of an imported run
    PageSpec imported;
    int ownPage = 0; ///< of plotPages(), the one in sight last
    QString measure = QStringLiteral("nearZero");
    QSet<QString> hiddenCurves; ///< "card key:series key"
};

} // namespace samba::ui
