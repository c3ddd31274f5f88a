#include "ui/plots_panel.h"

#include "ui/format.h"
#include "ui/plots_panel_data.h"
#include "ui/plots_panel_grid.h"
#include "ui/plots_panel_pages.h"
#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/curve_plot_card.h"
#include "ui/widgets/curve_plot_format.h"
#include "ui/widgets/curve_plot_legend.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QSlider>
#include <QStackedWidget>
#include <QTabBar>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <functional>

namespace samba::ui {

namespace {

constexpr int kSmoothingSteps = 1000;
constexpr double kMaxSmoothing = 0.999;
constexpr qint64 kFeedBudgetMs = 8; ///< spent on feeding before other events get their turn

/// The slider gives most of its way to strong smoothing, where small changes matter:
/// weight = 1 - (1 - t)^2.
double smoothingOf(int sliderValue)
{
    const double rest = 1 - static_cast<double>(sliderValue) / kSmoothingSteps;
    return std::min(kMaxSmoothing, 1 - rest * rest);
}

int sliderOf(double smoothing)
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

struct Page {
    PlotGrid* grid = nullptr; ///< made when first looked at
    std::vector<FedCard> cards;
};

QString readingText(ReadingForm form, double value)
{
    if (!std::isfinite(value) && form != ReadingForm::Plain)
        return {};
    switch (form) {
    case ReadingForm::None:
        return {};
    case ReadingForm::Plain:
        return valueText(value);
    case ReadingForm::Share:
        return formatShare(value);
    case ReadingForm::Count:
        return countText(std::round(value));
    case ReadingForm::Bytes:
        return formatBytes(value);
    }
    return {};
}

} // namespace

class PlotsPanel::Private {
public:
    explicit Private(PlotsPanel* owner) : panel(owner) {}

    QWidget* makeContent();
    QWidget* makeToolBar();
    EmptyState* makeEmptyState();
    Page& currentPage() { return pages[static_cast<std::size_t>(tabs->currentIndex())]; }

