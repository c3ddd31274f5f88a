#include "ui/heatmap_panel_measures.h"
#include "ui/heatmap_panel_tokens.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap.h"
#include "ui/widgets/heatmap_color_bar.h"
#include "ui/widgets/heatmap_histogram.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <cmath>
#include <limits>
#include <random>

using namespace samba::ui;

Q_DECLARE_METATYPE(HeatmapMode)

namespace {

HeatmapMatrix matrixOf(std::vector<float> values, std::int64_t rows, std::int64_t columns)
{
    const auto owner = std::make_shared<std::vector<float>>(std::move(values));
    return {std::shared_ptr<const float>(owner, owner->data()), rows, columns};
}

/// Every cell another value: row * 1000 + column.
HeatmapMatrix numbered(std::int64_t rows, std::int64_t columns)
{
    std::vector<float> values;
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t column = 0; column < columns; ++column)
            values.push_back(static_cast<float>(row * 1000 + column));
    }
    return matrixOf(std::move(values), rows, columns);
}

HeatmapMatrix noise(std::int64_t rows, std::int64_t columns, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 1);
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    for (float& value : values)
        value = normal(random);
    return matrixOf(std::move(values), rows, columns);
}

std::vector<Rgb> drawn(const HeatmapRequest& request)
{
    std::vector<Rgb> pixels(static_cast<std::size_t>(request.width * request.height));
    drawHeatmap(request, pixels.data(), request.width);
    return pixels;
}

HeatmapRequest wholeOf(const HeatmapMatrix& matrix, int width, int height)
{
    HeatmapRequest request;
    request.matrix = &matrix;
    request.rows = {0, static_cast<double>(matrix.rows)};
    request.columns = {0, static_cast<double>(matrix.columns)};
    request.width = width;
    request.height = height;
    return request;
}

std::vector<float> mixedValues(std::size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 1);
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = normal(random) * std::pow(10.0F, static_cast<float>(i % 7) - 4);
        if (i % 11 == 3)
            values[i] = 0;
        if (i % 101 == 7)
            values[i] = std::numeric_limits<float>::quiet_NaN();
        if (i % 503 == 9)
            values[i] = -std::numeric_limits<float>::infinity();
    }
    return values;
}

} // namespace

class TestHeatmap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ThemeController::instance().apply(ThemeChoice::Light); }

    void largeCellsAreExact();
    void smallCellsArePooledByMagnitude();
    void nearZeroIsPooledByShare();
    void noNumberIsEverPooledAway();
    void columnOrderIsFollowed();
    void colorsFollowTheMode_data();
    void colorsFollowTheMode();
    void hoverGivesTheCell_data();
    void hoverGivesTheCell();
    void pictureAgreesWithHover_data();
    void pictureAgreesWithHover();
    void wheelKeepsTheCellUnderThePointer();
    void wheelOverLabelsZoomsOneAxis_data();
    void wheelOverLabelsZoomsOneAxis();
    void dragMovesTheView();
    void keysMoveTheCursorAndTheView();
    void viewStaysWhereTheShapeIsTheSame();
    void spansStayWithinTheMatrix();
    void emptyMatrixIsHarmless();
    void recountEqualsBruteForce_data();
    void recountEqualsBruteForce();
    void histogramAddsUp();
    void quantilesAndRms();
    void unitsAreSortedByActivity();
    void histogramIsDragged();
    void colorBarNamesItsEnds();
    void invisibleTokensAreMadeVisible_data();
    void invisibleTokensAreMadeVisible();
    void recountOfAWholeFrameIsFast();
};

void TestHeatmap::largeCellsAreExact()
{
    const HeatmapMatrix matrix = noise(3, 4, 1);
    HeatmapRequest request = wholeOf(matrix, 40, 30);
    request.coloring.limit = 3;
    const std::vector<Rgb> pixels = drawn(request);
    for (int y = 0; y < 30; ++y) {
        for (int x = 0; x < 40; ++x)
            QCOMPARE(pixels[static_cast<std::size_t>(y * 40 + x)],
                     heatmapColor(matrix.at(y / 10, x / 10), request.coloring));
    }
}

