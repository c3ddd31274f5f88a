#include "kernels/adamw/adamw.h"
#include "kernels/adamw/adamw_tensors.h"
#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/linear_cross_entropy/cross_entropy_tensors.h"
#include "kernels/linear_cross_entropy/linear_cross_entropy.h"
#include "kernels/rms_norm/rms_norm.h"
#include "tests/kernels/op_checks.h"
#include "tests/support/tensor_compare.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QTest>

using namespace samba;
using namespace samba::kernels;
using namespace samba::test;

namespace {

struct ConvCase {
    int64_t length = 9;
    int64_t channels = 19;
    int64_t width = 4;
    bool bias = true;
    bool initialState = true;
    bool silu = true;
    at::ScalarType dtype = at::kFloat;
};

const char* nameOf(at::ScalarType dtype)
{
    return dtype == at::kDouble ? "f64" : dtype == at::kBFloat16 ? "bf16" : "f32";
}

at::ScalarType realOf(at::ScalarType dtype)
{
    return dtype == at::kDouble ? at::kDouble : at::kFloat;
}

/// Relative to the largest value: bfloat16 results are rounded to 8 bits.
double tolerance(at::ScalarType dtype)
{
    return dtype == at::kDouble ? 1e-12 : dtype == at::kBFloat16 ? 1e-2 : 1e-5;
}

at::Tensor variable(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.detach().clone().set_requires_grad(true) : tensor;
}

CausalConv1dInputs makeConvInputs(const ConvCase& sizes)
{
    at::manual_seed(31);
    const auto random = [](at::IntArrayRef shape) { return at::randn(shape, at::kDouble); };
    CausalConv1dInputs inputs;
    inputs.x = random({2, sizes.length, sizes.channels}).to(sizes.dtype);
    inputs.weight = random({sizes.channels, sizes.width}).to(realOf(sizes.dtype));
    if (sizes.bias)
        inputs.bias = random({sizes.channels}).to(realOf(sizes.dtype));
    if (sizes.initialState)
        inputs.initialState = random({2, sizes.width - 1, sizes.channels}).to(realOf(sizes.dtype));
    inputs.silu = sizes.silu;
    return inputs;
}

CausalConv1dInputs convVariables(const CausalConv1dInputs& inputs, at::ScalarType dtype)
{
    const auto convert = [&](const at::Tensor& tensor) {
        return tensor.defined() ? variable(tensor.to(dtype)) : tensor;
    };
    return {convert(inputs.x), convert(inputs.weight), convert(inputs.bias),
            convert(inputs.initialState), inputs.silu};
}

std::vector<at::Tensor> convTensors(const CausalConv1dInputs& inputs)
{
    std::vector<at::Tensor> tensors = {inputs.x, inputs.weight};
    for (const at::Tensor& tensor : {inputs.bias, inputs.initialState})
        if (tensor.defined())
            tensors.push_back(tensor);
    return tensors;
}

/// The definition in tensor operations: shifted copies of the inputs, the initial ones in front.
CausalConv1dResult literalConv(const CausalConv1dInputs& inputs)
{
    const int64_t length = inputs.x.size(1);
    const int64_t width = inputs.weight.size(1);
    const at::Tensor before =
        inputs.initialState.defined()
            ? inputs.initialState
            : at::zeros({inputs.x.size(0), width - 1, inputs.x.size(2)}, inputs.x.options());
    const at::Tensor all = at::cat({before, inputs.x}, 1);
    at::Tensor sum = at::zeros_like(inputs.x);
    for (int64_t k = 0; k < width; ++k)
        sum = sum + all.narrow(1, k, length) * inputs.weight.select(1, k);
    if (inputs.bias.defined())
        sum = sum + inputs.bias;
    return {inputs.silu ? at::silu(sum) : sum, all.narrow(1, length, width - 1)};
}

struct NormCase {
    at::ScalarType in = at::kFloat;
    at::ScalarType out = at::kFloat;
    int64_t rows = 70; // blocks have 64 rows
    int64_t width = 37;
};

struct LossInputs {
    at::Tensor hidden;
    at::Tensor weight;
    at::Tensor targets;
};

LossInputs makeLossInputs(int64_t tokens, int64_t vocab)
{
    at::manual_seed(32);
    const at::Tensor targets = at::randint(vocab - 3, {tokens}, at::kLong);
    targets.narrow(0, 1, 2).fill_(-100);
    return {at::randn({tokens, 12}, at::kDouble), at::randn({vocab, 12}, at::kDouble), targets};
}

} // namespace

