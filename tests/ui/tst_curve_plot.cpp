#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/curve_plot_format.h"
#include "ui/widgets/curve_plot_legend.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <cmath>
#include <limits>
#include <random>

using namespace samba::ui;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

CurveStyle named(const char* key)
{
    CurveStyle style;
    style.key = QLatin1String(key);
    style.name = style.key.toUpper();
    return style;
}

/// A shown plot with one series y = x on 1 ... count.
class RampPlot : public CurvePlot {
public:
    explicit RampPlot(int count)
    {
        resize(400, 240);
        addSeries(named("ramp"));
        appendRamp(1, count);
        show();
    }

    void appendRamp(int from, int to)
    {
        std::vector<double> x;
        for (int i = from; i <= to; ++i)
            x.push_back(i);
        append(0, x, x);
    }
};

void waitForReplot(CurvePlot& plot)
{
    QSignalSpy spy(&plot, &CurvePlot::replotted);
    QVERIFY(spy.wait(5000));
}

/// A wheel notch at a place of the plot, delivered where Qt would deliver it.
void wheel(CurvePlot& plot, const QPoint& position, int delta)
{
    QWidget* target = plot.childAt(position);
    QVERIFY(target);
    const QPointF local = target->mapFrom(&plot, position);
    QWheelEvent event(local, target->mapToGlobal(local), QPoint(), QPoint(0, delta), Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(target, &event);
}

} // namespace

class TestCurvePlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ThemeController::instance().apply(ThemeChoice::Light); }

    void manyAppendsAreOneReplot();
    void hiddenPlotDrawsNothing();
    void followsTheNewestPointUntilZoomed();
    void wheelOverAnAxisZoomsThatAxis_data();
    void wheelOverAnAxisZoomsThatAxis();
    void doubleClickShowsEverything();
    void shiftDragZoomsToABox();
    void keysZoomMoveAndReset();
    void readingsAreOfTheNearestSample();
    void readingsAreSortedAndMissingSeriesLeftOut();
    void smoothingAppliesToOldAndNewSamples();
    void nanIsMarkedAtTheAxis();
    void absentSeriesAreNotNamed();
    void logAxisFitsPositiveValues();
    void outliersDoNotWidenTheAxis();
    void legendTogglesSeries();
    void themeChangeIsTakenUp();
    void csvHoldsWhatIsShown();
    void picturesAreWritten_data();
    void picturesAreWritten();
    void unwritableFilesAreReported();
    void numbersAreWrittenForReading_data();
    void numbersAreWrittenForReading();
    void countsKeepTheResolutionOfTicks_data();
    void countsKeepTheResolutionOfTicks();
    void hundredThousandPoints();
};

void TestCurvePlot::manyAppendsAreOneReplot()
{
    RampPlot plot(10);
    waitForReplot(plot);
    QCoreApplication::processEvents();
    QSignalSpy spy(&plot, &CurvePlot::replotted);
    for (int i = 11; i < 60; ++i)
        plot.appendRamp(i, i);
    QCOMPARE(spy.count(), 0);
    QTRY_VERIFY(spy.count() > 0);
    QCoreApplication::processEvents();
    QCOMPARE(spy.count(), 1);
}

void TestCurvePlot::hiddenPlotDrawsNothing()
{
    RampPlot plot(10);
    waitForReplot(plot);
    plot.hide();
    QCoreApplication::processEvents();
    QSignalSpy spy(&plot, &CurvePlot::replotted);
    plot.appendRamp(11, 100);
    QCoreApplication::processEvents();
    QCOMPARE(spy.count(), 0);
    plot.show();
    QTRY_VERIFY(spy.count() > 0);
    QVERIFY(plot.xRange().upper >= 100);
}

void TestCurvePlot::followsTheNewestPointUntilZoomed()
{
    RampPlot plot(10);
    waitForReplot(plot);
    QVERIFY(plot.isFollowing());
    QVERIFY(plot.xRange().upper >= 10 && plot.xRange().upper < 11);
    plot.appendRamp(11, 50);
    waitForReplot(plot);
    QVERIFY(plot.xRange().upper >= 50);
    QVERIFY(plot.yRange().upper >= 50);

    plot.setXRange({5, 20});
    waitForReplot(plot);
    QVERIFY(!plot.isFollowing());
    plot.appendRamp(51, 90);
    waitForReplot(plot);
    QCOMPARE(plot.xRange().upper, 20.0);
    plot.resetView();
    waitForReplot(plot);
    QVERIFY(plot.isFollowing());
    QVERIFY(plot.xRange().upper >= 90);
}

