#include "kernels/causal_conv1d/causal_conv1d_cuda.h"
#include "tests/kernels/cuda/device_array.h"

#include <cmath>

using namespace samba;
using namespace samba::test;
namespace gpu = samba::kernels::gpu;

namespace {

constexpr double kFloatTolerance = 2e-5;
/// Elements between two rows of a sequence beyond their length.
constexpr int kGap = 3;

/// The convolution and its gradients as loops over float64 numbers; channels last.
struct ConvReference {
    int batch = 2;
    int length = 9;
    int channels = 19;
    int width = 4;
    bool silu = true;
    bool hasBias = true;
    bool hasInitialState = true;
    bool hasFinalGradient = true;

    Values x, weight, bias, initialState, gradY, gradFinalState;
    Values y, finalState;
    Values gradX, gradWeight, gradBias, gradInitialState;

    std::size_t at(int b, int t, int d) const
    {
        return static_cast<std::size_t>((b * length + t) * channels + d);
    }
    std::size_t stateAt(int b, int row, int d) const
    {
        return static_cast<std::size_t>((b * (width - 1) + row) * channels + d);
    }
    std::size_t tapAt(int k, int d) const { return static_cast<std::size_t>(k * channels + d); }

    void fill(std::uint64_t seed, Element element)
    {
        RandomValues random(seed);
        const auto wide = static_cast<std::size_t>(batch * length * channels);
        const auto state = static_cast<std::size_t>(batch * (width - 1) * channels);
        x = random.take(wide, element);
        gradY = random.take(wide, element);
        weight = random.take(tapAt(width, 0), Element::Float32);
        bias = random.take(static_cast<std::size_t>(channels), Element::Float32);
        initialState = random.take(state, Element::Float32);
        gradFinalState = random.take(state, Element::Float32);
        for (const auto& [isThere, values] :
             {std::pair(hasBias, &bias), std::pair(hasInitialState, &initialState),
              std::pair(hasFinalGradient, &gradFinalState)})
            if (!isThere)
                values->assign(values->size(), 0.0);
    }

    void compute()
    {
        y.assign(x.size(), 0.0);
        gradX = y;
        finalState.assign(initialState.size(), 0.0);
        gradInitialState = finalState;
        gradWeight.assign(weight.size(), 0.0);
        gradBias.assign(bias.size(), 0.0);
        const int before = width - 1;
        for (int b = 0; b < batch; ++b)
            for (int d = 0; d < channels; ++d) {
                // Inputs and their gradients, those of the initial state first.
                Values inputs(static_cast<std::size_t>(before + length));
                Values gradients(inputs.size(), 0.0);
                for (int s = 0; s < before + length; ++s)
                    inputs[static_cast<std::size_t>(s)] =
                        s < before ? initialState[stateAt(b, s, d)] : x[at(b, s - before, d)];
                for (int row = 0; row < before; ++row) {
                    finalState[stateAt(b, row, d)] = inputs[static_cast<std::size_t>(length + row)];
                    gradients[static_cast<std::size_t>(length + row)] +=
                        gradFinalState[stateAt(b, row, d)];
                }
                for (int t = 0; t < length; ++t) {
                    double sum = bias[static_cast<std::size_t>(d)];
                    for (int k = 0; k < width; ++k)
                        sum += weight[tapAt(k, d)] * inputs[static_cast<std::size_t>(t + k)];
                    const double s = 1 / (1 + std::exp(-sum));
                    y[at(b, t, d)] = silu ? sum * s : sum;
                    const double gradSum =
                        gradY[at(b, t, d)] * (silu ? s * (1 + sum * (1 - s)) : 1.0);
                    gradBias[static_cast<std::size_t>(d)] += gradSum;
                    for (int k = 0; k < width; ++k) {
                        gradWeight[tapAt(k, d)] +=
                            gradSum * inputs[static_cast<std::size_t>(t + k)];
                        gradients[static_cast<std::size_t>(t + k)] += gradSum * weight[tapAt(k, d)];
                    }
                }
                for (int s = 0; s < before + length; ++s)
                    (s < before ? gradInitialState[stateAt(b, s, d)]
                                : gradX[at(b, s - before, d)]) =
                        gradients[static_cast<std::size_t>(s)];
            }
    }