Q_DECLARE_METATYPE(ConvCase)
Q_DECLARE_METATYPE(NormCase)

/// Convolution, normalisation, vocabulary loss and optimizer in every arithmetic and instruction
/// set, with the corners of their interfaces.
class TestOpNumerics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void convAgainstDefinition_data();
    void convAgainstDefinition();
    void convNumericGradient();
    void convSteps_data();
    void convSteps();
    void normAgainstDefinition_data();
    void normAgainstDefinition();
    void normNumericGradient();
    void lossInHalfPrecision();
    void lossNumericGradient();
    void lossOfIgnoredTargetsOnly();
    void lossCountsTheFirstOfEqualLogits();
    void lossStaysFiniteForLargeLogits();
    void lossAsOperations_data();
    void lossAsOperations();
    void adamwAgainstFloat64();
    void adamwAsOperations();
    void squaredNormAsOperations();
    void sameBitsForAnyThreads();
    void autocastChangesNothing();
    void sameNumbersWithEveryInstructionSet();
    void wrongCallsNameTheTensor_data();
    void wrongCallsNameTheTensor();
};

void TestOpNumerics::convAgainstDefinition_data()
{
    QTest::addColumn<ConvCase>("sizes");
    const auto add = [](const QString& name, ConvCase sizes) {
        for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble}) {
            sizes.dtype = dtype;
            QTest::addRow("%s %s", qPrintable(name), nameOf(dtype)) << sizes;
        }
    };
    // Tiles have 64 steps and 256 channels.
    for (const int64_t length : {1, 2, 3, 63, 64, 65, 66, 67, 131})
        add(QStringLiteral("length %1").arg(length), {.length = length});
    for (const int64_t width : {2, 3, 5, 8})
        add(QStringLiteral("width %1").arg(width), {.length = 66, .width = width});
    add(QStringLiteral("wider than the sequence"), {.length = 2, .width = 8});
    for (const int64_t channels : {1, 256, 270})
        add(QStringLiteral("%1 channels").arg(channels), {.channels = channels});
    add(QStringLiteral("bare"), {.bias = false, .initialState = false, .silu = false});
}

void TestOpNumerics::convAgainstDefinition()
{
    QFETCH(ConvCase, sizes);
    const CausalConv1dInputs values = makeConvInputs(sizes);
    CausalConv1dInputs inputs = values;
    inputs.x = variable(values.x);
    inputs.weight = variable(values.weight);
    inputs.bias = variable(values.bias);
    inputs.initialState = variable(values.initialState);
    const CausalConv1dInputs reference = convVariables(values, at::kDouble);
    const CausalConv1dResult got = causalConv1d(inputs);
    const CausalConv1dResult wanted = literalConv(reference);
    QCOMPARE(got.y.scalar_type(), sizes.dtype);
    SAMBA_VERIFY_SAME(scaledDifference(got.y, wanted.y, tolerance(sizes.dtype)));
    // The final state is a copy of inputs.
    SAMBA_COMPARE_TENSORS(got.finalState, wanted.finalState.to(got.finalState.scalar_type()), 0.0);

    const at::Tensor gradY = at::randn(got.y.sizes(), at::kDouble).to(sizes.dtype);
    const at::Tensor gradState = at::randn(got.finalState.sizes(), at::kDouble);
    const auto gotGradients =
        torch::autograd::grad({got.y, got.finalState}, convTensors(inputs),
                              {gradY, gradState.to(got.finalState.scalar_type())});
    const auto wantedGradients = torch::autograd::grad(
        {wanted.y, wanted.finalState}, convTensors(reference), {gradY.to(at::kDouble), gradState});
    for (size_t i = 0; i < gotGradients.size(); ++i)
        SAMBA_VERIFY_SAME(
            scaledDifference(gotGradients[i], wantedGradients[i], tolerance(sizes.dtype)));
}

