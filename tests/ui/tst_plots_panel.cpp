#include "tests/support/sample_events.h"
#include "ui/plots_panel.h"
#include "ui/plots_panel_data.h"
#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/curve_plot_card.h"

#include <QAbstractButton>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QGuiApplication>
#include <QImage>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace samba::ui;

namespace {

constexpr int kChunks = 3;

samba::StepMetrics stepAt(int step)
{
    samba::StepMetrics metrics;
    metrics.step = step;
    metrics.tokens = step * 1024;
    metrics.elapsedMs = step * 250.0;
    metrics.main = 10.0 / step;
    metrics.readout = 11.0 / step;
    metrics.pruning = 0.5;
    metrics.total = metrics.main + metrics.readout;
    metrics.perplexity = std::exp(metrics.main);
    metrics.lr = 1e-4;
    metrics.tokensPerSecond = 4096;
    for (int chunk = 0; chunk < kChunks; ++chunk) {
        samba::ChunkMetrics values;
        values.nearZero = 0.1 * chunk;
        values.hoyer = 0.2 + 0.1 * chunk;
        metrics.chunks.push_back(values);
    }
    return metrics;
}

std::vector<samba::StepMetrics> steps(int from, int to)
{
    std::vector<samba::StepMetrics> result;
    for (int step = from; step <= to; ++step)
        result.push_back(stepAt(step));
    return result;
}

samba::ValidationMetrics validationAt(int step, double loss)
{
    samba::ValidationMetrics metrics;
    metrics.step = step;
    metrics.main = loss;
    return metrics;
}

/// A shown panel of a size that has room for its cards.
class ShownPanel : public PlotsPanel {
public:
    ShownPanel()
    {
        resize(900, 700);
        show();
    }

    CurvePlot* plot(const char* key)
    {
        return find<CurvePlot>(QLatin1String(key) + QStringLiteral(".plot"));
    }
    CurvePlotCard* card(const char* key)
    {
        return find<CurvePlotCard>(QLatin1String(key) + QStringLiteral(".card"));
    }
    template <typename Widget>
    Widget* find(const QString& name)
    {
        return findChild<Widget*>(name);
    }
    QTabBar* pages() { return find<QTabBar>(QStringLiteral("plotsPages")); }
};

/// Samples of a series; none as long as the plot has not been fed.
std::size_t count(CurvePlot* plot, int series = 0)
{
    return series < plot->seriesCount() ? plot->samples(series).size() : 0;
}

/// Lets the layout come to rest: until a pass of the event loop draws nothing more.
void settle(CurvePlot* plot)
{
    QSignalSpy spy(plot, &CurvePlot::replotted);
    do {
        spy.clear();
        QCoreApplication::processEvents();
        QCoreApplication::processEvents();
    } while (spy.count() > 0);
}

} // namespace

class TestPlotsPanel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ThemeController::instance().apply(ThemeChoice::Light); }

    void emptyPanelOffersTheNextStep();
    void metricsFillTheCurves();
    void validationIsPlacedByItsStep_data();
    void validationIsPlacedByItsStep();
    void goingBackReplacesWhatFollowed();
    void hiddenPanelOnlyAppends();
    void otherPagesAreFedWhenTurnedTo();
    void oneReplotHoweverOftenDataArrives();
    void showRunReplacesWhatWasShown();
    void absentReadoutIsNotDrawn();
    void importedRunHasAPageOfItsOwn();
    void importedRunHasNoTokens();
    void manyImportedCurvesAreCut();
    void everyPageShowsItsCards_data();
    void everyPageShowsItsCards();
    void smoothingReachesThePlots();
    void axisChoiceChangesX();
    void logSwitchLeavesSharesAlone();
    void outlierSwitchReachesThePlots();
    void zoomIsLinkedOnlyIfWanted();
    void resetShowsEverything();
    void measureCanBeChosen();
    void maximisedCardFillsTheView();
    void cursorIsSharedByThePage();
    void menuCopiesAndSaves();
    void failedExportIsReported();
    void stateRoundTrips();
    void unknownStateIsIgnored();
    void longRunOpensQuickly();
};

