#include "ui/widgets/series_buffer.h"
#include "ui/widgets/series_smoothing.h"

#include <QElapsedTimer>
#include <QTest>

#include <cmath>
#include <limits>
#include <random>

using samba::ui::CurvePoint;
using samba::ui::Envelope;
using samba::ui::SeriesBuffer;
using samba::ui::SeriesSmoothing;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A noisy series with a NaN or an infinity now and then.
SeriesBuffer noisy(std::size_t size, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> noise(0, 1);
    SeriesBuffer buffer;
    for (std::size_t i = 0; i < size; ++i) {
        double y = noise(random);
        if (i % 97 == 13)
            y = kNan;
        if (i % 211 == 40)
            y = kInfinity;
        buffer.append(static_cast<double>(i), y);
    }
    return buffer;
}

Envelope bruteForce(const SeriesBuffer& buffer, std::size_t begin, std::size_t end)
{
    Envelope result;
    for (std::size_t i = begin; i < end; ++i)
        result.include(buffer.y(i));
    return result;
}

} // namespace

class TestSeriesBuffer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void envelopeEqualsBruteForce_data();
    void envelopeEqualsBruteForce();
    void decimatedLineKeepsExtremes_data();
    void decimatedLineKeepsExtremes();
    void fewSamplesAreDrawnAsTheyAre();
    void decimatedLineLeavesTheViewOnBothSides();
    void gapsOfNanBreakTheLine();
    void nonFiniteSamplesAreReported();
    void nearestSample_data();
    void nearestSample();
    void clearedBufferIsLikeNew();
    void aMillionSamplesAreDrawnInPixels();
    void smoothingFollowsTheFormula_data();
    void smoothingFollowsTheFormula();
    void smoothingLeavesConstantsAlone();
};

void TestSeriesBuffer::envelopeEqualsBruteForce_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {1, 2, 15, 16, 17, 255, 256, 257, 271, 4096, 4097, 5003})
        QTest::addRow("%d samples", size) << size;
}

void TestSeriesBuffer::envelopeEqualsBruteForce()
{
    QFETCH(int, size);
    const auto count = static_cast<std::size_t>(size);
    const SeriesBuffer buffer = noisy(count, 1);
    std::mt19937 random(2);
    std::uniform_int_distribution<std::size_t> place(0, count);
    for (int round = 0; round < 300; ++round) {
        std::size_t begin = round == 0 ? 0 : place(random);
        std::size_t end = round == 0 ? count : place(random);
        if (begin > end)
            std::swap(begin, end);
        const Envelope wanted = bruteForce(buffer, begin, end);
        const Envelope got = buffer.envelope(begin, end);
        QCOMPARE(got.min, wanted.min);
        QCOMPARE(got.max, wanted.max);
        QCOMPARE(got.minPositive, wanted.minPositive);
        QCOMPARE(got.finite, wanted.finite);
    }
}

void TestSeriesBuffer::decimatedLineKeepsExtremes_data()
{
    QTest::addColumn<double>("xMin");
    QTest::addColumn<double>("xMax");
    QTest::addColumn<int>("columns");
    QTest::newRow("everything") << 0.0 << 99999.0 << 640;
    QTest::newRow("a stretch") << 12345.6 << 71234.5 << 333;
    QTest::newRow("one column") << 0.0 << 99999.0 << 1;
    QTest::newRow("wider than the data") << -50000.0 << 200000.0 << 500;
}