void TestOpNumerics::convNumericGradient()
{
    const CausalConv1dInputs inputs =
        convVariables(makeConvInputs({.length = 5, .channels = 3, .width = 3}), at::kDouble);
    const CausalConv1dResult result = causalConv1d(inputs);
    const at::Tensor gradY = at::randn_like(result.y);
    const auto gradients = torch::autograd::grad({result.y}, convTensors(inputs), {gradY});
    const at::NoGradGuard noGradients;
    const auto loss = [&] { return (causalConv1d(inputs).y * gradY).sum().item<double>(); };
    const std::vector<at::Tensor> tensors = convTensors(inputs);
    for (size_t i = 0; i < tensors.size(); ++i)
        SAMBA_VERIFY_SAME(scaledDifference(gradients[i], numericGradient(loss, tensors[i]), 1e-8));
}

void TestOpNumerics::convSteps_data()
{
    QTest::addColumn<ConvCase>("sizes");
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble})
        QTest::addRow("%s", nameOf(dtype)) << ConvCase{.channels = 33, .dtype = dtype};
}

void TestOpNumerics::convSteps()
{
    QFETCH(ConvCase, sizes);
    const CausalConv1dInputs inputs = makeConvInputs(sizes);
    const CausalConv1dResult whole = causalConv1d(inputs);
    const at::Tensor state = inputs.initialState.clone();
    // One step reads a slice of a wider projection, as decoding does.
    const at::Tensor wide = at::cat({inputs.x, inputs.x}, -1);
    for (int64_t t = 0; t < sizes.length; ++t) {
        const at::Tensor y = causalConv1dStep({wide.select(1, t).narrow(-1, 0, sizes.channels),
                                               state, inputs.weight, inputs.bias, inputs.silu});
        SAMBA_VERIFY_SAME(bitDifference(y, whole.y.select(1, t)));
    }
    SAMBA_VERIFY_SAME(bitDifference(state, whole.finalState));
}

void TestOpNumerics::normAgainstDefinition_data()
{
    QTest::addColumn<NormCase>("sizes");
    for (const int64_t rows : {1, 63, 64, 65, 200})
        QTest::addRow("%d rows", static_cast<int>(rows)) << NormCase{.rows = rows};
    QTest::addRow("f32 to bf16") << NormCase{.out = at::kBFloat16};
    QTest::addRow("bf16") << NormCase{.in = at::kBFloat16, .out = at::kBFloat16};
    QTest::addRow("f64") << NormCase{.in = at::kDouble, .out = at::kDouble};
}

void TestOpNumerics::normAgainstDefinition()
{
    QFETCH(NormCase, sizes);
    at::manual_seed(33);
    const at::Tensor x = variable(at::randn({sizes.rows, sizes.width}, at::kDouble).to(sizes.in));
    const at::Tensor weight = variable(at::randn({sizes.width}, at::kDouble).to(realOf(sizes.in)));
    const at::Tensor exactX = variable(x.to(at::kDouble));
    const at::Tensor exactWeight = variable(weight.to(at::kDouble));
    const at::Tensor got = rmsNorm(x, weight, 1e-5, sizes.out);
    const at::Tensor wanted =
        exactX / (exactX.square().mean({-1}, true) + 1e-5).sqrt() * exactWeight;
    QCOMPARE(got.scalar_type(), sizes.out);
    SAMBA_VERIFY_SAME(scaledDifference(got, wanted, tolerance(sizes.out)));
    const at::Tensor gradY = at::randn({sizes.rows, sizes.width}).to(sizes.out);
    const auto gotGradients = torch::autograd::grad({got}, {x, weight}, {gradY});
    const auto wantedGradients =
        torch::autograd::grad({wanted}, {exactX, exactWeight}, {gradY.to(at::kDouble)});
    SAMBA_VERIFY_SAME(scaledDifference(gotGradients[0], wantedGradients[0], tolerance(sizes.in)));
    SAMBA_VERIFY_SAME(scaledDifference(gotGradients[1], wantedGradients[1],
                                       sizes.in == at::kDouble ? 1e-12 : 1e-5));
}

