// Matrix-vector products over packed weights against float64 products of the unpacked ones.

#include "kernels/gemv/gemv.h"
#include "tests/kernels/op_checks.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace samba::kernels;
using namespace samba::test;

namespace {

at::Tensor randomTensor(std::vector<int64_t> shape, uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    return at::empty(shape, at::kFloat).normal_(0.0, 1.0, generator);
}

struct Format {
    const char* name;
    WeightFormat format;
};

constexpr Format kFormats[] = {{"float32", WeightFormat::Float32},
                               {"bfloat16", WeightFormat::BFloat16},
                               {"int8", WeightFormat::Int8},
                               {"int4", WeightFormat::Int4}};

} // namespace

class TestGemv : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matchesTheProduct_data();
    void matchesTheProduct();
    void vectorsOf16BitsLoseNothing();
    void whatIsNotFiniteStaysSo_data();
    void whatIsNotFiniteStaysSo();
    void roundsWithinHalfAStep_data();
    void roundsWithinHalfAStep();
    void keepsWhatItCanHold();
    void followsTheFloat32Matrix();
    void threadsDoNotChangeABit();
    void instructionSetsAgree();
    void readsFewerBytes();
    void wrongArgumentsAreRefused_data();
    void wrongArgumentsAreRefused();
};

void TestGemv::matchesTheProduct_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<int64_t>("rows");
    QTest::addColumn<int64_t>("columns");
    QTest::addColumn<int64_t>("batch");
    for (int f = 0; f < 4; ++f) {
        for (const auto& [rows, columns, batch] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1},
                                                   {3, 12, 2},
                                                   {17, 31, 1},
                                                   {16, 32, 1},
                                                   {5, 33, 3},
                                                   {80, 48, 1},
                                                   {257, 192, 2},
                                                   {700, 1536, 1}})
            QTest::addRow("%s %ldx%ld batch %ld", kFormats[f].name, static_cast<long>(rows),
                          static_cast<long>(columns), static_cast<long>(batch))
                << f << rows << columns << batch;
    }
}

void TestGemv::matchesTheProduct()
{
    QFETCH(int, format);
    QFETCH(int64_t, rows);
    QFETCH(int64_t, columns);
    QFETCH(int64_t, batch);
    const at::Tensor weight = randomTensor({rows, columns}, 1);
    const at::Tensor x = randomTensor({batch, columns}, 2);
    const PackedMatrix packed = packMatrix(weight, kFormats[format].format);
    const at::Tensor unpacked = unpackMatrix(packed);
    QVERIFY(unpacked.sizes() == weight.sizes());
    const at::Tensor wanted = at::mm(x.to(at::kDouble), unpacked.to(at::kDouble).t());
    // Codes are multiplied with vectors rounded to 16 bits.
    const double tolerance = packed.scales.defined() ? 1e-4 : 2e-6;
    for (const std::string& set : instructionSets()) {
        const InstructionSetInUse use(set);
        SAMBA_VERIFY_SAME(scaledDifference(gemv(packed, x).to(at::kDouble), wanted, tolerance));
    }
}

void TestGemv::vectorsOf16BitsLoseNothing()
{
    constexpr int64_t kColumns = 25 * kWeightGroup; // more than one block of scales, and a rest
    const at::Tensor weight = randomTensor({31, kColumns}, 20);
    at::Tensor x = (randomTensor({2, kColumns}, 21) * 9000).round().clamp(-32767, 32767);
    x.view({2, -1, kWeightGroup}).select(-1, 5).fill_(-32767); // so that the scale is 1
    for (const WeightFormat format : {WeightFormat::Int8, WeightFormat::Int4}) {
        const PackedMatrix packed = packMatrix(weight, format);
        const at::Tensor wanted =
            at::mm(x.to(at::kDouble), unpackMatrix(packed).to(at::kDouble).t());
        for (const std::string& set : instructionSets()) {
            const InstructionSetInUse use(set);
            SAMBA_VERIFY_SAME(scaledDifference(gemv(packed, x).to(at::kDouble), wanted, 2e-6));
        }
    }
}

void TestGemv::whatIsNotFiniteStaysSo_data()
{
    QTest::addColumn<float>("value");
    QTest::newRow("NaN") << std::numeric_limits<float>::quiet_NaN();
    QTest::newRow("infinity") << std::numeric_limits<float>::infinity();
    QTest::newRow("minus infinity") << -std::numeric_limits<float>::infinity();
}

void TestGemv::whatIsNotFiniteStaysSo()
{
    QFETCH(float, value);
    at::Tensor x = randomTensor({1, 96}, 22);
    x[0][70] = value;
    const at::Tensor weight = randomTensor({5, 96}, 23);
    for (const Format& format : kFormats)
        for (const std::string& set : instructionSets()) {
            const InstructionSetInUse use(set);
            const at::Tensor y = gemv(packMatrix(weight, format.format), x);
            QVERIFY2(!y.isfinite().any().item<bool>(), format.name);
        }
}

void TestGemv::roundsWithinHalfAStep_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<double>("share"); // of the largest weight of a group
    QTest::newRow("bfloat16") << 1 << 1.0 / 256;
    QTest::newRow("int8") << 2 << 0.51 / 127;
    // A clipped weight may be further off than half a step.
    QTest::newRow("int4") << 3 << 2.0 / 8;
}