void TestCurvePlot::wheelOverAnAxisZoomsThatAxis_data()
{
    QTest::addColumn<bool>("isOverX");
    QTest::addColumn<bool>("isOverY");
    QTest::newRow("over the curves") << true << true;
    QTest::newRow("over the x axis") << true << false;
    QTest::newRow("over the y axis") << false << true;
}

void TestCurvePlot::wheelOverAnAxisZoomsThatAxis()
{
    QFETCH(bool, isOverX);
    QFETCH(bool, isOverY);
    CurvePlot plot;
    plot.resize(400, 240);
    plot.addSeries(named("zigzag"));
    // The same heights everywhere: the y axis, which fits what is in view, has no reason to move.
    for (int i = 0; i < 200; ++i)
        plot.append(0, std::vector<double>{static_cast<double>(i)},
                    std::vector<double>{i % 2 * 1.0});
    plot.show();
    waitForReplot(plot);
    const AxisRange x = plot.xRange();
    const AxisRange y = plot.yRange();
    const QRect area = plot.plotArea();
    QPoint place = area.center();
    if (!isOverY)
        place.setY(area.bottom() + 12);
    if (!isOverX)
        place.setX(area.left() - 12);
    QSignalSpy spy(&plot, &CurvePlot::xRangeChanged);
    wheel(plot, place, 120);
    const AxisRange newX = plot.xRange();
    const AxisRange newY = plot.yRange();
    QCOMPARE(newX.upper - newX.lower < (x.upper - x.lower) * 0.9, isOverX);
    QCOMPARE(newY.upper - newY.lower < (y.upper - y.lower) * 0.9, isOverY);
    QCOMPARE(spy.count() > 0, isOverX);
    QVERIFY(!plot.isFollowing());
}

void TestCurvePlot::doubleClickShowsEverything()
{
    RampPlot plot(100);
    waitForReplot(plot);
    plot.setXRange({10, 20});
    plot.setYRange({0, 5});
    waitForReplot(plot);
    QSignalSpy spy(&plot, &CurvePlot::viewReset);
    QTest::mouseDClick(plot.childAt(plot.plotArea().center()), Qt::LeftButton, Qt::NoModifier,
                       plot.plotArea().center());
    QCOMPARE(spy.count(), 1);
    QTRY_VERIFY(plot.xRange().upper >= 100);
    QVERIFY(plot.yRange().upper >= 100);
}

void TestCurvePlot::shiftDragZoomsToABox()
{
    RampPlot plot(100);
    waitForReplot(plot);
    const QPoint from = plot.toPixel(20, 80).toPoint();
    const QPoint to = plot.toPixel(60, 30).toPoint();
    QWidget* target = plot.childAt(from);
    QTest::mousePress(target, Qt::LeftButton, Qt::ShiftModifier, from);
    QMouseEvent move(QEvent::MouseMove, to, target->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                     Qt::ShiftModifier);
    QApplication::sendEvent(target, &move);
    QTest::mouseRelease(target, Qt::LeftButton, Qt::ShiftModifier, to);
    QVERIFY(std::abs(plot.xRange().lower - 20) < 1);
    QVERIFY(std::abs(plot.xRange().upper - 60) < 1);
    QVERIFY(std::abs(plot.yRange().lower - 30) < 1);
    QVERIFY(std::abs(plot.yRange().upper - 80) < 1);
}

void TestCurvePlot::keysZoomMoveAndReset()
{
    RampPlot plot(100);
    waitForReplot(plot);
    const double width = plot.xRange().upper - plot.xRange().lower;
    QTest::keyClick(&plot, Qt::Key_Plus);
    QVERIFY(plot.xRange().upper - plot.xRange().lower < width * 0.9);
    const double left = plot.xRange().lower;
    QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(plot.xRange().lower > left);
    QVERIFY(!plot.cursorX());
    QTest::keyClick(&plot, Qt::Key_Right);
    QVERIFY(plot.cursorX());
    const double at = *plot.cursorX();
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(*plot.cursorX(), at + 1);
    QTest::keyClick(&plot, Qt::Key_Home);
    QVERIFY(plot.isFollowing());
}