void TestOpNumerics::normNumericGradient()
{
    at::manual_seed(34);
    const at::Tensor x = variable(at::randn({2, 3, 5}, at::kDouble));
    const at::Tensor weight = variable(at::randn({5}, at::kDouble));
    const at::Tensor gradY = at::randn({2, 3, 5}, at::kDouble);
    const auto gradients = torch::autograd::grad({rmsNorm(x, weight, 1e-5)}, {x, weight}, {gradY});
    const at::NoGradGuard noGradients;
    const auto loss = [&] { return (rmsNorm(x, weight, 1e-5) * gradY).sum().item<double>(); };
    SAMBA_VERIFY_SAME(scaledDifference(gradients[0], numericGradient(loss, x), 1e-8));
    SAMBA_VERIFY_SAME(scaledDifference(gradients[1], numericGradient(loss, weight), 1e-8));
}

void TestOpNumerics::lossInHalfPrecision()
{
    const LossInputs values = makeLossInputs(50, 301);
    const at::Tensor exactHidden = variable(values.hidden.to(at::kBFloat16).to(at::kDouble));
    const at::Tensor exactWeight = variable(values.weight);
    const at::Tensor wanted =
        at::cross_entropy_loss(at::linear(exactHidden, exactWeight), values.targets);
    const auto wantedGradients = torch::autograd::grad({wanted}, {exactHidden, exactWeight});
    for (const at::ScalarType weightDtype : {at::kFloat, at::kBFloat16}) {
        const at::Tensor hidden = variable(values.hidden.to(at::kBFloat16));
        const at::Tensor weight = variable(values.weight.to(weightDtype));
        const LinearCrossEntropyResult result =
            linearCrossEntropy({hidden, weight, values.targets});
        QCOMPARE(result.loss.scalar_type(), at::kFloat);
        SAMBA_COMPARE_TENSORS(result.loss, wanted, 2e-2);
        const auto gradients = torch::autograd::grad({result.loss}, {hidden, weight});
        QCOMPARE(gradients[0].scalar_type(), at::kBFloat16);
        QCOMPARE(gradients[1].scalar_type(), weightDtype);
        for (size_t i = 0; i < 2; ++i)
            QVERIFY(relativeError(gradients[i], wantedGradients[i]) < 2e-2);
    }
}

void TestOpNumerics::lossNumericGradient()
{
    const LossInputs values = makeLossInputs(7, 11);
    const at::Tensor hidden = variable(values.hidden);
    const at::Tensor weight = variable(values.weight);
    const auto run = [&] {
        return linearCrossEntropy({hidden, weight, values.targets, -100, 9}).loss;
    };
    const auto gradients = torch::autograd::grad({run()}, {hidden, weight});
    const at::NoGradGuard noGradients;
    const auto loss = [&] { return run().item<double>(); };
    SAMBA_VERIFY_SAME(scaledDifference(gradients[0], numericGradient(loss, hidden), 1e-8));
    SAMBA_VERIFY_SAME(scaledDifference(gradients[1], numericGradient(loss, weight), 1e-8));
    // Neither padding rows of the vocabulary nor ignored tokens are touched.
    QCOMPARE(gradients[1].narrow(0, 9, 2).abs().max().item<double>(), 0.0);
    QCOMPARE(gradients[0].narrow(0, 1, 2).abs().max().item<double>(), 0.0);
}

void TestOpNumerics::lossOfIgnoredTargetsOnly()
{
    const LossInputs values = makeLossInputs(5, 9);
    const at::Tensor hidden = variable(values.hidden);
    const LinearCrossEntropyResult result =
        linearCrossEntropy({hidden, values.weight, at::full_like(values.targets, 8), 8});
    QCOMPARE(result.loss.item<double>(), 0.0);
    QCOMPARE(result.counted.item<int64_t>(), int64_t{0});
    QCOMPARE(result.correct.item<int64_t>(), int64_t{0});
    const auto gradients = torch::autograd::grad({result.loss}, {hidden});
    QCOMPARE(gradients[0].abs().max().item<double>(), 0.0);
}