void TestHeatmap::smallCellsArePooledByMagnitude()
{
    const HeatmapMatrix matrix = noise(60, 90, 2);
    HeatmapRequest request = wholeOf(matrix, 30, 20);
    request.coloring.limit = 3;
    const std::vector<Rgb> pixels = drawn(request);
    for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 30; ++x) {
            float largest = 0;
            for (int row = 3 * y; row < 3 * y + 3; ++row) {
                for (int column = 3 * x; column < 3 * x + 3; ++column) {
                    if (std::abs(matrix.at(row, column)) > std::abs(largest))
                        largest = matrix.at(row, column);
                }
            }
            QCOMPARE(pixels[static_cast<std::size_t>(y * 30 + x)],
                     heatmapColor(largest, request.coloring));
        }
    }
}

void TestHeatmap::nearZeroIsPooledByShare()
{
    // Of four cells in the pixel one is near zero, then two, then all.
    const HeatmapMatrix matrix = matrixOf({0, 5, 0, 5, 0, 0, 5, 5, 0, 5, 0, 0}, 2, 6);
    HeatmapRequest request = wholeOf(matrix, 3, 1);
    request.coloring.mode = HeatmapMode::NearZero;
    request.coloring.threshold = 1;
    const ColorMap& map = ColorMap::sequential(MapGround::Light);
    const std::vector<Rgb> pixels = drawn(request);
    QCOMPARE(pixels[0], map.at((1 - 0.25) * kHeatmapMaskReach));
    QCOMPARE(pixels[1], map.at((1 - 0.5) * kHeatmapMaskReach));
    QCOMPARE(pixels[2], map.at(0));
}

void TestHeatmap::noNumberIsEverPooledAway()
{
    std::vector<float> values(100 * 100, 1.0F);
    values[5050] = std::numeric_limits<float>::quiet_NaN();
    const HeatmapMatrix matrix = matrixOf(std::move(values), 100, 100);
    for (const HeatmapMode mode : {HeatmapMode::Signed, HeatmapMode::Magnitude,
                                   HeatmapMode::LogMagnitude, HeatmapMode::NearZero}) {
        HeatmapRequest request = wholeOf(matrix, 10, 10);
        request.coloring.mode = mode;
        QCOMPARE(drawn(request)[55], ColorMap::invalid());
    }
}

void TestHeatmap::columnOrderIsFollowed()
{
    const HeatmapMatrix matrix = matrixOf({1, 2, 3}, 1, 3);
    const std::vector<std::int32_t> order = {2, 0, 1};
    HeatmapRequest request = wholeOf(matrix, 3, 1);
    request.columnOrder = order;
    request.coloring.limit = 4;
    const std::vector<Rgb> pixels = drawn(request);
    for (std::size_t place = 0; place < 3; ++place)
        QCOMPARE(pixels[place], heatmapColor(matrix.at(0, order[place]), request.coloring));
}

void TestHeatmap::colorsFollowTheMode_data()
{
    QTest::addColumn<HeatmapMode>("mode");
    QTest::addColumn<float>("value");
    QTest::addColumn<double>("position");
    QTest::newRow("signed zero") << HeatmapMode::Signed << 0.0F << 0.5;
    QTest::newRow("signed limit") << HeatmapMode::Signed << -2.0F << 0.0;
    QTest::newRow("signed half") << HeatmapMode::Signed << 1.0F << 0.75;
    QTest::newRow("magnitude") << HeatmapMode::Magnitude << -1.0F << 0.5;
    QTest::newRow("log zero") << HeatmapMode::LogMagnitude << 0.0F << 0.0;
    QTest::newRow("log limit") << HeatmapMode::LogMagnitude << 2.0F << 1.0;
    QTest::newRow("log two powers below") << HeatmapMode::LogMagnitude << -0.02F << 0.6;
    QTest::newRow("near zero") << HeatmapMode::NearZero << 0.05F << 0.0;
    QTest::newRow("on the threshold") << HeatmapMode::NearZero << 0.1F << kHeatmapMaskReach;
    QTest::newRow("far from zero") << HeatmapMode::NearZero << -1.0F << kHeatmapMaskReach;
}

