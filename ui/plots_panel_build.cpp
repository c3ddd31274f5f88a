// How the plots panel is put together.

#include "ui/plots_panel_private.h"

#include "ui/plots_panel_grid.h"
#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/curve_plot_card.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace samba::ui {

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
    for (int index = 0; index <= importedIndex(); ++index)
        tabs->addTab(pageSpec(index).title);
    tabs->setTabVisible(importedIndex(), false);

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
    // One line of a 1280 pixels wide window has room for all of it.
    auto* layout = new FlowLayout(bar, 10, 4);
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
    smoothing->setFixedWidth(84);
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
    logY = makeCheck("plotsLog", tr("Log"),
                     tr("Logarithmic vertical axis for losses, rates and norms"));
    ignoreOutliers = makeCheck("plotsOutliers", tr("No outliers"),
                               tr("Fit the vertical axis to the middle 95 % of the values"));
    linkZoom = makeCheck("plotsLink", tr("Link"), tr("Zoom all plots to the same stretch"));
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

void PlotsPanel::Private::makePage(int index)
{
    Page& page = pages[static_cast<std::size_t>(index)];
    if (page.grid)
        return;
    if (pageSpec(index).cards.empty()) {
        replaceInStack(index, new EmptyState(QStringLiteral("plots"), tr("No curves in this run"),
                                             tr("Its event files hold no numbers. Pictures, texts "
                                                "and histograms are not shown here.")));
        return;
    }
    page.grid = new PlotGrid;
    page.grid->setObjectName(QStringLiteral("plotsPage.") + pageSpec(index).key);
    for (const CardSpec& spec : pageSpec(index).cards) {
        page.cards.push_back(makeCard(spec));
        page.grid->addCard(page.cards.back().card);
    }
    replaceInStack(index, page.grid);
}

void PlotsPanel::Private::dropPage(int index)
{
    Page& page = pages[static_cast<std::size_t>(index)];
    if (!page.grid)
        return;
    page = {};
    cardsToFeed = nextCard = 0;
    replaceInStack(index, new QWidget);
}

void PlotsPanel::Private::replaceInStack(int index, QWidget* widget)
{
    QWidget* former = pageStack->widget(index);
    pageStack->insertWidget(index, widget);
    pageStack->removeWidget(former);
    delete former;
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

} // namespace samba::ui