void TestOpNumerics::lossCountsTheFirstOfEqualLogits()
{
    const at::Tensor hidden = at::ones({3, 2});
    const at::Tensor weight = at::ones({20, 2});
    const auto correct = [&](const at::Tensor& targets) {
        return linearCrossEntropy({hidden, weight, targets}).correct.item<int64_t>();
    };
    QCOMPARE(correct(at::zeros({3}, at::kLong)), int64_t{3});
    QCOMPARE(correct(at::full({3}, 19, at::kLong)), int64_t{0});
}

void TestOpNumerics::lossStaysFiniteForLargeLogits()
{
    const at::Tensor hidden = variable(at::full({2, 4}, 1e4));
    const at::Tensor weight = variable(at::randn({30, 4}) * 1e4);
    const LinearCrossEntropyResult result =
        linearCrossEntropy({hidden, weight, at::zeros({2}, at::kLong)});
    QVERIFY(std::isfinite(result.loss.item<double>()));
    for (const at::Tensor& gradient : torch::autograd::grad({result.loss}, {hidden, weight}))
        QVERIFY(at::isfinite(gradient).all().item<bool>());
}

void TestOpNumerics::lossAsOperations_data()
{
    QTest::addColumn<int>("dtype");
    QTest::addColumn<double>("allowed");
    QTest::newRow("Double") << static_cast<int>(at::kDouble) << 1e-12;
    QTest::newRow("Float") << static_cast<int>(at::kFloat) << 1e-5;
    QTest::newRow("BFloat16") << static_cast<int>(at::kBFloat16) << 2e-2;
}

void TestOpNumerics::lossAsOperations()
{
    QFETCH(int, dtype);
    QFETCH(double, allowed);
    const auto stored = static_cast<at::ScalarType>(dtype);
    const LossInputs values = makeLossInputs(50, 31);
    const at::Tensor exactHidden = variable(values.hidden.to(stored).to(at::kDouble));
    const at::Tensor exactWeight = variable(values.weight.to(stored).to(at::kDouble));
    // The last two rows of the vocabulary are padding.
    const auto wanted = linearCrossEntropy({exactHidden, exactWeight, values.targets, -100, 29});
    const auto wantedGradients = torch::autograd::grad({wanted.loss}, {exactHidden, exactWeight});
    const LinearCrossEntropyInputs inputs{
        exactHidden.detach().to(stored), exactWeight.detach().to(stored), values.targets, -100, 29};
    // One block, blocks with a shorter last one, rows one by one.
    for (const int64_t blockLogits : {kBlockLogits, int64_t{31 * 7}, int64_t{1}}) {
        const LossTensors got = crossEntropyTensors(inputs, true, true, blockLogits);
        SAMBA_VERIFY_SAME(scaledDifference(got.loss, wanted.loss, allowed));
        if (stored != at::kBFloat16) // logits of bfloat16 products can be equal
            QCOMPARE(got.correct.item<int64_t>(), wanted.correct.item<int64_t>());
        QCOMPARE(got.counted.item<int64_t>(), wanted.counted.item<int64_t>());
        QCOMPARE(got.gradHidden.scalar_type(), stored);
        QCOMPARE(got.gradWeight.scalar_type(), stored);
        SAMBA_VERIFY_SAME(scaledDifference(got.gradHidden, wantedGradients[0], allowed));
        SAMBA_VERIFY_SAME(scaledDifference(got.gradWeight, wantedGradients[1], allowed));
    }
    const LossTensors bare = crossEntropyTensors(inputs, false, false);
    QVERIFY(!bare.gradHidden.defined() && !bare.gradWeight.defined());

    LinearCrossEntropyInputs wrong = inputs;
    wrong.targets = values.targets.clone();
    wrong.targets[0] = 29;
    QVERIFY(errorOf([&] {
                crossEntropyTensors(wrong, false, false);
            }).starts_with("linearCrossEntropy: targets: wanted values in [0, 29) or -100"));
    wrong.targets.fill_(-100);
    const LossTensors none = crossEntropyTensors(wrong, true, true);
    QCOMPARE(none.loss.to(at::kDouble).item<double>(), 0.0);
    QCOMPARE(none.counted.item<int64_t>(), int64_t{0});
    QCOMPARE(none.gradHidden.abs().max().to(at::kDouble).item<double>(), 0.0);
}

