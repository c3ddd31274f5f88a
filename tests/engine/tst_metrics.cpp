#include "engine/api/error.h"
#include "engine/api/metrics.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <set>

using samba::ChunkMetrics;
using samba::StepMetrics;
using samba::ValidationMetrics;

namespace {

/// Equal to the last bit; every NaN equals every other.
bool isSame(double a, double b)
{
    return (std::isnan(a) && std::isnan(b)) ||
           std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

template <typename Record>
void fill(Record& record, std::span<const samba::MetricField<Record>> fields,
          const std::function<double()>& next)
{
    for (const auto& field : fields)
        record.*field.value = next();
}

template <typename Record>
void compare(const Record& got, const Record& wanted,
             std::span<const samba::MetricField<Record>> fields)
{
    for (const auto& field : fields)
        QVERIFY2(isSame(got.*field.value, wanted.*field.value), field.name);
}

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void linesComeBackBitForBit_data();
    void linesComeBackBitForBit();
    void lineIsStandardJsonWithTheNamesOfTheFields();
    void namesAreUnique();
    void missingFieldsAreNotMeasured();
    void damagedLinesThrow_data();
    void damagedLinesThrow();
};

void TestMetrics::linesComeBackBitForBit_data()
{
    QTest::addColumn<double>("value");
    QTest::newRow("zero") << 0.0;
    QTest::newRow("minus zero") << -0.0;
    QTest::newRow("third") << 1.0 / 3.0;
    QTest::newRow("tiny") << std::numeric_limits<double>::denorm_min();
    QTest::newRow("huge") << std::numeric_limits<double>::max();
    QTest::newRow("float") << static_cast<double>(0.1F);
    QTest::newRow("NaN") << std::numeric_limits<double>::quiet_NaN();
    QTest::newRow("infinity") << std::numeric_limits<double>::infinity();
    QTest::newRow("minus infinity") << -std::numeric_limits<double>::infinity();
    std::mt19937_64 random(7);
    for (int i = 0; i < 20; ++i)
        QTest::addRow("random %d", i) << std::bit_cast<double>(random());
}

void TestMetrics::linesComeBackBitForBit()
{
    QFETCH(double, value);
    const auto next = [value] { return value; };
    StepMetrics step;
    step.step = 12;
    step.tokens = (int64_t{1} << 53) + 1; // beyond what a double holds
    step.elapsedMs = value;
    fill(step, samba::stepMetricFields(), next);
    step.chunks.resize(3);
    for (ChunkMetrics& chunk : step.chunks)
        fill(chunk, samba::chunkMetricFields(), next);

    const StepMetrics gotStep = samba::stepMetricsFromJson(samba::toJsonLine(step));
    QCOMPARE(gotStep.step, step.step);
    QCOMPARE(gotStep.tokens, step.tokens);
    QVERIFY(isSame(gotStep.elapsedMs, value));
    compare(gotStep, step, samba::stepMetricFields());
    QCOMPARE(gotStep.chunks.size(), step.chunks.size());
    compare(gotStep.chunks[2], step.chunks[2], samba::chunkMetricFields());

    ValidationMetrics validation;
    validation.step = 3;
    validation.tokens = 5;
    fill(validation, samba::validationMetricFields(), next);
    const ValidationMetrics gotValidation =
        samba::validationMetricsFromJson(samba::toJsonLine(validation));
    QCOMPARE(gotValidation.step, validation.step);
    QCOMPARE(gotValidation.tokens, validation.tokens);
    compare(gotValidation, validation, samba::validationMetricFields());
    QVERIFY(gotValidation.chunks.empty());
}

void TestMetrics::lineIsStandardJsonWithTheNamesOfTheFields()
{
    StepMetrics step;
    step.step = 7;
    step.main = 2.5;
    step.readout = std::numeric_limits<double>::quiet_NaN();
    step.chunks.resize(1);
    const std::string line = samba::toJsonLine(step);
    QVERIFY(line.find('\n') == std::string::npos);

    QJsonParseError error;
    const QJsonObject json =
        QJsonDocument::fromJson(QByteArray::fromStdString(line), &error).object();
    QCOMPARE(error.error, QJsonParseError::NoError);
    QCOMPARE(json.value(QLatin1String("step")).toInt(), 7);
    QCOMPARE(json.value(QLatin1String("loss/main")).toDouble(), 2.5);
    QCOMPARE(json.value(QLatin1String("loss/readout")).toString(), QLatin1String("NaN"));
    for (const auto& field : samba::stepMetricFields())
        QVERIFY2(json.contains(QLatin1String(field.name)), field.name);
}

void TestMetrics::namesAreUnique()
{
    std::set<std::string> names;
    for (const auto& field : samba::stepMetricFields())
        QVERIFY2(names.insert(field.name).second, field.name);
    std::set<std::string> chunkNames;
    for (const auto& field : samba::chunkMetricFields())
        QVERIFY2(chunkNames.insert(field.name).second, field.name);
}

void TestMetrics::missingFieldsAreNotMeasured()
{
    const StepMetrics step = samba::stepMetricsFromJson(R"({"step": 4, "unheard_of": [1]})");
    QCOMPARE(step.step, 4);
    QVERIFY(std::isnan(step.main));
    QVERIFY(step.chunks.empty());
}

void TestMetrics::damagedLinesThrow_data()
{
    QTest::addColumn<QByteArray>("line");
    for (const char* line :
         {"", "{", "[]", "7", "{}", R"({"step": "one"})", R"({"step": 1, "perplexity": "low"})",
          R"({"step": 1, "perplexity": []})", R"({"step": 1, "chunks": [3]})",
          R"({"step": 1, "lr": 2)"})
        QTest::newRow(line) << QByteArray(line);
}

void TestMetrics::damagedLinesThrow()
{
    QFETCH(QByteArray, line);
    QVERIFY_EXCEPTION_THROWN((void)samba::stepMetricsFromJson(line.toStdString()), samba::Error);
    QVERIFY_EXCEPTION_THROWN((void)samba::validationMetricsFromJson(line.toStdString()),
                             samba::Error);
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