    void showPage(int index);
    void makePage(int index);
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
    std::vector<Page> pages;
    QString measure = QStringLiteral("nearZero");
    QSet<QString> hiddenCurves; ///< "card key:series key"
};

PlotsPanel::PlotsPanel(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(this))
{
    setObjectName(QStringLiteral("plotsPanel"));
    setAccessibleName(tr("Plots"));
    d->pages.resize(plotPages().size());
    d->feedTimer.setSingleShot(true);
    connect(&d->feedTimer, &QTimer::timeout, this, [this] { d->feed(); });

    d->views = new QStackedWidget;
    d->views->addWidget(d->makeEmptyState());
    d->views->addWidget(d->makeContent());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(d->views);
    d->showPage(0);
}

PlotsPanel::~PlotsPanel() = default;

EmptyState* PlotsPanel::Private::makeEmptyState()
{
    auto* empty = new EmptyState(
        QStringLiteral("plots"), tr("No curves yet"),
        tr("Losses, perplexity, speed and the sparsity of every chunk appear here while a model "
           "trains. Finished runs can be looked at any time."));
    empty->setObjectName(QStringLiteral("plotsEmpty"));
    QPushButton* open =
        empty->addButton(QStringLiteral("plotsOpenRun"), tr("Open a run…"), QStringLiteral("open"));
    QPushButton* start = empty->addButton(QStringLiteral("plotsStartTraining"),
                                          tr("Start training"), QStringLiteral("play"));
    connect(open, &QPushButton::clicked, panel, &PlotsPanel::openRunRequested);
    connect(start, &QPushButton::clicked, panel, &PlotsPanel::startTrainingRequested);
    return empty;
}

QWidget* PlotsPanel::Private::makeContent()
{
    const Theme& theme = Theme::current();
    auto* content = new QWidget;
    tabs = new QTabBar;
    tabs->setObjectName(QStringLiteral("plotsPages"));
    tabs->setAccessibleName(tr("Pages of plots"));
    tabs->setExpanding(false);
    tabs->setDrawBase(false);
    for (const PageSpec& page : plotPages())
        tabs->addTab(page.title);

    runLabel = new ElidedLabel(Qt::ElideMiddle);
    runLabel->setFont(themedFont(TextRole::Small));
    setTone(runLabel, Tone::Muted);
    runLabel->setObjectName(QStringLiteral("plotsRun"));
    runLabel->setAlignment(Qt::AlignRight | Qt::AlignVCenter);

    auto* head = new QHBoxLayout;
    head->setSpacing(theme.spacing);
    head->addWidget(tabs);
    head->addWidget(runLabel, 1);

    pageStack = new QStackedWidget;
    for (std::size_t i = 0; i < pages.size(); ++i)
        pageStack->addWidget(new QWidget);

    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(theme.panelMargin, theme.spacingSmall, theme.panelMargin,
                               theme.panelMargin);
    layout->setSpacing(theme.spacing);
    layout->addLayout(head);
    layout->addWidget(makeToolBar());
    layout->addWidget(pageStack, 1);

    QObject::connect(tabs, &QTabBar::currentChanged, panel, [this](int index) { showPage(index); });
    return content;
}

QWidget* PlotsPanel::Private::makeToolBar()
{
    auto* bar = new QWidget;
    auto* layout = new FlowLayout(bar, 14, 4);
    layout->setContentsMargins(0, 0, 0, 0);

    auto* smoothingBox = new QWidget;
    auto* smoothingLayout = new QHBoxLayout(smoothingBox);
    smoothingLayout->setContentsMargins(0, 0, 0, 0);
    smoothing = new QSlider(Qt::Horizontal);
    smoothing->setObjectName(QStringLiteral("plotsSmoothing"));
    smoothing->setAccessibleName(tr("Smoothing"));
    smoothing->setToolTip(tr("Weight of the past in the moving average; the values as measured "
                             "stay visible behind it"));
    smoothing->setRange(0, kSmoothingSteps);
    smoothing->setPageStep(kSmoothingSteps / 10);
    smoothing->setFixedWidth(110);
    smoothing->setValue(sliderOf(0.6));
    smoothingValue = makeLabel(QString(), TextRole::Small, Tone::Muted);
    smoothingValue->setObjectName(QStringLiteral("plotsSmoothingValue"));
    smoothingValue->setFixedWidth(
        QFontMetrics(themedFont(TextRole::Small)).horizontalAdvance(QStringLiteral("0.9999")));
    smoothingLayout->addWidget(makeLabel(tr("Smoothing"), TextRole::Small, Tone::Muted));
    smoothingLayout->addWidget(smoothing);
    smoothingLayout->addWidget(smoothingValue);

    axisChoice = new QComboBox;
    axisChoice->setObjectName(QStringLiteral("plotsAxis"));
    axisChoice->setAccessibleName(tr("Horizontal axis"));
    axisChoice->setToolTip(tr("What the horizontal axis counts"));
    axisChoice->addItem(tr("Steps"), QStringLiteral("step"));
    axisChoice->addItem(tr("Tokens"), QStringLiteral("tokens"));
    axisChoice->addItem(tr("Time"), QStringLiteral("time"));

    const auto makeCheck = [](const char* name, const QString& text, const QString& toolTip) {
        auto* check = new QCheckBox(text);
        check->setObjectName(QLatin1String(name));
        check->setToolTip(toolTip);
        return check;
    };
    logY = makeCheck("plotsLog", tr("Log axis"),
                     tr("Logarithmic vertical axis for losses, rates and norms"));
    ignoreOutliers = makeCheck("plotsOutliers", tr("Ignore outliers"),
                               tr("Fit the vertical axis to the middle 95 % of the values"));
    linkZoom = makeCheck("plotsLink", tr("Link zoom"), tr("All plots show the same stretch"));
    linkZoom->setChecked(true);
    auto* reset = makeIconButton(QStringLiteral("plotsReset"), QStringLiteral("zoom-reset"),
                                 tr("Show everything in all plots"));

    layout->addWidget(smoothingBox);
    layout->addWidget(axisChoice);
    layout->addWidget(logY);
    layout->addWidget(ignoreOutliers);
    layout->addWidget(linkZoom);
    layout->addWidget(reset);

    QObject::connect(smoothing, &QSlider::valueChanged, panel, [this] { applyOptionsInSight(); });
    QObject::connect(axisChoice, &QComboBox::currentIndexChanged, panel, [this] {
        applyOptionsInSight();
        scheduleFeed();
    });
    for (QCheckBox* check : {logY, ignoreOutliers})
        QObject::connect(check, &QCheckBox::toggled, panel, [this] { applyOptionsInSight(); });
    QObject::connect(reset, &QToolButton::clicked, panel, [this] { resetViews(); });
    applyOptionsInSight();
    return bar;
}

void PlotsPanel::Private::showPage(int index)
{
    if (index < 0)
        return;
    makePage(index);
    pageStack->setCurrentIndex(index);
    applyOptionsInSight();
    scheduleFeed();
}

void PlotsPanel::Private::makePage(int index)
{
    Page& page = pages[static_cast<std::size_t>(index)];
    if (page.grid)
        return;
    page.grid = new PlotGrid;
    page.grid->setObjectName(QStringLiteral("plotsPage.") +
                             plotPages()[static_cast<std::size_t>(index)].key);
    for (const CardSpec& spec : plotPages()[static_cast<std::size_t>(index)].cards) {
        page.cards.push_back(makeCard(spec));
        page.grid->addCard(page.cards.back().card);
    }
    QWidget* placeholder = pageStack->widget(index);
    pageStack->insertWidget(index, page.grid);
    pageStack->removeWidget(placeholder);
    delete placeholder;
}

FedCard PlotsPanel::Private::makeCard(const CardSpec& spec)
{
    FedCard fed;
    fed.spec = spec;
    fed.card = new CurvePlotCard(spec.key, spec.title, spec.unit);
    fed.card->plot()->setEmptyText(tr("Nothing logged yet"));
    if (spec.canChooseMeasure)
        addMeasureChoice(fed);
    QObject::connect(
        fed.card, &CurvePlotCard::exportFailed, panel, [this](const QString& sentence) {
            Q_EMIT panel->messageRaised(
                sentence,
                tr("Choose a folder that you may write to, with enough room on its disk."));
        });
    connectPlot(fed.card->plot(), spec.key);
    applyOptions(fed);
    return fed;
}

void PlotsPanel::Private::addMeasureChoice(FedCard& fed)
{
    auto* choice = new QComboBox;
    choice->setObjectName(QStringLiteral("plotsMeasure"));
    choice->setAccessibleName(tr("Measure per chunk"));
    for (const MeasureSpec& measureSpec : chunkMeasures())
        choice->addItem(measureSpec.title, measureSpec.key);
    choice->setToolTip(tr("Measure of every chunk's output"));
    choice->setCurrentIndex(choice->findData(measure));
    fed.card->addHeaderWidget(choice);
    CurvePlotCard* card = fed.card;
    const auto take = [this, choice, card] {
        measure = choice->currentData().toString();
        for (Page& page : pages) {
            for (FedCard& other : page.cards) {
                if (other.card == card)
                    other.revision = -1;
            }
        }
        scheduleFeed();
    };
    QObject::connect(choice, &QComboBox::currentIndexChanged, panel, take);
}

void PlotsPanel::Private::connectPlot(CurvePlot* plot, const QString& cardKey)
{
    QObject::connect(plot, &CurvePlot::xRangeChanged, panel,
                     [this, plot](double lower, double upper) {
                         if (!linkZoom->isChecked())
                             return;
                         forEachPlot([&](CurvePlot* other) {
                             if (other != plot)
                                 other->setXRange({lower, upper});
                         });
                     });
    QObject::connect(plot, &CurvePlot::viewReset, panel, [this, plot] {
        if (linkZoom->isChecked())
            resetViews();
        else
            plot->resetView();
    });
    QObject::connect(plot, &CurvePlot::cursorMoved, panel, [this, plot](double x) {
        for (const FedCard& fed : currentPage().cards) {
            if (fed.card->plot() != plot && fed.card->isVisible())
                fed.card->plot()->showCursor(x, false);
        }
    });
    QObject::connect(plot, &CurvePlot::cursorLeft, panel,
                     [this] { forEachPlot([](CurvePlot* other) { other->hideCursor(); }); });
    QObject::connect(plot, &CurvePlot::seriesShownChanged, panel,
                     [this, plot, cardKey](int series, bool isShown) {
                         const QString key = cardKey + QLatin1Char(':') + plot->style(series).key;
                         if (isShown)
                             hiddenCurves.remove(key);
                         else
                             hiddenCurves.insert(key);
                     });
}

void PlotsPanel::Private::forEachPlot(const std::function<void(CurvePlot*)>& act)
{
    for (const Page& page : pages) {
        for (const FedCard& fed : page.cards)
            act(fed.card->plot());
    }
}

void PlotsPanel::Private::resetViews()
{
    forEachPlot([](CurvePlot* plot) { plot->resetView(); });
}

void PlotsPanel::Private::applyOptionsInSight()
{
    smoothingValue->setText(QString::number(smoothingOf(smoothing->value()), 'f', 3));
    // The other pages follow when they are turned to.
    for (FedCard& fed : currentPage().cards)
        applyOptions(fed);
}

void PlotsPanel::Private::applyOptions(FedCard& fed)
{
    CurvePlot* plot = fed.card->plot();
    plot->setSmoothing(smoothingOf(smoothing->value()));
    plot->setLogY(fed.spec.isAlwaysLog || (logY->isChecked() && fed.spec.isLogSensible));
    plot->setIgnoreOutliers(ignoreOutliers->isChecked());
    switch (static_cast<PlotAxis>(axisChoice->currentIndex())) {
    case PlotAxis::Step:
        plot->setXAxis(tr("Step"), CurvePlot::XFormat::Count);
        break;
    case PlotAxis::Tokens:
        plot->setXAxis(tr("Tokens"), CurvePlot::XFormat::Count);
        break;
    case PlotAxis::Time:
        plot->setXAxis(tr("Training time"), CurvePlot::XFormat::Duration);
        break;
    }
}

void PlotsPanel::Private::scheduleFeed()
{
    if (!panel->isVisible())
        return;
    cardsToFeed = currentPage().cards.size();
    if (!feedTimer.isActive())
        feedTimer.start(0);
}

void PlotsPanel::Private::feed()
{
    showSummary();
    // A long run that has just been opened is taken in over several passes of the event loop, card
    // by card, so that the window stays alive.
    std::vector<FedCard>& cards = currentPage().cards;
    QElapsedTimer timer;
    timer.start();
    for (; cardsToFeed > 0; --cardsToFeed) {
        if (timer.elapsed() > kFeedBudgetMs) {
            feedTimer.start(0);
            return;
        }
        nextCard = (nextCard + 1) % cards.size();
        feed(cards[nextCard]);
    }
}

void PlotsPanel::Private::setCurves(FedCard& fed)
{
    CurvePlot* plot = fed.card->plot();
    if (fed.spec.canChooseMeasure) {
        for (const MeasureSpec& measureSpec : chunkMeasures()) {
            if (measureSpec.key == measure) {
                fed.spec.perChunk = measureSpec.value;
                fed.spec.isLogSensible = measureSpec.isLogSensible;
                fed.card->setTitle(tr("By chunk"), QString());
            }
        }
        applyOptions(fed);
    }
    fed.curves = fed.spec.curves;
    if (fed.spec.perChunk) {
        for (std::size_t chunk = 0; chunk < data.chunkCount(); ++chunk)
            fed.curves.push_back(chunkCurve(fed.spec.perChunk, chunk));
    }
    fed.fed.assign(fed.curves.size(), 0);

    plot->removeAllSeries();
    for (const CurveSpec& curve : fed.curves) {
        const int series = plot->addSeries(curve.style);
        plot->setSeriesShown(
            series, !hiddenCurves.contains(fed.spec.key + QLatin1Char(':') + curve.style.key));
    }
    fed.card->legend()->rebuild();
}

void PlotsPanel::Private::feed(FedCard& fed)
{
    const auto axis = static_cast<PlotAxis>(axisChoice->currentIndex());
    const bool hasNewChunks =
        fed.spec.perChunk && fed.curves.size() != data.chunkCount() + fed.spec.curves.size();
    if (fed.revision != data.revision() || fed.axis != axis || hasNewChunks) {
        fed.revision = data.revision();
        fed.axis = axis;
        setCurves(fed);
    }
    CurvePlot* plot = fed.card->plot();
    for (std::size_t i = 0; i < fed.curves.size(); ++i) {
        const CurveSamples samples = data.samples(fed.curves[i].source, axis, fed.fed[i]);
        fed.fed[i] = data.recordCount(fed.curves[i].source);
        plot->append(static_cast<int>(i), samples.x, samples.y);
    }
    const SeriesBuffer* first = fed.curves.empty() ? nullptr : &plot->samples(0);
    const bool hasReading = first && !first->isEmpty() && plot->isPresent(0);
    fed.card->setReading(hasReading ? readingText(fed.spec.reading, first->y(first->size() - 1))
                                    : QString());
}

void PlotsPanel::Private::showSummary()
{
    if (data.steps().empty()) {
        runLabel->setText(runName);
        return;
    }
    const samba::StepMetrics& last = data.steps().back();
    runLabel->setText(tr("%1  ·  step %2  ·  %3 tokens  ·  %4")
                          .arg(runName, formatInteger(last.step),
                               countText(static_cast<double>(last.tokens)),
                               durationText(last.elapsedMs)));
}

void PlotsPanel::Private::showRightView()
{
    views->setCurrentIndex(hasRun || !data.isEmpty() ? 1 : 0);
    scheduleFeed();
}

void PlotsPanel::beginRun(const QString& name)
{
    d->data.clear();
    d->runName = name;
    d->hasRun = true;
    d->showRightView();
}

void PlotsPanel::clear()
{
    d->data.clear();
    d->runName.clear();
    d->hasRun = false;
    d->showRightView();
}

void PlotsPanel::appendMetrics(std::span<const samba::StepMetrics> metrics)
{
    if (metrics.empty())
        return;
    d->data.append(metrics);
    d->showRightView();
}

void PlotsPanel::appendValidation(const samba::ValidationMetrics& metrics)
{
    d->data.append(metrics);
    d->showRightView();
}

void PlotsPanel::showRun(const samba::RunHistory& run)
{
    beginRun(toQString(run.summary.name));
    d->data.append(run.metrics);
    for (const samba::ValidationMetrics& validation : run.validation)
        d->data.append(validation);
    d->scheduleFeed();
}

void PlotsPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    d->scheduleFeed();
}