void TestOpNumerics::adamwAgainstFloat64()
{
    // A block has 16,384 elements.
    for (const int64_t count : {int64_t{1}, int64_t{33}, int64_t{16'384 + 7}}) {
        at::manual_seed(35);
        AdamWStep update;
        update.param = at::randn({count});
        update.expAvg = at::zeros({count});
        update.expAvgSq = at::zeros({count});
        at::Tensor p = update.param.to(at::kDouble);
        at::Tensor m = at::zeros({count}, at::kDouble);
        at::Tensor v = at::zeros({count}, at::kDouble);
        for (update.step = 1; update.step <= 20; ++update.step) {
            update.grad = at::randn({count});
            adamwStep(update);
            const at::Tensor g = update.grad.to(at::kDouble);
            const double step = static_cast<double>(update.step);
            p = p * (1 - update.lr * update.weightDecay);
            m = m * update.beta1 + g * (1 - update.beta1);
            v = v * update.beta2 + g * g * (1 - update.beta2);
            const at::Tensor root = (v / (1 - std::pow(update.beta2, step))).sqrt();
            p = p - update.lr * (m / (1 - std::pow(update.beta1, step))) / (root + update.eps);
        }
        // Twenty steps round a parameter below 4 up to forty times, by 1.2e-7 at most.
        SAMBA_COMPARE_TENSORS(update.param, p, 5e-6);
        SAMBA_COMPARE_TENSORS(update.expAvg, m, 1e-6);
        SAMBA_COMPARE_TENSORS(update.expAvgSq, v, 1e-6);
    }
}

void TestOpNumerics::adamwAsOperations()
{
    const auto make = [] {
        at::manual_seed(38);
        AdamWStep update;
        update.param = at::randn({3, 11});
        update.expAvg = at::zeros({3, 11});
        update.expAvgSq = at::zeros({3, 11});
        return update;
    };
    AdamWStep wanted = make();
    AdamWStep got = make();
    at::manual_seed(39);
    for (int64_t step = 1; step <= 5; ++step) {
        wanted.step = got.step = step;
        wanted.gradScale = got.gradScale = step == 2 ? 0.25 : 1.0;
        wanted.grad = got.grad = at::randn({3, 11});
        adamwStep(wanted);
        adamwUpdateTensors(got, adamwNumbers(got));
    }
    SAMBA_VERIFY_SAME(scaledDifference(got.param, wanted.param, 1e-6));
    SAMBA_VERIFY_SAME(scaledDifference(got.expAvg, wanted.expAvg, 1e-6));
    SAMBA_VERIFY_SAME(scaledDifference(got.expAvgSq, wanted.expAvgSq, 1e-6));
}

void TestOpNumerics::squaredNormAsOperations()
{
    at::manual_seed(40);
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble}) {
        const at::Tensor values = (at::randn({77, 5}, at::kDouble) * 30).to(dtype);
        const double wanted = squaredNorm(values);
        QVERIFY(std::abs(squaredNormTensors(values) - wanted) <= 1e-6 * wanted);
    }
    const std::vector<at::Tensor> several = {at::full({3}, 2.0f), at::full({2, 2}, -1.0f)};
    QCOMPARE(squaredNorm(several), 16.0);
    QCOMPARE(squaredNormTensors(several), 16.0);
    QCOMPARE(squaredNorm(at::TensorList()), 0.0);
    QCOMPARE(squaredNormTensors(at::TensorList()), 0.0);
}