void TestPlotsPanel::emptyPanelOffersTheNextStep()
{
    ShownPanel panel;
    auto* open = panel.find<QAbstractButton>(QStringLiteral("plotsOpenRun"));
    auto* start = panel.find<QAbstractButton>(QStringLiteral("plotsStartTraining"));
    QVERIFY(open->isVisible() && start->isVisible());
    QSignalSpy opened(&panel, &PlotsPanel::openRunRequested);
    QSignalSpy started(&panel, &PlotsPanel::startTrainingRequested);
    open->click();
    start->click();
    QCOMPARE(opened.count(), 1);
    QCOMPARE(started.count(), 1);

    panel.beginRun(QStringLiteral("fox"));
    QVERIFY(!open->isVisible());
    panel.clear();
    QVERIFY(open->isVisible());
}

void TestPlotsPanel::metricsFillTheCurves()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 20));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{20});
    panel.appendMetrics(steps(21, 25));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{25});
    QCOMPARE(panel.plot("overview/loss")->samples(0).y(24), 10.0 / 25);
    QCOMPARE(panel.plot("overview/sparsity")->seriesCount(), kChunks);
    QVERIFY(panel.find<QLabel>(QStringLiteral("plotsRun"))->text().contains(QStringLiteral("fox")));
    QCOMPARE(panel.find<QLabel>(QStringLiteral("overview/loss.reading"))->text(),
             QStringLiteral("0.4"));
}

void TestPlotsPanel::validationIsPlacedByItsStep_data()
{
    QTest::addColumn<PlotAxis>("axis");
    QTest::addColumn<double>("x");
    QTest::newRow("step") << PlotAxis::Step << 25.0;
    QTest::newRow("tokens") << PlotAxis::Tokens << 25.0 * 1024;
    QTest::newRow("time") << PlotAxis::Time << 25.0 * 250;
}

void TestPlotsPanel::validationIsPlacedByItsStep()
{
    QFETCH(PlotAxis, axis);
    QFETCH(double, x);
    // Logged every ten steps, evaluated in between.
    RunMetrics data;
    data.append(std::vector<samba::StepMetrics>{stepAt(10), stepAt(20), stepAt(30)});
    data.append(validationAt(25, 3.0));
    const CurveSamples samples = data.samples(&samba::ValidationMetrics::main, axis, 0);
    QCOMPARE(samples.x.size(), std::size_t{1});
    QCOMPARE(samples.x[0], x);
    QCOMPARE(samples.y[0], 3.0);
}

void TestPlotsPanel::goingBackReplacesWhatFollowed()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 30));
    panel.appendValidation(validationAt(10, 3));
    panel.appendValidation(validationAt(30, 2));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{30});
    panel.appendMetrics(steps(21, 24));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{24});
    QCOMPARE(count(panel.plot("overview/loss"), 2), std::size_t{1});
}

void TestPlotsPanel::hiddenPanelOnlyAppends()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 5));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{5});
    panel.hide();
    panel.appendMetrics(steps(6, 50));
    QCoreApplication::processEvents();
    QCOMPARE(count(panel.plot("overview/loss")), std::size_t{5});
    panel.show();
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{50});
}

void TestPlotsPanel::otherPagesAreFedWhenTurnedTo()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 5));
    panel.pages()->setCurrentIndex(1);
    QTRY_COMPARE(count(panel.plot("losses/main")), std::size_t{5});
    panel.appendMetrics(steps(6, 9));
    QTRY_COMPARE(count(panel.plot("losses/main")), std::size_t{9});
    QVERIFY(count(panel.plot("overview/loss")) < 9);
    panel.pages()->setCurrentIndex(0);
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{9});
}