QVariantMap PlotsPanel::saveState() const
{
    QStringList hidden(d->hiddenCurves.begin(), d->hiddenCurves.end());
    hidden.sort();
    return {
        {QStringLiteral("page"),
         plotPages()[static_cast<std::size_t>(d->tabs->currentIndex())].key},
        {QStringLiteral("smoothing"), smoothingOf(d->smoothing->value())},
        {QStringLiteral("axis"), d->axisChoice->currentData()},
        {QStringLiteral("log"), d->logY->isChecked()},
        {QStringLiteral("ignoreOutliers"), d->ignoreOutliers->isChecked()},
        {QStringLiteral("linkZoom"), d->linkZoom->isChecked()},
        {QStringLiteral("measure"), d->measure},
        {QStringLiteral("hidden"), hidden},
    };
}

void PlotsPanel::restoreState(const QVariantMap& state)
{
    const auto restore = [&state](const char* key, auto&& apply) {
        const auto found = state.constFind(QLatin1String(key));
        if (found != state.constEnd())
            apply(*found);
    };
    restore("hidden", [this](const QVariant& value) {
        const QStringList keys = value.toStringList();
        d->hiddenCurves = QSet<QString>(keys.begin(), keys.end());
        for (Page& page : d->pages) {
            for (FedCard& fed : page.cards)
                fed.revision = -1;
        }
    });
    restore("measure", [this](const QVariant& value) {
        auto* choice = findChild<QComboBox*>(QStringLiteral("plotsMeasure"));
        const int index = choice->findData(value);
        if (index >= 0)
            choice->setCurrentIndex(index);
    });
    restore("smoothing", [this](const QVariant& value) {
        d->smoothing->setValue(sliderOf(std::clamp(value.toDouble(), 0.0, kMaxSmoothing)));
    });
    restore("axis", [this](const QVariant& value) {
        const int index = d->axisChoice->findData(value);
        if (index >= 0)
            d->axisChoice->setCurrentIndex(index);
    });
    restore("log", [this](const QVariant& value) { d->logY->setChecked(value.toBool()); });
    restore("ignoreOutliers",
            [this](const QVariant& value) { d->ignoreOutliers->setChecked(value.toBool()); });
    restore("linkZoom", [this](const QVariant& value) { d->linkZoom->setChecked(value.toBool()); });
    restore("page", [this](const QVariant& value) {
        for (std::size_t i = 0; i < plotPages().size(); ++i) {
            if (plotPages()[i].key == value.toString())
                d->tabs->setCurrentIndex(static_cast<int>(i));
        }
    });
    d->scheduleFeed();
}

} // namespace samba::ui