void TestHeatmap::colorsFollowTheMode()
{
    QFETCH(HeatmapMode, mode);
    QFETCH(float, value);
    QFETCH(double, position);
    HeatmapColoring coloring;
    coloring.mode = mode;
    coloring.limit = 2;
    coloring.threshold = 0.1;
    QCOMPARE(heatmapColor(value, coloring), heatmapColorMap(coloring).at(position));
}

void TestHeatmap::hoverGivesTheCell_data()
{
    QTest::addColumn<bool>("isZoomed");
    QTest::addColumn<bool>("isSorted");
    QTest::newRow("whole") << false << false;
    QTest::newRow("zoomed") << true << false;
    QTest::newRow("whole, sorted") << false << true;
    QTest::newRow("zoomed, sorted") << true << true;
}

void TestHeatmap::hoverGivesTheCell()
{
    QFETCH(bool, isZoomed);
    QFETCH(bool, isSorted);
    HeatmapView view;
    view.resize(613, 377);
    view.setMatrix(numbered(37, 53));
    view.setRowLabels(QStringList(37, QStringLiteral("word")));
    if (isSorted) {
        std::vector<std::int32_t> reversed;
        for (int i = 52; i >= 0; --i)
            reversed.push_back(i);
        view.setColumnOrder(reversed);
    }
    if (isZoomed) {
        view.setRowSpan({10.3, 9.7});
        view.setColumnSpan({20.6, 11.5});
    }
    view.show();
    QSignalSpy spy(&view, &HeatmapView::cellHovered);
    int seen = 0;
    for (std::int64_t row = 0; row < 37; row += 3) {
        for (std::int64_t column = 0; column < 53; column += 5) {
            const QPointF middle = view.cellRect({row, column}).center();
            if (!QRectF(view.mapArea()).contains(middle))
                continue;
            QMouseEvent move(QEvent::MouseMove, middle, view.mapToGlobal(middle), Qt::NoButton,
                             Qt::NoButton, Qt::NoModifier);
            QApplication::sendEvent(&view, &move);
            ++seen;
            QCOMPARE(spy.count(), seen);
            QCOMPARE(spy.last().at(0).toLongLong(), row);
            QCOMPARE(spy.last().at(1).toLongLong(), column);
            QCOMPARE(view.matrix().at(row, column), static_cast<float>(row * 1000 + column));
        }
    }
    QVERIFY(seen >= 4);
    QVERIFY(!view.cellAt(QPointF(5, 5)));
}

void TestHeatmap::pictureAgreesWithHover_data()
{
    QTest::addColumn<double>("ratio");
    QTest::newRow("ratio 1") << 1.0;
    QTest::newRow("ratio 1.5") << 1.5;
    QTest::newRow("ratio 2") << 2.0;
}

void TestHeatmap::pictureAgreesWithHover()
{
    QFETCH(double, ratio);
    HeatmapView view;
    view.resize(500, 300);
    view.setMatrix(noise(20, 40, 5));
    view.setRowSpan({3.5, 10});
    view.setColumnSpan({12, 21.5});
    HeatmapColoring coloring;
    coloring.limit = 2;
    view.setColoring(coloring);

    QImage picture((QSizeF(view.size()) * ratio).toSize(), QImage::Format_RGB32);
    picture.setDevicePixelRatio(ratio);
    view.render(&picture);
    int compared = 0;
    for (double y = 4.25; y < 270; y += 13) {
        for (double x = 4.25; x < 490; x += 17) {
            const QPointF position(x, y);
            const std::optional<HeatmapCell> cell = view.cellAt(position);
            if (!cell)
                continue;
            // On a border between cells either may be drawn.
            const QRectF inner = view.cellRect(*cell).adjusted(1, 1, -1, -1);
            if (!inner.contains(position))
                continue;
            const QColor got = picture.pixelColor((position * ratio).toPoint());
            QCOMPARE(got.rgb(), heatmapColor(view.matrix().at(cell->row, cell->column), coloring));
            ++compared;
        }
    }
    QVERIFY(compared > 200);
}

