#include "tests/kernels/op_checks.h"
#include "tests/kernels/simd_math_probe.h"

#include <cmath>
#include <limits>
#include <vector>

#include <QTest>

using namespace samba::test;

/// The elementary functions against those of the standard library in long double.
class TestSimdMath : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void accuracyOfFloat_data() { functionRows(); }
    void accuracyOfFloat();
    void accuracyOfDouble_data() { functionRows(); }
    void accuracyOfDouble();
    void expAtItsEnds_data() { instructionSetRows(); }
    void expAtItsEnds();
    void stepOfLengthZeroKeepsTheState_data() { instructionSetRows(); }
    void stepOfLengthZeroKeepsTheState();
    void bfloat16RoundsToNearestEven_data() { instructionSetRows(); }
    void bfloat16RoundsToNearestEven();

private:
    static void functionRows();
    static void instructionSetRows();
};

namespace {

constexpr double kRate = -1.7;

struct Range {
    SimdFunction function;
    const char* name;
    double low;
    double high;
    double unitsFloat;  ///< largest error, in units of the last place of float32
    double unitsDouble; ///< the same for float64
};

const Range kRanges[] = {
    {SimdFunction::Exp, "exp", -86.6, 88.7, 2.3, 2.3},
    {SimdFunction::Exp, "exp near 0", -1e-3, 1e-3, 1.0, 1.0},
    // The integer part is taken off exactly: an error of the product would show far from 0.
    {SimdFunction::Exp2Product, "exp2Product", 0.0, 70.0, 2.3, 2.3},
    {SimdFunction::Exp2Product, "exp2Product near 0", 0.0, 1e-3, 1.0, 1.0},
    {SimdFunction::Exp2InRange, "exp2ProductInRange", -73.0, 73.0, 2.3, 2.3},
    {SimdFunction::Exp2InRange, "exp2ProductInRange near 0", -1e-3, 1e-3, 1.0, 1.0},
    {SimdFunction::Sigmoid, "sigmoid", -80.0, 80.0, 4.0, 4.0},
    {SimdFunction::Silu, "silu", -80.0, 80.0, 5.0, 5.0},
    {SimdFunction::Softplus, "softplus", -80.0, 80.0, 4.0, 4.0},
};

long double wanted(SimdFunction function, long double x)
{
    switch (function) {
    case SimdFunction::Exp:
        return std::exp(x);
    case SimdFunction::Exp2Product:
    case SimdFunction::Exp2InRange:
        return std::exp2(x);
    case SimdFunction::Sigmoid:
        return 1 / (1 + std::exp(-x));
    case SimdFunction::Silu:
        return x / (1 + std::exp(-x));
    case SimdFunction::SiluDerivative: {
        const long double s = 1 / (1 + std::exp(-x));
        return s * (1 + x * (1 - s));
    }
    case SimdFunction::Softplus:
        return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    }
    return 0;
}

/// Whether the function is 2^(x * rate).
bool isExp2(SimdFunction function)
{
    return function == SimdFunction::Exp2Product || function == SimdFunction::Exp2InRange;
}

/// The portable code rounds the product of x and rate before it takes the integer part off: half a
/// unit of 124, the largest product here, which is 64 * log(2) units of the result at most.
double allowance(const QString& instructionSet, const Range& range)
{
    const bool isPortable = instructionSet == QStringLiteral("portable");
    return isPortable && isExp2(range.function) && range.high > 1 ? 25.0 : 1.0;
}

/// Largest error over the range, in units of the last place of the wanted value.
template <typename Real>
double worstUnits(const Range& range, QString& where)
{
    constexpr int64_t kCount = 100'003; // not a multiple of any vector length
    std::vector<Real> x(kCount);
    std::vector<Real> y(kCount);
    for (int64_t i = 0; i < kCount; ++i)
        x[i] = static_cast<Real>(range.low + (range.high - range.low) *
                                                 (static_cast<double>(i) / (kCount - 1)));
    const Real rate = static_cast<Real>(kRate);
    applySimd(range.function, x.data(), rate, kCount, y.data());
    double worst = 0;
    for (int64_t i = 0; i < kCount; ++i) {
        long double argument = x[i];
        if (isExp2(range.function))
            argument *= rate;
        const long double right = wanted(range.function, argument);
        const Real magnitude = static_cast<Real>(std::abs(right));
        const long double unit = static_cast<long double>(std::nextafter(
                                     magnitude, std::numeric_limits<Real>::infinity())) -
                                 magnitude;
        const double units = static_cast<double>(std::abs(y[i] - right) / unit);
        if (!(units <= worst)) {
            worst = units;
            where = QStringLiteral("%1 units at %2: wanted %3, got %4")
                        .arg(units)
                        .arg(static_cast<double>(x[i]), 0, 'g', 17)
                        .arg(static_cast<double>(right), 0, 'g', 17)
                        .arg(static_cast<double>(y[i]), 0, 'g', 17);
        }
    }
    return worst;
}

} // namespace