    double loss() const
    {
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
            sum += y[i] * gradY[i];
        for (std::size_t i = 0; i < finalState.size(); ++i)
            sum += finalState[i] * gradFinalState[i];
        return sum;
    }

    /// The same rows, each followed by a gap of large numbers.
    Values spaced(const Values& rows) const
    {
        const auto width_ = static_cast<std::size_t>(channels);
        Values result;
        for (std::size_t row = 0; row < rows.size() / width_; ++row) {
            result.insert(result.end(), rows.begin() + static_cast<std::ptrdiff_t>(row * width_),
                          rows.begin() + static_cast<std::ptrdiff_t>((row + 1) * width_));
            result.insert(result.end(), kGap, 1e4);
        }
        return result;
    }
};

struct ConvCase {
    ConvReference sizes;
    Element element = Element::Float32;
    emu::Order order = emu::Order::Forward;
    bool isSpaced = false; ///< rows further apart than they are long
};

} // namespace

Q_DECLARE_METATYPE(ConvCase)

/// The CUDA sources of the convolution, executed on the CPU by the emulator, against float64.
class TestCudaConv : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { emu::setOrder(emu::Order::Forward); }
    void referenceAgainstDifferences();
    void againstFloat64_data();
    void againstFloat64();
    void stepsAgainstFloat64_data();
    void stepsAgainstFloat64();
    void inputsBeyondTheWindowHaveNoEffect();
    void wrongSizesAreNamed();
};

void TestCudaConv::referenceAgainstDifferences()
{
    for (const int length : {2, 6}) {
        ConvReference reference{.length = length, .channels = 2};
        reference.fill(11, Element::Float32);
        reference.compute();
        using Member = Values ConvReference::*;
        const std::pair<Member, Member> gradients[] = {
            {&ConvReference::x, &ConvReference::gradX},
            {&ConvReference::weight, &ConvReference::gradWeight},
            {&ConvReference::bias, &ConvReference::gradBias},
            {&ConvReference::initialState, &ConvReference::gradInitialState}};
        for (const auto& [input, gradient] : gradients)
            for (std::size_t i = 0; i < (reference.*input).size(); ++i) {
                constexpr double kStep = 1e-5;
                const auto lossAt = [&](double offset) {
                    ConvReference moved = reference;
                    (moved.*input)[i] += offset;
                    moved.compute();
                    return moved.loss();
                };
                const double numeric = (lossAt(kStep) - lossAt(-kStep)) / (2 * kStep);
                QVERIFY(std::abs(numeric - (reference.*gradient)[i]) < 1e-7);
            }
    }
}

void TestCudaConv::againstFloat64_data()
{
    QTest::addColumn<ConvCase>("test");
    // Tiles have 64 steps; a thread has 4 or 8 channels, a block 256 or 512.
    const std::vector<int> lengths =
        emu::isTracing() ? std::vector<int>{2, 67} : std::vector<int>{1, 2, 3, 63, 64, 65, 67, 131};
    for (const int length : lengths)
        for (const emu::Order order : ordersToTry())
            for (const Element element : allElements())
                QTest::addRow("length %d, %s, %s", length, nameOf(element), nameOf(order))
                    << ConvCase{{.length = length}, element, order};
    for (const int width : {2, 3, 5, 8})
        for (const int length : {2, 70})
            QTest::addRow("width %d, length %d", width, length)
                << ConvCase{{.length = length, .width = width}};
    for (const int channels : {1, 32, 264, 515})
        for (const Element element : {Element::Float32, Element::BFloat16})
            QTest::addRow("%d channels, %s", channels, nameOf(element))
                << ConvCase{{.channels = channels}, element};
    QTest::newRow("rows of a wider tensor")
        << ConvCase{{.channels = 13}, Element::BFloat16, emu::Order::Forward, true};
    QTest::newRow("rows of a wider tensor, in packets")
        << ConvCase{{.channels = 16 - kGap}, Element::Float32, emu::Order::Forward, true};
    QTest::newRow("bare") << ConvCase{
        {.silu = false, .hasBias = false, .hasInitialState = false, .hasFinalGradient = false}};
}