void TestSeriesBuffer::decimatedLineKeepsExtremes()
{
    QFETCH(double, xMin);
    QFETCH(double, xMax);
    QFETCH(int, columns);
    const SeriesBuffer buffer = noisy(100000, 3);
    const std::vector<CurvePoint> line =
        buffer.decimated(xMin, xMax, static_cast<std::size_t>(columns));
    QVERIFY(line.size() <= static_cast<std::size_t>(4 * columns + 2));

    // Column by column the line reaches as high and as low as the samples do, and no further.
    const double width = (xMax - xMin) / columns;
    for (int column = 0; column < columns; ++column) {
        const double left = xMin + width * column;
        const double right = column + 1 == columns ? std::nextafter(xMax, 1e9) : left + width;
        const Envelope wanted =
            bruteForce(buffer, buffer.lowerIndex(left), buffer.lowerIndex(right));
        Envelope got;
        for (const CurvePoint& point : line) {
            if (point.x >= left && point.x < right)
                got.include(point.y);
        }
        QCOMPARE(got.min, wanted.min);
        QCOMPARE(got.max, wanted.max);
    }
    for (std::size_t i = 1; i < line.size(); ++i)
        QVERIFY(line[i - 1].x <= line[i].x);
}

void TestSeriesBuffer::fewSamplesAreDrawnAsTheyAre()
{
    SeriesBuffer buffer;
    const std::vector<double> x = {1, 2, 5, 9};
    const std::vector<double> y = {4, kNan, 3, 8};
    buffer.append(x, y);
    const std::vector<CurvePoint> line = buffer.decimated(0, 10, 100);
    QCOMPARE(line.size(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        QCOMPARE(line[i].x, x[i]);
        QCOMPARE(std::isnan(line[i].y), std::isnan(y[i]));
        if (!std::isnan(y[i]))
            QCOMPARE(line[i].y, y[i]);
    }
}

void TestSeriesBuffer::decimatedLineLeavesTheViewOnBothSides()
{
    SeriesBuffer buffer;
    for (int i = 0; i < 10000; ++i)
        buffer.append(i, i * 2.0);
    const std::vector<CurvePoint> line = buffer.decimated(1000.5, 8000.5, 50);
    QCOMPARE(line.front().x, 1000.0);
    QCOMPARE(line.back().x, 8001.0);
}

void TestSeriesBuffer::gapsOfNanBreakTheLine()
{
    SeriesBuffer buffer;
    for (int i = 0; i < 10000; ++i)
        buffer.append(i, i >= 4000 && i < 6000 ? kNan : 1.0);
    bool hasBreak = false;
    for (const CurvePoint& point : buffer.decimated(0, 10000, 20))
        hasBreak = hasBreak || (std::isnan(point.y) && point.x >= 4000 && point.x < 6000);
    QVERIFY(hasBreak);
}

void TestSeriesBuffer::nonFiniteSamplesAreReported()
{
    SeriesBuffer buffer;
    const std::vector<double> values = {1, kNan, 2, kInfinity, -kInfinity, 3};
    for (std::size_t i = 0; i < values.size(); ++i)
        buffer.append(static_cast<double>(i), values[i]);
    const std::vector<std::size_t> got(buffer.nonFinite().begin(), buffer.nonFinite().end());
    QCOMPARE(got, (std::vector<std::size_t>{1, 3, 4}));
    QVERIFY(buffer.hasFinite());
    QCOMPARE(buffer.envelope(0, 6).max, 3.0);

    SeriesBuffer absent;
    absent.append(0, kNan);
    QVERIFY(!absent.hasFinite());
    QVERIFY(absent.envelope(0, 1).isEmpty());
}

void TestSeriesBuffer::nearestSample_data()
{
    QTest::addColumn<double>("x");
    QTest::addColumn<int>("index");
    QTest::newRow("before all") << -5.0 << 0;
    QTest::newRow("on one") << 20.0 << 1;
    QTest::newRow("nearer to the right") << 26.0 << 2;
    QTest::newRow("nearer to the left") << 24.0 << 1;
    QTest::newRow("in the middle: the earlier") << 25.0 << 1;
    QTest::newRow("behind all") << 99.0 << 2;
}

void TestSeriesBuffer::nearestSample()
{
    QFETCH(double, x);
    QFETCH(int, index);
    SeriesBuffer buffer;
    QVERIFY(!buffer.nearest(x));
    for (const double place : {10.0, 20.0, 30.0})
        buffer.append(place, 0);
    QCOMPARE(static_cast<int>(*buffer.nearest(x)), index);
}

void TestSeriesBuffer::clearedBufferIsLikeNew()
{
    SeriesBuffer buffer = noisy(1000, 4);
    buffer.clear();
    QVERIFY(buffer.isEmpty());
    QVERIFY(buffer.nonFinite().empty());
    QVERIFY(buffer.decimated(0, 10, 10).empty());
    buffer.append(0, 5);
    QCOMPARE(buffer.envelope(0, 1).max, 5.0);
}

void TestSeriesBuffer::aMillionSamplesAreDrawnInPixels()
{
    QElapsedTimer timer;
    timer.start();
    const SeriesBuffer buffer = noisy(1000000, 5);
    const qint64 appendMs = timer.elapsed();
    timer.start();
    const std::vector<CurvePoint> line = buffer.decimated(0, 999999, 1600);
    qInfo("1,000,000 samples: appended in %lld ms, thinned to %zu vertices in %.2f ms",
          static_cast<long long>(appendMs), line.size(),
          static_cast<double>(timer.nsecsElapsed()) * 1e-6);
    QVERIFY(line.size() <= 4 * 1600 + 2);
    QVERIFY(line.size() >= 2 * 1600);
}

void TestSeriesBuffer::smoothingFollowsTheFormula_data()
{
    QTest::addColumn<double>("weight");
    QTest::addColumn<QVector<double>>("values");
    QTest::addColumn<QVector<double>>("wanted");
    // By hand, s = 0.5. Values 1, 2, 4: m = 0.5, 1.25, 2.625; 1 - s^n = 0.5, 0.75, 0.875.
    QTest::newRow("three values") << 0.5 << QVector<double>{1, 2, 4}
                                  << QVector<double>{1, 1.25 / 0.75, 2.625 / 0.875};
    // s = 0.9. Values 10, 0: m = 1, 0.9; 1 - s^n = 0.1, 0.19.
    QTest::newRow("strong weight")
        << 0.9 << QVector<double>{10, 0} << QVector<double>{10, 0.9 / 0.19};
    // NaN passes through and neither moves the mean nor counts as a value.
    QTest::newRow("with a NaN") << 0.5 << QVector<double>{1, kNan, 2, 4}
                                << QVector<double>{1, kNan, 1.25 / 0.75, 2.625 / 0.875};
    QTest::newRow("with an infinity")
        << 0.5 << QVector<double>{1, kInfinity, 2} << QVector<double>{1, kInfinity, 1.25 / 0.75};
    QTest::newRow("no weight") << 0.0 << QVector<double>{3, 1, 2} << QVector<double>{3, 1, 2};
}

void TestSeriesBuffer::smoothingFollowsTheFormula()
{
    QFETCH(double, weight);
    QFETCH(QVector<double>, values);
    QFETCH(QVector<double>, wanted);
    SeriesSmoothing smoothing(weight);
    for (qsizetype i = 0; i < values.size(); ++i) {
        const double got = smoothing.next(values[i]);
        if (std::isfinite(wanted[i]))
            QVERIFY2(
                std::abs(got - wanted[i]) < 1e-12,
                qPrintable(
                    QStringLiteral("value %1: wanted %2, got %3").arg(i).arg(wanted[i]).arg(got)));
        else
            QCOMPARE(got, wanted[i]);
    }
}

void TestSeriesBuffer::smoothingLeavesConstantsAlone()
{
    // 0.1 has no exact form: the formula would give neighbours of it.
    SeriesSmoothing smoothing(0.97);
    for (int i = 0; i < 1000; ++i)
        QVERIFY(smoothing.next(0.1) == 0.1);
    // The first other value starts the average where the constant left it.
    const double got = smoothing.next(1.1);
    const double wanted = 0.1 + (1 - 0.97) / (1 - std::pow(0.97, 1001));
    QVERIFY(std::abs(got - wanted) < 1e-9);
}

QTEST_GUILESS_MAIN(TestSeriesBuffer)
#include "tst_series_buffer.moc"