void TestCurvePlot::readingsAreOfTheNearestSample()
{
    RampPlot plot(100);
    waitForReplot(plot);
    QSignalSpy spy(&plot, &CurvePlot::cursorMoved);
    const QPoint place = plot.toPixel(42.3, 50).toPoint();
    QTest::mouseMove(plot.childAt(place), place);
    QTRY_COMPARE(spy.count(), 1);
    QCOMPARE(*plot.cursorX(), 42.0);
    const QVector<CurveReading> readings = plot.readingsAt(*plot.cursorX());
    QCOMPARE(readings.size(), 1);
    QCOMPARE(readings[0].value, 42.0);
}

void TestCurvePlot::readingsAreSortedAndMissingSeriesLeftOut()
{
    CurvePlot plot;
    plot.resize(400, 240);
    const std::vector<double> x = {0, 50, 100};
    const std::vector<std::vector<double>> values = {{1, 1, 1}, {3, 3, 3}, {kNan, kNan, 2}};
    for (const char* key : {"low", "high", "broken"})
        plot.addSeries(named(key));
    for (int i = 0; i < 3; ++i)
        plot.append(i, x, values[static_cast<std::size_t>(i)]);
    const int sparse = plot.addSeries(named("sparse"));
    plot.append(sparse, std::vector<double>{100}, std::vector<double>{9});
    plot.show();
    waitForReplot(plot);

    const QVector<CurveReading> readings = plot.readingsAt(52);
    QCOMPARE(readings.size(), 3);
    QCOMPARE(readings[0].series, 1);
    QCOMPARE(readings[1].series, 0);
    QCOMPARE(readings[2].series, 2);
    QVERIFY(std::isnan(readings[2].value));
    QCOMPARE(plot.readingsAt(99).first().series, sparse);
}

void TestCurvePlot::smoothingAppliesToOldAndNewSamples()
{
    CurvePlot plot;
    plot.addSeries(named("a"));
    CurveStyle asMeasured = named("b");
    asMeasured.isSmoothed = false;
    plot.addSeries(asMeasured);
    const std::vector<double> x = {1, 2};
    const std::vector<double> y = {1, 2};
    plot.append(0, x, y);
    plot.append(1, x, y);
    plot.setSmoothing(0.5);
    plot.append(0, std::vector<double>{3}, std::vector<double>{4});
    QCOMPARE(plot.smoothedSamples(0).size(), std::size_t{3});
    QVERIFY(std::abs(plot.smoothedSamples(0).y(1) - 1.25 / 0.75) < 1e-12);
    QVERIFY(std::abs(plot.smoothedSamples(0).y(2) - 3.0) < 1e-12);
    QCOMPARE(plot.samples(0).y(2), 4.0);
    QCOMPARE(plot.smoothedSamples(1).y(1), 2.0);
    plot.setSmoothing(0);
    QCOMPARE(plot.smoothedSamples(0).y(1), 2.0);
}

void TestCurvePlot::nanIsMarkedAtTheAxis()
{
    CurvePlot plot;
    plot.resize(400, 240);
    plot.addSeries(named("a"));
    plot.show();
    const std::vector<double> x = {0, 1, 2, 3, 4};
    plot.append(0, x, std::vector<double>{1, 1, kNan, 1, 1});
    waitForReplot(plot);
    const QRect area = plot.plotArea();
    const QPoint mark(qRound(plot.toPixel(2, 1).x()), area.bottom() - 6);
    const QImage picture = plot.grab().toImage();
    QCOMPARE(picture.pixelColor(mark), Theme::current().danger);
    QVERIFY(picture.pixelColor(QPoint(qRound(plot.toPixel(3, 1).x()), mark.y())) !=
            Theme::current().danger);
}

void TestCurvePlot::absentSeriesAreNotNamed()
{
    CurvePlot plot;
    plot.addSeries(named("a"));
    plot.addSeries(named("absent"));
    CurveStyle required = named("required");
    required.isRequired = true;
    plot.addSeries(required);
    QVERIFY(!plot.hasSamples());
    plot.append(0, std::vector<double>{1}, std::vector<double>{1});
    plot.append(1, std::vector<double>{1}, std::vector<double>{kNan});
    plot.append(2, std::vector<double>{1}, std::vector<double>{kNan});
    QVERIFY(plot.isPresent(0));
    QVERIFY(!plot.isPresent(1));
    QVERIFY(plot.isPresent(2));
}

void TestCurvePlot::logAxisFitsPositiveValues()
{
    CurvePlot plot;
    plot.resize(400, 240);
    plot.addSeries(named("a"));
    plot.append(0, std::vector<double>{1, 2, 3, 4}, std::vector<double>{0, 0.01, -3, 100});
    plot.setLogY(true);
    plot.show();
    waitForReplot(plot);
    QVERIFY(plot.yRange().lower > 0.005 && plot.yRange().lower <= 0.01);
    QVERIFY(plot.yRange().upper >= 100 && plot.yRange().upper < 300);
    plot.setLogY(false);
    waitForReplot(plot);
    QVERIFY(plot.yRange().lower < -3);
}