void TestCudaConv::againstFloat64()
{
    QFETCH(ConvCase, test);
    emu::setOrder(test.order, 7);
    ConvReference wanted = test.sizes;
    const Element element = test.element;
    wanted.fill(static_cast<std::uint64_t>(wanted.length), element);
    wanted.compute();

    const auto spaced = [&](const Values& rows) {
        return test.isSpaced ? wanted.spaced(rows) : rows;
    };
    const int64_t rowStride = wanted.channels + (test.isSpaced ? kGap : 0);
    const auto rowsOf = [&](DeviceArray& array) {
        return gpu::ConstRows{array.data(), rowStride * wanted.length, rowStride};
    };
    DeviceArray x("x", spaced(wanted.x), element);
    DeviceArray weight("weight", wanted.weight);
    DeviceArray bias("bias", wanted.bias);
    DeviceArray initialState("initialState", wanted.initialState);
    DeviceArray y = DeviceArray::unwritten("y", wanted.y.size(), element);
    const gpu::ConvForward forward{.batch = wanted.batch,
                                   .length = wanted.length,
                                   .channels = wanted.channels,
                                   .width = wanted.width,
                                   .silu = wanted.silu,
                                   .x = rowsOf(x),
                                   .weight = weight.floats(),
                                   .bias = wanted.hasBias ? bias.floats() : nullptr,
                                   .initialState =
                                       wanted.hasInitialState ? initialState.floats() : nullptr,
                                   .y = y.data()};
    gpu::convForward(forward, element, nullptr);
    const double relative = toleranceOf(element);
    SAMBA_VERIFY_EMPTY(racesFound());
    SAMBA_VERIFY_EMPTY(differenceOf("y", y.values(), wanted.y, relative));

    const int parts = wanted.batch * gpu::convTileCount(wanted.length);
    const auto partSize = static_cast<std::size_t>((wanted.width + 1) * wanted.channels);
    DeviceArray gradY("gradY", spaced(wanted.gradY), element);
    DeviceArray gradFinalState("gradFinalState", wanted.gradFinalState);
    DeviceArray gradX = DeviceArray::unwritten("gradX", wanted.x.size(), element);
    DeviceArray gradInitialState =
        DeviceArray::unwritten("gradInitialState", wanted.initialState.size());
    DeviceArray gradWeight =
        DeviceArray::unwritten("gradWeight", static_cast<std::size_t>(parts) * partSize);
    gpu::convBackward(
        {.forward = forward,
         .gradY = rowsOf(gradY),
         .gradFinalState = wanted.hasFinalGradient ? gradFinalState.floats() : nullptr,
         .gradX = gradX.data(),
         .gradInitialState = wanted.hasInitialState ? gradInitialState.floats() : nullptr,
         .gradWeight = gradWeight.floats()},
        element, nullptr);
    SAMBA_VERIFY_EMPTY(racesFound());
    SAMBA_VERIFY_EMPTY(differenceOf("gradX", gradX.values(), wanted.gradX, relative));
    if (wanted.hasInitialState)
        SAMBA_VERIFY_EMPTY(differenceOf("gradInitialState", gradInitialState.values(),
                                        wanted.gradInitialState, kFloatTolerance));
    Values sums(partSize, 0.0);
    const Values partials = gradWeight.values();
    for (std::size_t i = 0; i < partials.size(); ++i)
        sums[i % partSize] += partials[i];
    Values wantedSums = wanted.gradWeight;
    wantedSums.insert(wantedSums.end(), wanted.gradBias.begin(), wanted.gradBias.end());
    SAMBA_VERIFY_EMPTY(differenceOf("gradWeight", sums, wantedSums, kFloatTolerance));
}

void TestCudaConv::stepsAgainstFloat64_data()
{
    QTest::addColumn<ConvCase>("test");
    for (const Element element : allElements())
        for (const emu::Order order : ordersToTry())
            QTest::addRow("%s, %s", nameOf(element), nameOf(order))
                << ConvCase{{.length = 6, .channels = 35}, element, order};
    for (const int width : {2, 8})
        QTest::addRow("width %d", width) << ConvCase{{.channels = 8, .width = width}};
    QTest::newRow("bare") << ConvCase{{.channels = 600, .silu = false, .hasBias = false}};
}