void TestHeatmap::wheelKeepsTheCellUnderThePointer()
{
    HeatmapView view;
    view.resize(600, 400);
    view.setMatrix(numbered(100, 200));
    view.show();
    const QPointF place(417, 133);
    const HeatmapCell before = *view.cellAt(place);
    QSignalSpy spy(&view, &HeatmapView::rowSpanChanged);
    for (int notch = 0; notch < 6; ++notch) {
        QWheelEvent event(place, view.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&view, &event);
    }
    QCOMPARE(*view.cellAt(place), before);
    QCOMPARE(spy.count(), 6);
    QVERIFY(std::abs(view.rowSpan().count - 100 * std::pow(0.8, 6)) < 1e-9);
    QTest::mouseDClick(&view, Qt::LeftButton, Qt::NoModifier, place.toPoint());
    QCOMPARE(view.rowSpan().count, 100.0);
    QCOMPARE(view.columnSpan().count, 200.0);
}

void TestHeatmap::wheelOverLabelsZoomsOneAxis_data()
{
    QTest::addColumn<QPoint>("place");
    QTest::addColumn<Qt::KeyboardModifier>("modifier");
    QTest::addColumn<bool>("zoomsRows");
    QTest::addColumn<bool>("zoomsColumns");
    QTest::newRow("row labels") << QPoint(40, 150) << Qt::NoModifier << true << false;
    QTest::newRow("column labels") << QPoint(300, 392) << Qt::NoModifier << false << true;
    QTest::newRow("map with Shift") << QPoint(300, 150) << Qt::ShiftModifier << false << true;
    QTest::newRow("map with Ctrl") << QPoint(300, 150) << Qt::ControlModifier << true << false;
}

void TestHeatmap::wheelOverLabelsZoomsOneAxis()
{
    QFETCH(QPoint, place);
    QFETCH(Qt::KeyboardModifier, modifier);
    QFETCH(bool, zoomsRows);
    QFETCH(bool, zoomsColumns);
    HeatmapView view;
    view.resize(600, 400);
    view.setMatrix(numbered(100, 200));
    view.setRowLabels(QStringList(100, QStringLiteral("word")));
    view.show();
    QWheelEvent event(place, view.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt::NoButton,
                      modifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view, &event);
    QCOMPARE(view.rowSpan().count < 100, zoomsRows);
    QCOMPARE(view.columnSpan().count < 200, zoomsColumns);
}

void TestHeatmap::dragMovesTheView()
{
    HeatmapView view;
    view.resize(600, 420);
    view.setMatrix(numbered(100, 200));
    view.setRowSpan({40, 20});
    view.setColumnSpan({50, 50});
    view.show();
    const QRectF area = view.mapArea();
    const QPoint from = area.center().toPoint();
    const QPoint to = from + QPoint(qRound(area.width() / 5), qRound(area.height() / 4));
    QTest::mousePress(&view, Qt::LeftButton, Qt::NoModifier, from);
    QMouseEvent move(QEvent::MouseMove, to, view.mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                     Qt::NoModifier);
    QApplication::sendEvent(&view, &move);
    QTest::mouseRelease(&view, Qt::LeftButton, Qt::NoModifier, to);
    QVERIFY(std::abs(view.rowSpan().first - 35) < 0.1);
    QVERIFY(std::abs(view.columnSpan().first - 40) < 0.1);
}

void TestHeatmap::keysMoveTheCursorAndTheView()
{
    HeatmapView view;
    view.resize(600, 400);
    view.setMatrix(numbered(100, 200));
    view.setRowSpan({10, 5});
    view.setColumnSpan({30, 10});
    view.show();
    QSignalSpy spy(&view, &HeatmapView::cellHovered);
    QTest::keyClick(&view, Qt::Key_Down);
    QCOMPARE(*view.cursorCell(), (HeatmapCell{10, 30}));
    for (int i = 0; i < 5; ++i)
        QTest::keyClick(&view, Qt::Key_Down);
    QTest::keyClick(&view, Qt::Key_Left);
    QCOMPARE(*view.cursorCell(), (HeatmapCell{15, 29}));
    QCOMPARE(view.rowSpan().first, 11.0);
    QCOMPARE(view.columnSpan().first, 29.0);
    QCOMPARE(spy.count(), 7);
    QTest::keyClick(&view, Qt::Key_Minus);
    QCOMPARE(view.rowSpan().count, 6.25);
    QTest::keyClick(&view, Qt::Key_Home);
    QCOMPARE(view.rowSpan().count, 100.0);
}