void TestPlotsPanel::oneReplotHoweverOftenDataArrives()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 5));
    CurvePlot* plot = panel.plot("overview/loss");
    QTRY_COMPARE(count(plot), std::size_t{5});
    settle(plot);
    QSignalSpy spy(plot, &CurvePlot::replotted);
    for (int step = 6; step < 40; ++step)
        panel.appendMetrics(steps(step, step));
    QTRY_VERIFY(spy.count() > 0);
    QCoreApplication::processEvents();
    QCOMPARE(spy.count(), 1);
    QCOMPARE(count(plot), std::size_t{39});
}

void TestPlotsPanel::showRunReplacesWhatWasShown()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("live"));
    panel.appendMetrics(steps(1, 50));
    samba::RunHistory run;
    run.summary.name = "stored";
    run.metrics = steps(1, 12);
    run.validation = {validationAt(6, 2), validationAt(12, 1)};
    panel.showRun(run);
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{12});
    QCOMPARE(count(panel.plot("overview/loss"), 2), std::size_t{2});
    QVERIFY(
        panel.find<QLabel>(QStringLiteral("plotsRun"))->text().contains(QStringLiteral("stored")));
}

void TestPlotsPanel::absentReadoutIsNotDrawn()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("plain"));
    std::vector<samba::StepMetrics> metrics = steps(1, 5);
    for (samba::StepMetrics& step : metrics)
        step.readout = std::numeric_limits<double>::quiet_NaN();
    panel.appendMetrics(metrics);
    CurvePlot* plot = panel.plot("overview/loss");
    QTRY_COMPARE(count(plot), std::size_t{5});
    QVERIFY(plot->isPresent(0));
    QVERIFY(!plot->isPresent(1));
    auto* name = panel.card("overview/loss")->findChild<QWidget*>(QStringLiteral("legend.readout"));
    QVERIFY(name && !name->isVisible());
}

void TestPlotsPanel::importedRunHasAPageOfItsOwn()
{
    ShownPanel panel;
    panel.pages()->setCurrentIndex(2);
    panel.showRun(samba::testing::sampleImportedRun("/data/runs/other"));
    QVERIFY(panel.pages()->isTabVisible(5));
    for (int page = 0; page < 5; ++page)
        QVERIFY(!panel.pages()->isTabVisible(page));
    QTRY_COMPARE(count(panel.plot("imported/train/loss")), std::size_t{300});
    QCOMPARE(count(panel.plot("imported/eval/loss")), std::size_t{10});
    QCOMPARE(panel.plot("imported/eval/loss")->samples(0).x(9), 3000.0);
    QVERIFY(panel.find<QLabel>(QStringLiteral("plotsRun"))
                ->text()
                .contains(QStringLiteral("other  ·  imported")));
    QCOMPARE(panel.saveState().value(QStringLiteral("page")).toString(), QStringLiteral("quality"));

    // Another one has other curves.
    samba::RunHistory second = samba::testing::sampleImportedRun("/data/runs/second");
    second.scalars.resize(1);
    panel.showRun(second);
    QTRY_COMPARE(count(panel.plot("imported/eval/accuracy")), std::size_t{10});
    QVERIFY(!panel.plot("imported/train/loss"));

    // A run of this program has its pages back, the one in sight before first.
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 5));
    QVERIFY(!panel.pages()->isTabVisible(5));
    QCOMPARE(panel.pages()->currentIndex(), 2);
    QTRY_COMPARE(count(panel.plot("quality/perplexity")), std::size_t{5});
}

void TestPlotsPanel::importedRunHasNoTokens()
{
    ShownPanel panel;
    auto* axis = panel.find<QComboBox>(QStringLiteral("plotsAxis"));
    axis->setCurrentIndex(axis->findData(QStringLiteral("tokens")));
    panel.showRun(samba::testing::sampleImportedRun("/data/runs/other"));
    QCOMPARE(axis->currentData().toString(), QStringLiteral("step"));
    axis->setCurrentIndex(axis->findData(QStringLiteral("time")));
    // 1.5 s a step; time counts from the first of all points, which is of step 10.
    QTRY_COMPARE(count(panel.plot("imported/eval/loss")), std::size_t{10});
    QTRY_COMPARE(panel.plot("imported/eval/loss")->samples(0).x(0), (300.0 - 10) * 1500);
    panel.clear();
    axis->setCurrentIndex(axis->findData(QStringLiteral("tokens")));
    QCOMPARE(axis->currentData().toString(), QStringLiteral("tokens"));
}