void TestGemv::roundsWithinHalfAStep()
{
    QFETCH(int, format);
    QFETCH(double, share);
    const at::Tensor weight = randomTensor({64, 4 * kWeightGroup}, 3);
    const at::Tensor error =
        (unpackMatrix(packMatrix(weight, kFormats[format].format)) - weight).abs();
    const auto largest = [](const at::Tensor& values) {
        return std::get<0>(values.view({64, 4, kWeightGroup}).max(-1));
    };
    QVERIFY((largest(error) <= share * largest(weight.abs())).all().item<bool>());
    QVERIFY(error.max().item<double>() > 0);
}

void TestGemv::keepsWhatItCanHold()
{
    // Groups of zeros, of one value, and of the codes themselves come back exactly.
    at::Tensor weight = at::zeros({3, kWeightGroup}, at::kFloat);
    weight.select(0, 1).fill_(-0.5);
    weight.select(0, 2).copy_(at::arange(kWeightGroup, at::kFloat).remainder(16) - 8);
    QVERIFY(at::equal(unpackMatrix(packMatrix(weight, WeightFormat::Int4)), weight));
    weight.select(0, 2).copy_(at::arange(kWeightGroup, at::kFloat) * 8 - 127);
    weight[2][kWeightGroup - 1] = 127;
    QVERIFY(at::equal(unpackMatrix(packMatrix(weight, WeightFormat::Int8)).select(0, 2),
                      weight.select(0, 2)));
}

void TestGemv::followsTheFloat32Matrix()
{
    at::Tensor weight = randomTensor({4, 8}, 4);
    const PackedMatrix packed = packMatrix(weight, WeightFormat::Float32);
    QCOMPARE(packed.values.const_data_ptr<float>(), weight.const_data_ptr<float>());
    weight.zero_();
    QCOMPARE(gemv(packed, randomTensor({1, 8}, 5)).abs().max().item<float>(), 0.0f);
}

void TestGemv::threadsDoNotChangeABit()
{
    const at::Tensor weight = randomTensor({1000, 768}, 6);
    const at::Tensor x = randomTensor({1, 768}, 7);
    for (const Format& format : kFormats) {
        const PackedMatrix packed = packMatrix(weight, format.format);
        const ThreadsInUse one(1);
        const at::Tensor alone = gemv(packed, x);
        for (const int threads : {2, 3}) {
            const ThreadsInUse several(threads);
            SAMBA_VERIFY_SAME(bitDifference(gemv(packed, x), alone));
        }
    }
}

void TestGemv::instructionSetsAgree()
{
    // Codes do not depend on the machine that packed them.
    const at::Tensor weight = randomTensor({40, 100}, 8);
    for (const Format& format : kFormats) {
        const at::Tensor first = unpackMatrix(packMatrix(weight, format.format));
        for (const std::string& set : instructionSets()) {
            const InstructionSetInUse use(set);
            SAMBA_VERIFY_SAME(
                bitDifference(unpackMatrix(packMatrix(weight, format.format)), first));
        }
    }
}

void TestGemv::readsFewerBytes()
{
    const at::Tensor weight = randomTensor({64, 256}, 9);
    const double weights = static_cast<double>(weight.numel());
    const auto bits = [&](WeightFormat format) {
        return 8.0 * static_cast<double>(packMatrix(weight, format).sizeBytes()) / weights;
    };
    QCOMPARE(bits(WeightFormat::Float32), 32.0);
    QCOMPARE(bits(WeightFormat::BFloat16), 16.0);
    QCOMPARE(bits(WeightFormat::Int8), 8.5);
    QCOMPARE(bits(WeightFormat::Int4), 4.5);
}

void TestGemv::wrongArgumentsAreRefused_data()
{
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("message");
    QTest::newRow("rank of the matrix") << 0 << QStringLiteral("packMatrix: weight");
    QTest::newRow("dtype of the matrix") << 1 << QStringLiteral("packMatrix: weight");
    QTest::newRow("width of the vector") << 2 << QStringLiteral("gemv: x");
    QTest::newRow("dtype of the vector") << 3 << QStringLiteral("gemv: x");
}

void TestGemv::wrongArgumentsAreRefused()
{
    QFETCH(int, which);
    QFETCH(QString, message);
    const at::Tensor weight = randomTensor({4, 32}, 10);
    const PackedMatrix packed = packMatrix(weight, WeightFormat::Int8);
    const std::string error = errorOf([&] {
        if (which == 0)
            packMatrix(weight.flatten(), WeightFormat::Int8);
        else if (which == 1)
            packMatrix(weight.to(at::kDouble), WeightFormat::Int4);
        else if (which == 2)
            gemv(packed, randomTensor({1, 31}, 11));
        else
            gemv(packed, randomTensor({1, 32}, 12).to(at::kDouble));
    });
    QVERIFY2(error.find(message.toStdString()) != std::string::npos, error.c_str());
}

QTEST_GUILESS_MAIN(TestGemv)
#include "tst_gemv.moc"