void TestHeatmap::viewStaysWhereTheShapeIsTheSame()
{
    HeatmapView view;
    view.resize(300, 200);
    view.setMatrix(numbered(10, 20));
    view.setRowSpan({2, 5});
    view.setMatrix(noise(10, 20, 3));
    QCOMPARE(view.rowSpan().first, 2.0);
    view.setMatrix(numbered(30, 20));
    QCOMPARE(view.rowSpan().count, 30.0);
}

void TestHeatmap::spansStayWithinTheMatrix()
{
    HeatmapView view;
    view.setMatrix(numbered(10, 3));
    view.setRowSpan({-5, 50});
    QCOMPARE(view.rowSpan().first, 0.0);
    QCOMPARE(view.rowSpan().count, 10.0);
    view.setRowSpan({9, 5});
    QCOMPARE(view.rowSpan().first, 5.0);
    view.setRowSpan({3, 0.001});
    QCOMPARE(view.rowSpan().count, 4.0);
    view.setColumnSpan({1, 1});
    QCOMPARE(view.columnSpan().count, 3.0);
}

void TestHeatmap::emptyMatrixIsHarmless()
{
    HeatmapView view;
    view.resize(300, 200);
    view.show();
    QVERIFY(!view.grab().isNull());
    QTest::keyClick(&view, Qt::Key_Down);
    QTest::mouseMove(&view, QPoint(100, 100));
    QVERIFY(!view.cursorCell());
}

void TestHeatmap::recountEqualsBruteForce_data()
{
    QTest::addColumn<double>("threshold");
    for (const double threshold : {1e-6, 1e-4, 1e-3, 0.0317, 0.5, 1.0, 10.0})
        QTest::addRow("threshold %g", threshold) << threshold;
}

void TestHeatmap::recountEqualsBruteForce()
{
    QFETCH(double, threshold);
    const std::vector<float> values = mixedValues(4096, 7);
    const ChunkMagnitudes magnitudes(values, 64);
    std::size_t below = 0;
    for (const float value : values)
        below += std::abs(static_cast<double>(value)) < threshold ? 1 : 0;
    QCOMPARE(magnitudes.shareBelow(threshold),
             static_cast<double>(below) / static_cast<double>(values.size()));
}

void TestHeatmap::histogramAddsUp()
{
    std::vector<float> values = mixedValues(5000, 8);
    for (float& value : values) {
        if (!std::isfinite(value))
            value = 1;
    }
    const ChunkMagnitudes magnitudes(values, 50);
    const std::vector<double> shares = magnitudes.histogram(HeatmapHistogram::edges());
    QCOMPARE(shares.size(), HeatmapHistogram::edges().size() - 1);
    double sum = magnitudes.shareBelow(HeatmapHistogram::kLowest);
    for (std::size_t bin = 0; bin < shares.size(); ++bin) {
        std::size_t inside = 0;
        for (const float value : values) {
            const double size = std::abs(static_cast<double>(value));
            inside +=
                size >= HeatmapHistogram::edges()[bin] && size < HeatmapHistogram::edges()[bin + 1]
                    ? 1
                    : 0;
        }
        QVERIFY(std::abs(shares[bin] - static_cast<double>(inside) / 5000) < 1e-12);
        sum += shares[bin];
    }
    QVERIFY(std::abs(sum - 1) < 1e-9);
}

void TestHeatmap::quantilesAndRms()
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> values = {3, -4, 0, nan, 1, -2};
    const ChunkMagnitudes magnitudes(values, 6);
    QCOMPARE(magnitudes.largest(), 4.0);
    QCOMPARE(magnitudes.quantile(0), 0.0);
    QCOMPARE(magnitudes.quantile(0.5), 2.0);
    QCOMPARE(magnitudes.quantile(1), 4.0);
    QCOMPARE(magnitudes.rms(), std::sqrt((9.0 + 16 + 0 + 1 + 4) / 5));
    QCOMPARE(ChunkMagnitudes().shareBelow(1), 0.0);
}