void TestPlotsPanel::manyImportedCurvesAreCut()
{
    ShownPanel panel;
    samba::RunHistory run = samba::testing::sampleImportedRun("/data/runs/other");
    run.scalars.resize(1);
    for (int i = 1; i < 431; ++i)
        run.scalars.push_back({"tag" + std::to_string(i), {{1, 1.79e9, 1.0}}});
    panel.showRun(run);
    QTRY_VERIFY(panel.find<QLabel>(QStringLiteral("plotsRun"))
                    ->text()
                    .contains(QStringLiteral("the first 100 of 431 curves")));
    QVERIFY(panel.plot("imported/tag99"));
    QVERIFY(!panel.plot("imported/tag100"));
}

void TestPlotsPanel::everyPageShowsItsCards_data()
{
    QTest::addColumn<int>("page");
    QTest::addColumn<QStringList>("cards");
    const auto row = [](const char* name, int page, const char* keys) {
        QTest::newRow(name) << page << QString::fromLatin1(keys).split(QLatin1Char(' '));
    };
    row("overview", 0, "loss perplexity sparsity pruning lr speed");
    row("losses", 1, "total main readout pruning");
    row("quality", 2, "perplexity accuracy");
    row("training", 3, "lr gradNorm speed memory");
    row("sparsity", 4, "nearZero nearZeroRelative hoyer deadUnits l1 rms l0 attention");
}

void TestPlotsPanel::everyPageShowsItsCards()
{
    QFETCH(int, page);
    QFETCH(QStringList, cards);
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 5));
    panel.pages()->setCurrentIndex(page);
    for (const QString& key : cards) {
        const QString name = QLatin1String(QTest::currentDataTag()) + QLatin1Char('/') + key;
        auto* plot = panel.find<CurvePlot>(name + QStringLiteral(".plot"));
        QVERIFY2(plot, qPrintable(name));
        QVERIFY(plot->isVisible());
        QVERIFY(!plot->accessibleName().isEmpty());
        QTRY_VERIFY2(plot->hasSamples(), qPrintable(name));
    }
}

void TestPlotsPanel::smoothingReachesThePlots()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 5));
    auto* slider = panel.find<QSlider>(QStringLiteral("plotsSmoothing"));
    slider->setValue(0);
    QCOMPARE(panel.plot("overview/loss")->smoothing(), 0.0);
    slider->setValue(slider->maximum());
    QCOMPARE(panel.plot("overview/loss")->smoothing(), 0.999);
    slider->setValue(500);
    QCOMPARE(panel.plot("overview/loss")->smoothing(), 0.75);
    QCOMPARE(panel.find<QLabel>(QStringLiteral("plotsSmoothingValue"))->text(),
             QStringLiteral("0.750"));
    panel.pages()->setCurrentIndex(1);
    QCOMPARE(panel.plot("losses/main")->smoothing(), 0.75);
}

void TestPlotsPanel::axisChoiceChangesX()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 8));
    CurvePlot* plot = panel.plot("overview/loss");
    QTRY_COMPARE(count(plot), std::size_t{8});
    auto* axis = panel.find<QComboBox>(QStringLiteral("plotsAxis"));
    axis->setCurrentIndex(axis->findData(QStringLiteral("tokens")));
    QTRY_COMPARE(plot->samples(0).x(7), 8.0 * 1024);
    axis->setCurrentIndex(axis->findData(QStringLiteral("time")));
    QTRY_COMPARE(plot->samples(0).x(7), 8.0 * 250);
    QCOMPARE(plot->formatX(3725000), QStringLiteral("1:02:05"));
}