void TestOpNumerics::sameBitsForAnyThreads()
{
    const CausalConv1dInputs values = makeConvInputs({.length = 150, .channels = 300});
    at::manual_seed(36);
    const at::Tensor x = at::randn({500, 77});
    const at::Tensor weight = at::randn({77});
    const auto run = [&](int threads) {
        const ThreadsInUse inUse(threads);
        const CausalConv1dInputs inputs = convVariables(values, at::kFloat);
        const CausalConv1dResult conv = causalConv1d(inputs);
        auto tensors =
            torch::autograd::grad({conv.y}, convTensors(inputs), {at::ones_like(conv.y)}, true);
        tensors.push_back(conv.y);
        const at::Tensor normX = variable(x);
        const at::Tensor normWeight = variable(weight);
        const at::Tensor y = rmsNorm(normX, normWeight, 1e-5);
        for (const at::Tensor& gradient :
             torch::autograd::grad({y}, {normX, normWeight}, {at::ones_like(y)}, true))
            tensors.push_back(gradient);
        tensors.push_back(y);
        AdamWStep update;
        update.param = at::ones({100'000});
        update.grad = at::arange(100'000, at::kFloat) / 1000;
        update.expAvg = at::zeros({100'000});
        update.expAvgSq = at::zeros({100'000});
        adamwStep(update);
        tensors.push_back(update.param);
        tensors.push_back(at::full({}, squaredNorm(update.grad), at::kDouble));
        return tensors;
    };
    const auto one = run(1);
    for (const int threads : {2, 3}) {
        const auto several = run(threads);
        for (size_t i = 0; i < one.size(); ++i)
            SAMBA_VERIFY_SAME(bitDifference(several[i], one[i]));
    }
}

void TestOpNumerics::autocastChangesNothing()
{
    const CausalConv1dInputs conv = makeConvInputs({});
    const LossInputs loss = makeLossInputs(20, 40);
    const auto run = [&] {
        const at::Tensor hidden = variable(loss.hidden.to(at::kFloat));
        const at::Tensor weight = variable(loss.weight.to(at::kFloat));
        const at::Tensor value = linearCrossEntropy({hidden, weight, loss.targets}).loss;
        auto tensors = torch::autograd::grad({value}, {hidden, weight});
        tensors.push_back(value);
        tensors.push_back(causalConv1d(conv).y);
        tensors.push_back(rmsNorm(conv.x, conv.bias, 1e-5));
        return tensors;
    };
    const auto wanted = run();
    const AutocastInUse inUse;
    const auto got = run();
    for (size_t i = 0; i < wanted.size(); ++i)
        SAMBA_VERIFY_SAME(bitDifference(got[i], wanted[i]));
}

void TestOpNumerics::sameNumbersWithEveryInstructionSet()
{
    const LossInputs loss = makeLossInputs(20, 143);
    const auto run = [&] {
        const CausalConv1dInputs conv =
            convVariables(makeConvInputs({.length = 70, .channels = 35}), at::kFloat);
        const at::Tensor y = causalConv1d(conv).y;
        auto tensors = torch::autograd::grad({y}, convTensors(conv), {at::ones_like(y)}, true);
        tensors.push_back(y);
        const at::Tensor hidden = variable(loss.hidden);
        const at::Tensor value = linearCrossEntropy({hidden, loss.weight, loss.targets}).loss;
        tensors.push_back(torch::autograd::grad({value}, {hidden})[0]);
        const at::Tensor normWeight = variable(conv.bias);
        const at::Tensor normed = rmsNorm(conv.x, normWeight, 1e-5);
        tensors.push_back(
            torch::autograd::grad({normed}, {normWeight}, {at::ones_like(normed)}, true)[0]);
        tensors.push_back(normed);
        return tensors;
    };
    const auto wanted = run();
    for (const std::string& set : instructionSets()) {
        const InstructionSetInUse inUse(set);
        const auto got = run();
        for (size_t i = 0; i < wanted.size(); ++i)
            SAMBA_VERIFY_SAME(scaledDifference(got[i], wanted[i], 1e-5));
    }
}

namespace {

struct WrongCall {
    const char* row;
    const char* start; ///< of the message
    void (*call)();
};

const at::Tensor& convX()
{
    static const at::Tensor x = at::ones({2, 5, 8});
    return x;
}

AdamWStep adamwOf(int64_t count)
{
    AdamWStep update;
    update.param = at::ones({count});
    update.grad = at::ones({count});
    update.expAvg = at::zeros({count});
    update.expAvgSq = at::zeros({count});
    return update;
}

const WrongCall kWrongCalls[] = {
    {"conv: x", "causalConv1d: x: wanted 3 dimensions, got ",
     [] {
         causalConv1d({convX()[0], at::ones({8, 4})});
     }},
    {"conv: weight", "causalConv1d: weight: wanted shape [8, 4], got [9, 4]",
     [] {
         causalConv1d({convX(), at::ones({9, 4})});
     }},
    {"conv: too wide", "causalConv1d: window of weight: wanted a value in [2, 8], got 9",
     [] {
         causalConv1d({convX(), at::ones({8, 9})});
     }},
    {"conv: bias", "causalConv1d: bias: wanted dtype Float, got Double",
     [] {
         causalConv1d({convX(), at::ones({8, 4}), at::ones({8}, at::kDouble)});
     }},
    {"conv: initialState", "causalConv1d: initialState: wanted shape [2, 3, 8], got [2, 4, 8]",
     [] {
         causalConv1d({convX(), at::ones({8, 4}), {}, at::ones({2, 4, 8})});
     }},
    {"conv step: state", "causalConv1dStep: state: wanted shape [5, 3, 8], got [5, 2, 8]",
     [] {
         causalConv1dStep({convX()[0], at::ones({5, 2, 8}), at::ones({8, 4})});
     }},
    {"norm: weight", "rmsNorm: weight: wanted shape [8], got [7]",
     [] { rmsNorm(convX(), at::ones({7}), 1e-5); }},
    {"norm: outputDtype", "rmsNorm: outputDtype: wanted ",
     [] { rmsNorm(convX(), at::ones({8}), 1e-5, at::kHalf); }},
    {"norm: eps", "rmsNorm: eps: wanted a value above 0, got 0",
     [] { rmsNorm(convX(), at::ones({8}), 0); }},
    {"loss: weight", "linearCrossEntropy: weight: wanted shape [9, 8], got [9, 7]",
     [] {
         linearCrossEntropy({at::ones({4, 8}), at::ones({9, 7}), at::zeros({4}, at::kLong)});
     }},
    {"loss: target too large",
     "linearCrossEntropy: targets: wanted values in [0, 6) or -100, got 6",
     [] {
         linearCrossEntropy(
             {at::ones({4, 8}), at::ones({9, 8}), at::full({4}, 6, at::kLong), -100, 6});
     }},
    {"loss: targets", "linearCrossEntropy: targets: wanted dtype Long, got Int",
     [] {
         linearCrossEntropy({at::ones({4, 8}), at::ones({9, 8}), at::zeros({4}, at::kInt)});
     }},
    {"adamw: grad", "adamwStep: grad: wanted 3 elements as in param, got 4",
     [] {
         AdamWStep update = adamwOf(3);
         update.grad = at::ones({4});
         adamwStep(update);
     }},
    {"adamw: step", "adamwStep: step: wanted a value in [1, ",
     [] {
         AdamWStep update = adamwOf(3);
         update.step = 0;
         adamwStep(update);
     }},
    {"adamw: beta2", "adamwStep: beta2: wanted a value in [0, 1), got 1",
     [] {
         AdamWStep update = adamwOf(3);
         update.beta2 = 1;
         adamwStep(update);
     }},
    {"norm of slices", "squaredNorm: values: wanted a contiguous tensor, got ",
     [] { squaredNorm(convX().mT()); }},
};

} // namespace

void TestOpNumerics::wrongCallsNameTheTensor_data()
{
    QTest::addColumn<int>("call");
    for (int i = 0; i < static_cast<int>(std::size(kWrongCalls)); ++i)
        QTest::newRow(kWrongCalls[i].row) << i;
}

void TestOpNumerics::wrongCallsNameTheTensor()
{
    QFETCH(int, call);
    const std::string error = errorOf(kWrongCalls[call].call);
    QVERIFY2(error.starts_with(kWrongCalls[call].start), error.c_str());
}

QTEST_GUILESS_MAIN(TestOpNumerics)
#include "tst_op_numerics.moc"