void TestCurvePlot::outliersDoNotWidenTheAxis()
{
    CurvePlot plot;
    plot.resize(400, 240);
    plot.addSeries(named("a"));
    std::vector<double> x;
    std::vector<double> y;
    for (int i = 0; i < 200; ++i) {
        x.push_back(i);
        y.push_back(i == 100 ? 1000 : i % 10);
    }
    plot.append(0, x, y);
    plot.show();
    waitForReplot(plot);
    QVERIFY(plot.yRange().upper > 1000);
    plot.setIgnoreOutliers(true);
    waitForReplot(plot);
    QVERIFY(plot.yRange().upper < 20);
    QVERIFY(plot.yRange().upper >= 9);
}

void TestCurvePlot::legendTogglesSeries()
{
    CurvePlot plot;
    CurveLegend legend(&plot);
    for (const char* key : {"a", "b", "c"}) {
        const int series = plot.addSeries(named(key));
        plot.append(series, std::vector<double>{1, 2}, std::vector<double>{1, 2});
    }
    legend.rebuild();
    auto* button = legend.findChild<QAbstractButton*>(QStringLiteral("legend.b"));
    QVERIFY(button);
    button->click();
    QVERIFY(!plot.isSeriesShown(1));
    QVERIFY(!button->isChecked());
    button->click();
    QVERIFY(plot.isSeriesShown(1));

    legend.show();
    QTest::mouseClick(button, Qt::LeftButton, Qt::ControlModifier);
    QCOMPARE(plot.isSeriesShown(0), plot.isSeriesShown(2));
}

void TestCurvePlot::themeChangeIsTakenUp()
{
    RampPlot plot(10);
    waitForReplot(plot);
    ThemeController::instance().apply(ThemeChoice::Dark);
    waitForReplot(plot);
    const QPoint corner(plot.width() - 3, plot.height() - 3);
    QCOMPARE(plot.grab().toImage().pixelColor(corner), Theme::current().surface);
    ThemeController::instance().apply(ThemeChoice::Light);
    waitForReplot(plot);
    QCOMPARE(plot.grab().toImage().pixelColor(corner), Theme::current().surface);
}

void TestCurvePlot::csvHoldsWhatIsShown()
{
    QTemporaryDir folder;
    CurvePlot plot;
    plot.resize(400, 240);
    plot.setXAxis(QStringLiteral("Step"), CurvePlot::XFormat::Count);
    CurveStyle quoted = named("a");
    quoted.name = QStringLiteral("Loss, \"main\"");
    plot.addSeries(quoted);
    plot.addSeries(named("b"));
    plot.addSeries(named("hidden"));
    plot.append(0, std::vector<double>{1, 2, 3}, std::vector<double>{0.5, kNan, 0.25});
    plot.append(1, std::vector<double>{2}, std::vector<double>{7});
    plot.append(2, std::vector<double>{2}, std::vector<double>{9});
    plot.setSeriesShown(2, false);
    plot.setXRange({0, 10});
    const QString path = folder.filePath(QStringLiteral("plot.csv"));
    QVERIFY(plot.exportCsv(path));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readAll()),
             QStringLiteral("Step,\"Loss, \"\"main\"\"\",B\n1,0.5,\n2,NaN,7\n3,0.25,\n"));
    file.close();

    plot.setXRange({1.5, 2.5});
    plot.setSmoothing(0.5);
    QVERIFY(plot.exportCsv(path));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].contains(QStringLiteral("B (smoothed)")));
    QCOMPARE(lines[1], QStringLiteral("2,NaN,NaN,7,7"));
}

void TestCurvePlot::picturesAreWritten_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("png") << QStringLiteral("p.png") << QByteArray("\x89PNG");
    QTest::newRow("svg") << QStringLiteral("p.svg") << QByteArray("<?xml");
    QTest::newRow("pdf") << QStringLiteral("p.pdf") << QByteArray("%PDF");
}