void TestPlotsPanel::logSwitchLeavesSharesAlone()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 8));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{8});
    QVERIFY(!panel.plot("overview/loss")->isLogY());
    QVERIFY(panel.plot("overview/perplexity")->isLogY());
    panel.find<QCheckBox>(QStringLiteral("plotsLog"))->click();
    QVERIFY(panel.plot("overview/loss")->isLogY());
    QVERIFY(!panel.plot("overview/sparsity")->isLogY());
    QVERIFY(!panel.plot("overview/speed")->isLogY());
}

void TestPlotsPanel::outlierSwitchReachesThePlots()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.find<QCheckBox>(QStringLiteral("plotsOutliers"))->click();
    QVERIFY(panel.plot("overview/loss")->ignoresOutliers());
}

void TestPlotsPanel::zoomIsLinkedOnlyIfWanted()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 100));
    CurvePlot* plot = panel.plot("overview/loss");
    CurvePlot* other = panel.plot("overview/lr");
    QTRY_VERIFY(other->xRange().upper >= 100);
    QTest::keyClick(plot, Qt::Key_Plus);
    QCOMPARE(other->xRange().lower, plot->xRange().lower);
    QCOMPARE(other->xRange().upper, plot->xRange().upper);
    QVERIFY(!other->isFollowing());

    panel.find<QCheckBox>(QStringLiteral("plotsLink"))->click();
    QTest::keyClick(plot, Qt::Key_Plus);
    QVERIFY(other->xRange().upper > plot->xRange().upper);
}

void TestPlotsPanel::resetShowsEverything()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 100));
    CurvePlot* plot = panel.plot("overview/loss");
    QTRY_VERIFY(plot->xRange().upper >= 100);
    QTest::keyClick(plot, Qt::Key_Plus);
    QVERIFY(!plot->isFollowing());
    panel.find<QAbstractButton>(QStringLiteral("plotsReset"))->click();
    QVERIFY(plot->isFollowing());
    QVERIFY(panel.plot("overview/lr")->isFollowing());
}

void TestPlotsPanel::measureCanBeChosen()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 3));
    CurvePlot* plot = panel.plot("overview/sparsity");
    QTRY_COMPARE(plot->seriesCount(), kChunks);
    QCOMPARE(plot->samples(2).y(0), 0.2);
    auto* measure = panel.find<QComboBox>(QStringLiteral("plotsMeasure"));
    measure->setCurrentIndex(measure->findData(QStringLiteral("hoyer")));
    QTRY_COMPARE(plot->samples(2).y(0), 0.4);
}

void TestPlotsPanel::maximisedCardFillsTheView()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 3));
    CurvePlotCard* card = panel.card("overview/lr");
    const QSize before = card->size();
    panel.find<QAbstractButton>(QStringLiteral("overview/lr.maximize"))->click();
    QVERIFY(card->isMaximized());
    QVERIFY(card->width() > before.width() && card->height() > before.height());
    QVERIFY(!panel.card("overview/loss")->isVisible());
    QTest::keyClick(card->plot(), Qt::Key_Escape);
    QVERIFY(!card->isMaximized());
    QVERIFY(panel.card("overview/loss")->isVisible());
    QCOMPARE(card->size(), before);
}

void TestPlotsPanel::cursorIsSharedByThePage()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 100));
    CurvePlot* plot = panel.plot("overview/loss");
    QTRY_VERIFY(plot->xRange().upper >= 100);
    QTest::keyClick(plot, Qt::Key_Right);
    QVERIFY(plot->cursorX());
    QCOMPARE(*panel.plot("overview/lr")->cursorX(), *plot->cursorX());
}

void TestPlotsPanel::menuCopiesAndSaves()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 100));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{100});
    panel.find<QAction>(QStringLiteral("overview/loss.copyPicture"))->trigger();
    QVERIFY(!QGuiApplication::clipboard()->image().isNull());

    QTemporaryDir folder;
    panel.find<QAction>(QStringLiteral("overview/loss.exportCsv"))->trigger();
    auto* dialog = panel.find<QFileDialog>(QStringLiteral("overview/loss.fileDialog"));
    QVERIFY(dialog);
    const QString path = folder.filePath(QStringLiteral("loss.csv"));
    Q_EMIT dialog->fileSelected(path);
    QVERIFY(QFile::exists(path));
    dialog->close();
}

