#include "ui/plots_panel.h"

#include "ui/format.h"
#include "ui/plots_panel_private.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/curve_plot_card.h"
#include "ui/widgets/curve_plot_format.h"
#include "ui/widgets/curve_plot_legend.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"

#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QSlider>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr qint64 kFeedBudgetMs = 8; ///< spent on feeding before other events get their turn

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

PlotsPanel::PlotsPanel(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(this))
{
    setObjectName(QStringLiteral("plotsPanel"));
    setAccessibleName(tr("Plots"));
    d->imported = importedPage({});
    d->pages.resize(plotPages().size() + 1);
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

Page& PlotsPanel::Private::currentPage()
{
    return pages[static_cast<std::size_t>(tabs->currentIndex())];
}

const PageSpec& PlotsPanel::Private::pageSpec(int index) const
{
    return index == importedIndex() ? imported : plotPages()[static_cast<std::size_t>(index)];
}

/// Turns from the pages of runs of this program to the one of an imported run, or back.
void PlotsPanel::Private::showImported(bool isImported)
{
    if (isImported) {
        // The cards follow the run's tags: the page is made anew.
        dropPage(importedIndex());
        imported = importedPage(data.scalars());
        if (axisChoice->currentIndex() == static_cast<int>(PlotAxis::Tokens))
            axisChoice->setCurrentIndex(static_cast<int>(PlotAxis::Step));
    } else if (tabs->currentIndex() != importedIndex()) {
        return;
    }
    auto* axes = qobject_cast<QStandardItemModel*>(axisChoice->model());
    axes->item(static_cast<int>(PlotAxis::Tokens))->setEnabled(!isImported);
    // Turned to before the others are hidden: a tab bar leaves a hidden tab for any other.
    const int shown = isImported ? importedIndex() : ownPage;
    tabs->setTabVisible(shown, true);
    tabs->setCurrentIndex(shown);
    for (int index = 0; index <= importedIndex(); ++index)
        tabs->setTabVisible(index, isImported == (index == importedIndex()));
    showPage(shown);
}

void PlotsPanel::Private::showPage(int index)
{
    if (index < 0)
        return;
    if (index != importedIndex())
        ownPage = index;
    makePage(index);
    pageStack->setCurrentIndex(index);
    applyOptionsInSight();
    scheduleFeed();
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
    if (!data.scalars().empty()) {
        const std::size_t count = data.scalars().size();
        runLabel->setText(count > kMaxImportedCards
                              ? tr("%1  ·  imported  ·  the first %2 of %3 curves")
                                    .arg(runName)
                                    .arg(kMaxImportedCards)
                                    .arg(count)
                              : tr("%1  ·  imported").arg(runName));
        return;
    }
    if (data.steps().empty()) {
        runLabel->setText(runName);
        return;
    }
    const samba::StepMetrics& last = data.steps().back();
    runLabel->setText(tr("%1 · step %2").arg(runName, formatInteger(last.step)));
    runLabel->setToolTip(
        tr("%1 tokens in %2")
            .arg(countText(static_cast<double>(last.tokens)), durationText(last.elapsedMs)));
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
    d->showImported(false);
    d->showRightView();
}

void PlotsPanel::clear()
{
    d->data.clear();
    d->runName.clear();
    d->hasRun = false;
    d->showImported(false);
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
    if (run.summary.state == samba::RunState::Imported) {
        d->data.setScalars(run.scalars);
        d->showImported(true);
        return;
    }
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
        {QStringLiteral("page"), plotPages()[static_cast<std::size_t>(d->ownPage)].key},
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
            if (plotPages()[i].key != value.toString())
                continue;
            d->ownPage = static_cast<int>(i);
            if (d->tabs->currentIndex() != d->importedIndex())
                d->tabs->setCurrentIndex(d->ownPage);
        }
    });
    d->scheduleFeed();
}

} // namespace samba::ui
