#include "kernels/rms_norm/rms_norm_cuda.h"
#include "tests/kernels/cuda/device_array.h"

#include <cmath>

using namespace samba;
using namespace samba::test;
namespace gpu = samba::kernels::gpu;

namespace {

constexpr float kEps = 1e-5f;
constexpr double kFloatTolerance = 2e-5;

/// Normalisation of x + residual and its gradients as loops over float64 numbers.
struct NormReference {
    int rows = 5;
    int width = 37;
    bool hasResidual = true;

    Values x, residual, weight, gradY, gradSum;
    Values sum, y, scale, gradX, gradWeight;

    void fill(std::uint64_t seed, gpu::NormElements elements)
    {
        RandomValues random(seed);
        const auto count = static_cast<std::size_t>(rows * width);
        x = random.take(count, elements.x);
        residual = random.take(count, elements.x);
        gradSum = random.take(count, elements.x);
        gradY = random.take(count, elements.y);
        weight = random.take(static_cast<std::size_t>(width), Element::Float32);
        if (!hasResidual) {
            residual.assign(count, 0.0);
            gradSum.assign(count, 0.0);
        }
        sum.resize(count);
        for (std::size_t i = 0; i < count; ++i)
            sum[i] = x[i] + residual[i];
    }

    /// Computes the results for `sum`.
    void compute()
    {
        const auto columns = static_cast<std::size_t>(width);
        y.assign(sum.size(), 0.0);
        gradX = y;
        scale.assign(static_cast<std::size_t>(rows), 0.0);
        gradWeight.assign(columns, 0.0);
        for (std::size_t row = 0; row < scale.size(); ++row) {
            const std::size_t first = row * columns;
            double squares = 0;
            double product = 0;
            for (std::size_t i = 0; i < columns; ++i) {
                squares += sum[first + i] * sum[first + i];
                product += gradY[first + i] * weight[i] * sum[first + i];
            }
            const double s = 1 / std::sqrt(squares / width + double{kEps});
            scale[row] = s;
            for (std::size_t i = 0; i < columns; ++i) {
                y[first + i] = sum[first + i] * s * weight[i];
                gradX[first + i] = s * gradY[first + i] * weight[i] -
                                   sum[first + i] * s * s * s * product / width +
                                   gradSum[first + i];
                gradWeight[i] += gradY[first + i] * s * sum[first + i];
            }
        }
    }

    double loss() const
    {
        double total = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
            total += y[i] * gradY[i] + sum[i] * gradSum[i];
        return total;
    }
};

struct NormCase {
    NormReference sizes;
    gpu::NormElements elements;
    emu::Order order = emu::Order::Forward;
};

} // namespace

Q_DECLARE_METATYPE(NormCase)

/// The CUDA sources of the normalisation, executed on the CPU by the emulator, against float64.
class TestCudaNorm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { emu::setOrder(emu::Order::Forward); }
    void referenceAgainstDifferences();
    void againstFloat64_data();
    void againstFloat64();
    void wrongCallsAreNamed();
};

void TestCudaNorm::referenceAgainstDifferences()
{
    NormReference reference{.rows = 3, .width = 5};
    reference.fill(4, {});
    reference.compute();
    const auto check = [&](Values NormReference::*input, Values NormReference::*gradient) {
        for (std::size_t i = 0; i < (reference.*input).size(); ++i) {
            constexpr double kStep = 1e-5;
            const auto lossAt = [&](double offset) {
                NormReference moved = reference;
                (moved.*input)[i] += offset;
                moved.compute();
                return moved.loss();
            };
            const double numeric = (lossAt(kStep) - lossAt(-kStep)) / (2 * kStep);
            QVERIFY(std::abs(numeric - (reference.*gradient)[i]) < 1e-7);
        }
    };
    check(&NormReference::sum, &NormReference::gradX);
    check(&NormReference::weight, &NormReference::gradWeight);
}

void TestCudaNorm::againstFloat64_data()
{
    QTest::addColumn<NormCase>("test");
    const gpu::NormElements pairs[] = {{Element::Float32, Element::Float32},
                                       {Element::Float32, Element::Float16},
                                       {Element::Float32, Element::BFloat16},
                                       {Element::Float16, Element::Float16},
                                       {Element::BFloat16, Element::BFloat16}};
    // A block of 128 threads works off 512 or 1,024 columns at a time; tiles have 64 rows.
    const std::vector<int> widths =
        emu::isTracing() ? std::vector<int>{37, 1032} : std::vector<int>{1, 37, 512, 768, 1032};
    for (const int width : widths)
        for (const emu::Order order : ordersToTry())
            for (const gpu::NormElements& elements : pairs)
                QTest::addRow("width %d, %s to %s, %s", width, nameOf(elements.x),
                              nameOf(elements.y), nameOf(order))
                    << NormCase{{.rows = 3, .width = width}, elements, order};
    for (const int rows : {1, 63, 64, 65, 130})
        QTest::addRow("%d rows", rows) << NormCase{{.rows = rows}, {}};
    QTest::newRow("no residual") << NormCase{{.hasResidual = false}, {}};
    QTest::newRow("no residual, bf16")
        << NormCase{{.width = 40, .hasResidual = false}, {Element::BFloat16, Element::BFloat16}};
}