void TestCurvePlot::picturesAreWritten()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, start);
    QTemporaryDir folder;
    RampPlot plot(50);
    plot.setTitle(QStringLiteral("Ramp"), QStringLiteral("units"));
    waitForReplot(plot);
    const QString path = folder.filePath(name);
    QVERIFY(plot.saveImage(path));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray content = file.readAll();
    QVERIFY(content.startsWith(start));
    QVERIFY(content.size() > 1000);
    if (name.endsWith(QLatin1String(".svg"))) {
        // The curve is there as lines, the title as text.
        QVERIFY(content.contains("polyline"));
        QVERIFY(content.contains("Ramp"));
    }
    if (name.endsWith(QLatin1String(".png"))) {
        const QImage picture(path);
        int colored = 0;
        const QColor color = plot.color(0);
        for (int y = 0; y < picture.height(); ++y) {
            for (int x = 0; x < picture.width(); ++x)
                colored += picture.pixelColor(x, y) == color ? 1 : 0;
        }
        QVERIFY(colored > 500);
    }
}

void TestCurvePlot::unwritableFilesAreReported()
{
    RampPlot plot(5);
    for (const char* name :
         {"/nonexistent/p.png", "/nonexistent/p.svg", "/nonexistent/p.pdf", "/nonexistent/p.gif"})
        QVERIFY2(!plot.saveImage(QLatin1String(name)), name);
    QVERIFY(!plot.exportCsv(QStringLiteral("/nonexistent/p.csv")));
}

void TestCurvePlot::numbersAreWrittenForReading_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << 0.0 << QStringLiteral("0");
    QTest::newRow("loss") << 2.31749 << QStringLiteral("2.317");
    QTest::newRow("round") << 5.0 << QStringLiteral("5");
    QTest::newRow("small") << 0.00031234 << QStringLiteral("0.0003123");
    QTest::newRow("tiny") << 1.5e-6 << QStringLiteral("1.5e-06");
    QTest::newRow("large") << 12345.6 << QStringLiteral("12346");
    QTest::newRow("negative") << -0.25 << QStringLiteral("−0.25");
    QTest::newRow("nan") << kNan << QStringLiteral("NaN");
    QTest::newRow("infinite") << -std::numeric_limits<double>::infinity() << QStringLiteral("−∞");
}

void TestCurvePlot::numbersAreWrittenForReading()
{
    QFETCH(double, value);
    QFETCH(QString, text);
    QCOMPARE(valueText(value), text);
}

void TestCurvePlot::countsKeepTheResolutionOfTicks_data()
{
    QTest::addColumn<double>("count");
    QTest::addColumn<double>("resolution");
    QTest::addColumn<QString>("text");
    QTest::newRow("halves") << 7.5 << 2.5 << QStringLiteral("7.5");
    QTest::newRow("thousands and a half") << 12500.0 << 2500.0 << QStringLiteral("12.5k");
    QTest::newRow("close ticks") << 12345.0 << 5.0 << QStringLiteral("12.345k");
    QTest::newRow("millions") << 3000000.0 << 500000.0 << QStringLiteral("3M");
    QTest::newRow("fractions") << 0.05 << 0.05 << QStringLiteral("0.05");
    QTest::newRow("alone") << 32768000.0 << 0.0 << QStringLiteral("32.77M");
}

void TestCurvePlot::countsKeepTheResolutionOfTicks()
{
    QFETCH(double, count);
    QFETCH(double, resolution);
    QFETCH(QString, text);
    QCOMPARE(countText(count, resolution), text);
}

void TestCurvePlot::hundredThousandPoints()
{
    std::mt19937 random(11);
    std::normal_distribution<double> noise(0, 1);
    std::vector<double> x;
    std::vector<double> y;
    for (int i = 0; i < 100000; ++i) {
        x.push_back(i);
        y.push_back(noise(random));
    }
    CurvePlot plot;
    plot.resize(1200, 600);
    plot.setSmoothing(0.9);
    for (const char* key : {"a", "b", "c", "d"}) {
        const int series = plot.addSeries(named(key));
        plot.append(series, x, y);
    }
    plot.show();
    waitForReplot(plot);
    QSignalSpy spy(&plot, &CurvePlot::replotted);
    QElapsedTimer timer;
    timer.start();
    constexpr int kRounds = 10;
    for (int i = 0; i < kRounds; ++i) {
        plot.setXRange({i * 100.0, 100000.0 - i * 100});
        QTRY_COMPARE(spy.count(), i + 1);
    }
    qInfo("4 smoothed series of 100,000 points at 1200 x 600: %.1f ms a replot",
          static_cast<double>(timer.elapsed()) / kRounds);
}

QTEST_MAIN(TestCurvePlot)
#include "tst_curve_plot.moc"