void TestCudaConv::stepsAgainstFloat64()
{
    QFETCH(ConvCase, test);
    emu::setOrder(test.order, 7);
    ConvReference wanted = test.sizes;
    const Element element = test.element;
    wanted.fill(3, element);
    wanted.compute();
    const auto channels = static_cast<std::size_t>(wanted.channels);
    DeviceArray weight("weight", wanted.weight);
    DeviceArray bias("bias", wanted.bias);
    DeviceArray state("state", wanted.initialState);
    DeviceArray x("x", wanted.x, element);
    Values got(wanted.y.size());
    for (int t = 0; t < wanted.length; ++t) {
        // The step of each sequence, in place: rows are whole sequences apart.
        const std::size_t elementSize = element == Element::Float32 ? 4 : 2;
        unsigned char* row = static_cast<unsigned char*>(x.data()) +
                             static_cast<std::size_t>(t) * channels * elementSize;
        DeviceArray y =
            DeviceArray::unwritten("y", static_cast<std::size_t>(wanted.batch) * channels, element);
        gpu::convStep({.batch = wanted.batch,
                       .channels = wanted.channels,
                       .width = wanted.width,
                       .silu = wanted.silu,
                       .x = {row, int64_t{wanted.length} * wanted.channels, 0},
                       .weight = weight.floats(),
                       .bias = wanted.hasBias ? bias.floats() : nullptr,
                       .state = state.floats(),
                       .y = y.data()},
                      element, nullptr);
        const Values values = y.values();
        for (int b = 0; b < wanted.batch; ++b)
            for (int d = 0; d < wanted.channels; ++d)
                got[wanted.at(b, t, d)] =
                    values[static_cast<std::size_t>(b) * channels + static_cast<std::size_t>(d)];
        SAMBA_VERIFY_EMPTY(racesFound());
    }
    SAMBA_VERIFY_EMPTY(differenceOf("y", got, wanted.y, toleranceOf(element)));
    // The state is a copy of inputs.
    SAMBA_VERIFY_EMPTY(differenceOf("state", state.values(), wanted.finalState, 0.0));
}

void TestCudaConv::inputsBeyondTheWindowHaveNoEffect()
{
    // Windows are padded in registers: a NaN may not reach further than the real one.
    ConvReference wanted{.batch = 1, .length = 12, .channels = 4, .width = 2};
    wanted.fill(2, Element::Float32);
    wanted.x[wanted.at(0, 5, 1)] = NAN;
    DeviceArray x("x", wanted.x);
    DeviceArray weight("weight", wanted.weight);
    DeviceArray y = DeviceArray::unwritten("y", wanted.y.size() + wanted.x.size());
    gpu::convForward({.batch = 1,
                      .length = 12,
                      .channels = 4,
                      .width = 2,
                      .x = {x.data(), 48, 4},
                      .weight = weight.floats(),
                      .y = y.data()},
                     Element::Float32, nullptr);
    const Values got = y.values();
    for (int t = 0; t < wanted.length; ++t)
        for (int d = 0; d < wanted.channels; ++d)
            QCOMPARE(std::isnan(got[wanted.at(0, t, d)]), d == 1 && (t == 5 || t == 6));
}

void TestCudaConv::wrongSizesAreNamed()
{
    const auto messageOf = [](const gpu::ConvForward& arguments) {
        try {
            gpu::convForward(arguments, Element::Float32, nullptr);
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    QCOMPARE(messageOf({.batch = 1, .length = 3, .channels = 4, .width = 9}),
             std::string("CUDA convolution: width: wanted a value in [2, 8], got 9"));
    QCOMPARE(messageOf({.batch = 1, .length = 0, .channels = 4, .width = 4}).substr(0, 25),
             std::string("CUDA convolution: length:"));
}

QTEST_GUILESS_MAIN(TestCudaConv)
#include "tst_cuda_conv.moc"