void TestCudaNorm::againstFloat64()
{
    QFETCH(NormCase, test);
    emu::setOrder(test.order, 7);
    NormReference wanted = test.sizes;
    const gpu::NormElements elements = test.elements;
    wanted.fill(static_cast<std::uint64_t>(wanted.width), elements);

    DeviceArray x("x", wanted.x, elements.x);
    DeviceArray residual("residual", wanted.residual, elements.x);
    DeviceArray weight("weight", wanted.weight);
    DeviceArray y = DeviceArray::unwritten("y", wanted.x.size(), elements.y);
    DeviceArray sum = DeviceArray::unwritten("sum", wanted.x.size(), elements.x);
    DeviceArray scale = DeviceArray::unwritten("scale", static_cast<std::size_t>(wanted.rows));
    gpu::normForward({.rows = wanted.rows,
                      .width = wanted.width,
                      .eps = kEps,
                      .x = x.data(),
                      .residual = wanted.hasResidual ? residual.data() : nullptr,
                      .weight = weight.floats(),
                      .y = y.data(),
                      .sum = wanted.hasResidual ? sum.data() : nullptr,
                      .scale = scale.floats()},
                     elements, nullptr);
    SAMBA_VERIFY_EMPTY(racesFound());
    if (wanted.hasResidual) {
        SAMBA_VERIFY_EMPTY(differenceOf("sum", sum.values(), wanted.sum, toleranceOf(elements.x)));
        // What is normalised is the sum as it is stored.
        wanted.sum = sum.values();
    }
    wanted.compute();
    SAMBA_VERIFY_EMPTY(differenceOf("y", y.values(), wanted.y, toleranceOf(elements.y)));
    SAMBA_VERIFY_EMPTY(differenceOf("scale", scale.values(), wanted.scale, kFloatTolerance));

    const auto columns = static_cast<std::size_t>(wanted.width);
    const int tiles = gpu::normTileCount(wanted.rows);
    DeviceArray gradY("gradY", wanted.gradY, elements.y);
    DeviceArray gradSum("gradSum", wanted.gradSum, elements.x);
    DeviceArray gradX = DeviceArray::unwritten("gradX", wanted.x.size(), elements.x);
    DeviceArray gradWeight =
        DeviceArray::unwritten("gradWeight", static_cast<std::size_t>(tiles) * columns);
    gpu::normBackward({.rows = wanted.rows,
                       .width = wanted.width,
                       .sum = wanted.hasResidual ? sum.data() : x.data(),
                       .weight = weight.floats(),
                       .scale = scale.floats(),
                       .gradY = gradY.data(),
                       .gradSum = wanted.hasResidual ? gradSum.data() : nullptr,
                       .gradX = gradX.data(),
                       .gradWeight = gradWeight.floats()},
                      elements, nullptr);
    SAMBA_VERIFY_EMPTY(racesFound());
    SAMBA_VERIFY_EMPTY(
        differenceOf("gradX", gradX.values(), wanted.gradX, toleranceOf(elements.x)));
    Values sums(columns, 0.0);
    const Values partials = gradWeight.values();
    for (std::size_t i = 0; i < partials.size(); ++i)
        sums[i % columns] += partials[i];
    SAMBA_VERIFY_EMPTY(differenceOf("gradWeight", sums, wanted.gradWeight, kFloatTolerance));
}

void TestCudaNorm::wrongCallsAreNamed()
{
    const auto messageOf = [](const gpu::NormForward& arguments, gpu::NormElements elements) {
        try {
            gpu::normForward(arguments, elements, nullptr);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    QCOMPARE(messageOf({.rows = 0, .width = 4}, {}).substr(0, 16), std::string("CUDA norm: rows:"));
    QCOMPARE(messageOf({.rows = 1, .width = 4}, {Element::Float16, Element::Float32}),
             std::string("CUDA norm: elements: wanted x and y alike, or x in float32"));
}

QTEST_GUILESS_MAIN(TestCudaNorm)
#include "tst_cuda_norm.moc"