void TestPlotsPanel::failedExportIsReported()
{
    ShownPanel panel;
    QSignalSpy spy(&panel, &PlotsPanel::messageRaised);
    panel.find<QAction>(QStringLiteral("overview/loss.savePng"))->trigger();
    auto* dialog = panel.find<QFileDialog>(QStringLiteral("overview/loss.fileDialog"));
    QVERIFY(dialog);
    Q_EMIT dialog->fileSelected(QStringLiteral("/nonexistent/loss.png"));
    QCOMPARE(spy.count(), 1);
    QVERIFY(spy.at(0).at(0).toString().contains(QStringLiteral("/nonexistent/loss.png")));
    QVERIFY(!spy.at(0).at(1).toString().isEmpty());
    dialog->close();
}

void TestPlotsPanel::stateRoundTrips()
{
    ShownPanel panel;
    panel.beginRun(QStringLiteral("fox"));
    panel.appendMetrics(steps(1, 3));
    QTRY_COMPARE(count(panel.plot("overview/loss")), std::size_t{3});
    panel.plot("overview/loss")->setSeriesShown(1, false);
    panel.find<QSlider>(QStringLiteral("plotsSmoothing"))->setValue(250);
    panel.find<QComboBox>(QStringLiteral("plotsAxis"))->setCurrentIndex(2);
    panel.find<QCheckBox>(QStringLiteral("plotsLog"))->setChecked(true);
    panel.find<QCheckBox>(QStringLiteral("plotsOutliers"))->setChecked(true);
    panel.find<QCheckBox>(QStringLiteral("plotsLink"))->setChecked(false);
    panel.find<QComboBox>(QStringLiteral("plotsMeasure"))->setCurrentIndex(3);
    panel.pages()->setCurrentIndex(2);

    ShownPanel other;
    other.restoreState(panel.saveState());
    QCOMPARE(other.saveState(), panel.saveState());
    QCOMPARE(other.pages()->currentIndex(), 2);
    other.pages()->setCurrentIndex(0);
    other.beginRun(QStringLiteral("fox"));
    other.appendMetrics(steps(1, 3));
    QTRY_COMPARE(count(other.plot("overview/loss")), std::size_t{3});
    QVERIFY(!other.plot("overview/loss")->isSeriesShown(1));
    QVERIFY(other.plot("overview/loss")->isLogY());
}

void TestPlotsPanel::unknownStateIsIgnored()
{
    ShownPanel panel;
    const QVariantMap before = panel.saveState();
    panel.restoreState({{QStringLiteral("page"), QStringLiteral("nowhere")},
                        {QStringLiteral("axis"), 17},
                        {QStringLiteral("measure"), QStringLiteral("none")},
                        {QStringLiteral("strange"), true}});
    QCOMPARE(panel.saveState(), before);
}

void TestPlotsPanel::longRunOpensQuickly()
{
    samba::RunHistory run;
    run.metrics = steps(1, 100000);
    ShownPanel panel;
    QElapsedTimer timer;
    timer.start();
    panel.showRun(run);
    const qint64 copyMs = timer.elapsed();
    CurvePlot* plot = panel.plot("overview/loss");
    QSignalSpy spy(plot, &CurvePlot::replotted);
    QTRY_COMPARE(count(plot), std::size_t{100000});
    QTRY_VERIFY(spy.count() > 0);
    qInfo("a run of 100,000 steps: taken over in %lld ms, on screen after %lld ms",
          static_cast<long long>(copyMs), static_cast<long long>(timer.elapsed()));

    timer.start();
    panel.appendMetrics(steps(100001, 100010));
    spy.clear();
    QTRY_VERIFY(spy.count() > 0);
    QCoreApplication::processEvents();
    qInfo("ten more steps: all six plots drawn again in %lld ms",
          static_cast<long long>(timer.elapsed()));
}

QTEST_MAIN(TestPlotsPanel)
#include "tst_plots_panel.moc"