void TestHeatmap::unitsAreSortedByActivity()
{
    // Two positions of four units: mean |x| is 1, 3, 3, 0.
    const std::vector<float> values = {1, -5, 3, 0, -1, 1, 3, 0};
    const ChunkMagnitudes magnitudes(values, 4);
    QCOMPARE(magnitudes.unitsByActivity(), (std::vector<std::int32_t>{1, 2, 0, 3}));
}

void TestHeatmap::histogramIsDragged()
{
    HeatmapHistogram histogram;
    histogram.resize(500, 120);
    histogram.show();
    QSignalSpy spy(&histogram, &HeatmapHistogram::thresholdDragged);
    QTest::mouseClick(&histogram, Qt::LeftButton, Qt::NoModifier, QPoint(200, 50));
    QCOMPARE(spy.count(), 0); // nothing to divide yet
    histogram.setShares({std::vector<double>(HeatmapHistogram::edges().size(), 0.01)}, 0);
    const QPoint place(qRound(histogram.toPixel(1e-2)), 50);
    QTest::mousePress(&histogram, Qt::LeftButton, Qt::NoModifier, place);
    QCOMPARE(spy.count(), 1);
    const double dragged = spy.at(0).at(0).toDouble();
    QVERIFY2(dragged > 0.9e-2 && dragged < 1.1e-2, qPrintable(QString::number(dragged)));
}

void TestHeatmap::colorBarNamesItsEnds()
{
    HeatmapColorBar bar;
    HeatmapColoring coloring;
    coloring.limit = 2.5;
    bar.setColoring(coloring);
    QCOMPARE(bar.lowerText(), QStringLiteral("−2.5"));
    QCOMPARE(bar.upperText(), QStringLiteral("≥ 2.5"));
    coloring.mode = HeatmapMode::LogMagnitude;
    bar.setColoring(coloring);
    QCOMPARE(bar.lowerText(), QStringLiteral("≤ 2.5e-05"));
    QVERIFY(!bar.grab().isNull());
}

void TestHeatmap::invisibleTokensAreMadeVisible_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QString>("text");
    QTest::newRow("word") << QByteArray(" fox") << QStringLiteral("·fox");
    QTest::newRow("line end") << QByteArray("\n") << QStringLiteral("⏎");
    QTest::newRow("tab") << QByteArray("\tx") << QStringLiteral("⇥x");
    QTest::newRow("nothing") << QByteArray() << QStringLiteral("∅");
    QTest::newRow("other scripts") << QByteArray("狐") << QStringLiteral("狐");
}

void TestHeatmap::invisibleTokensAreMadeVisible()
{
    QFETCH(QByteArray, token);
    QFETCH(QString, text);
    QCOMPARE(visibleToken(token.toStdString()), text);
}

void TestHeatmap::recountOfAWholeFrameIsFast()
{
    auto frame = std::make_shared<samba::ActivationFrame>();
    frame->chunkCount = 6;
    frame->seqLen = 512;
    frame->dModel = 768;
    for (unsigned chunk = 0; chunk < 6; ++chunk)
        frame->values.push_back(mixedValues(512 * 768, chunk));
    QElapsedTimer timer;
    timer.start();
    const std::shared_ptr<const MeasuredFrame> measured = measureFrame(frame);
    const double measureMs = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
    timer.start();
    double sum = 0;
    for (int round = 0; round < 1000; ++round) {
        for (const ChunkMagnitudes& chunk : measured->chunks)
            sum += chunk.shareBelow(1e-6 * round);
    }
    qInfo("6 x 512 x 768: counted in %.1f ms off the GUI thread, recounted in %.4f ms", measureMs,
          static_cast<double>(timer.nsecsElapsed()) * 1e-9);
    QVERIFY(sum > 0);
}

QTEST_MAIN(TestHeatmap)
#include "tst_heatmap.moc"