void TestSimdMath::functionRows()
{
    QTest::addColumn<QString>("instructionSet");
    QTest::addColumn<int>("range");
    for (const std::string& set : instructionSets())
        for (int i = 0; i < static_cast<int>(std::size(kRanges)); ++i)
            QTest::addRow("%s, %s", kRanges[i].name, set.c_str())
                << QString::fromStdString(set) << i;
}

void TestSimdMath::instructionSetRows()
{
    QTest::addColumn<QString>("instructionSet");
    for (const std::string& set : instructionSets())
        QTest::addRow("%s", set.c_str()) << QString::fromStdString(set);
}

void TestSimdMath::accuracyOfFloat()
{
    QFETCH(QString, instructionSet);
    QFETCH(int, range);
    const InstructionSetInUse inUse(instructionSet.toStdString());
    QString where;
    const double worst = worstUnits<float>(kRanges[range], where);
    QVERIFY2(worst <= kRanges[range].unitsFloat * allowance(instructionSet, kRanges[range]),
             qPrintable(where));
}

void TestSimdMath::accuracyOfDouble()
{
    QFETCH(QString, instructionSet);
    QFETCH(int, range);
    const InstructionSetInUse inUse(instructionSet.toStdString());
    QString where;
    const double worst = worstUnits<double>(kRanges[range], where);
    QVERIFY2(worst <= kRanges[range].unitsDouble * allowance(instructionSet, kRanges[range]),
             qPrintable(where));
}

void TestSimdMath::expAtItsEnds()
{
    QFETCH(QString, instructionSet);
    const InstructionSetInUse inUse(instructionSet.toStdString());
    const float infinity = std::numeric_limits<float>::infinity();
    const float x[] = {-infinity, -1e30f, -88.0f, 0.0f, 88.7f, 89.0f, 1e30f, infinity, NAN};
    float y[std::size(x)];
    applySimd(SimdFunction::Exp, x, 0.0f, std::size(x), y);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(y[i], 0.0f);
    QCOMPARE(y[3], 1.0f);
    QVERIFY(std::isfinite(y[4]));
    for (int i = 5; i < 8; ++i)
        QCOMPARE(y[i], infinity);
    QVERIFY(std::isnan(y[8]));

    applySimd(SimdFunction::Softplus, x, 0.0f, std::size(x), y);
    QCOMPARE(y[0], 0.0f);
    QCOMPARE(y[1], 0.0f);
    QCOMPARE(y[6], 1e30f);
    QVERIFY(std::isnan(y[8]));

    const float steps[] = {1.0f, 1e3f, 1e6f, 1e9f};
    applySimd(SimdFunction::Exp2Product, steps, -1000.0f, std::size(steps), y);
    for (int i = 0; i < 4; ++i)
        QCOMPARE(y[i], 0.0f);
}

void TestSimdMath::stepOfLengthZeroKeepsTheState()
{
    QFETCH(QString, instructionSet);
    const InstructionSetInUse inUse(instructionSet.toStdString());
    const std::vector<float> x(33, 0.0f);
    std::vector<float> y(33);
    applySimd(SimdFunction::Exp2Product, x.data(), -5.0f, 33, y.data());
    QCOMPARE(y, std::vector<float>(33, 1.0f));
}

void TestSimdMath::bfloat16RoundsToNearestEven()
{
    QFETCH(QString, instructionSet);
    const InstructionSetInUse inUse(instructionSet.toStdString());
    std::vector<float> x;
    for (const float base : {1.0f, -1.0f, 3.14159f, 65280.0f, 1e-30f})
        for (int quarter = 0; quarter < 12; ++quarter) // quarters of the last place of bfloat16
            x.push_back(base * (1 + static_cast<float>(quarter) / 512));
    x.insert(x.end(),
             {0.0f, -0.0f, std::numeric_limits<float>::infinity(),
              std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()});
    std::vector<c10::BFloat16> stored(x.size());
    std::vector<float> loaded(x.size());
    storeAndLoadBFloat16(x.data(), static_cast<int64_t>(x.size()), stored.data(), loaded.data());
    for (size_t i = 0; i < x.size(); ++i) {
        QCOMPARE(stored[i].x, c10::BFloat16(x[i]).x);
        QCOMPARE(loaded[i], static_cast<float>(stored[i]));
    }

    const std::vector<float> nan(17, NAN);
    storeAndLoadBFloat16(nan.data(), 17, stored.data(), loaded.data());
    for (size_t i = 0; i < nan.size(); ++i)
        QVERIFY(std::isnan(loaded[i]));
}

QTEST_GUILESS_MAIN(TestSimdMath)
#include "tst_simd_math.moc"
