// Convolution, norm, vocabulary loss and AdamW against fixtures and plain tensor formulas.

#include "kernels/adamw/adamw.h"
#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/linear_cross_entropy/linear_cross_entropy.h"
#include "kernels/rms_norm/rms_norm.h"
#include "tests/kernels/op_reference.h"
#include "tests/support/tensor_compare.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <QTest>

#include <cmath>

using namespace samba;
using namespace samba::kernels;

namespace {

at::Tensor randomTensor(std::vector<int64_t> shape, at::ScalarType type, uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    return at::empty(shape, at::kDouble).normal_(0.0, 1.0, generator).to(type);
}

at::Tensor leaf(const at::Tensor& tensor)
{
    return tensor.detach().clone().requires_grad_(true);
}

at::Tensor plainNorm(const at::Tensor& x, const at::Tensor& weight, double eps)
{
    return x * at::rsqrt(x.square().mean({-1}, true) + eps) * weight;
}

} // namespace

class TestKernelOps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { at::set_num_threads(2); }
    void convMatchesFixtures_data();
    void convMatchesFixtures();
    void convStepsMatchTheSequence_data();
    void convStepsMatchTheSequence();
    void convReadsSlices();
    void normMatchesItsFormula_data();
    void normMatchesItsFormula();
    void lossMatchesPlainCrossEntropy_data();
    void lossMatchesPlainCrossEntropy();
    void lossIgnoresAndMasks();
    void adamwMatchesItsFormula();
    void squaredNormIsExact();
    void threadsDoNotChangeABit();
    void wrongShapesAreRefused();
};

void TestKernelOps::convMatchesFixtures_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isDouble");
    for (const char* name : {"conv_L1_K3_nobias", "conv_L2_K4_bias_initial", "conv_L64_K2_bias",
                             "conv_L64_K4_bias", "conv_L7_K3_bias_initial", "conv_L7_K4_nobias"})
        for (const bool isDouble : {true, false})
            QTest::addRow("%s, %s", name, isDouble ? "float64" : "float32")
                << QString::fromUtf8(name) << isDouble;
}

void TestKernelOps::convMatchesFixtures()
{
    QFETCH(QString, name);
    QFETCH(bool, isDouble);
    const test::OpReference reference(name.toStdString());
    const at::ScalarType type = isDouble ? at::kDouble : at::kFloat;
    const test::Tolerance tolerance{isDouble ? 1e-12 : 1e-5, isDouble ? 1e-12 : 1e-5};
    const auto input = [](const at::Tensor& t) { return t.defined() ? leaf(t) : t; };
    const at::Tensor x = input(reference.swapped("x", type));
    const at::Tensor weight = input(reference.plain("weight", type));
    const at::Tensor bias = input(reference.plain("bias", type));
    const at::Tensor initial = input(reference.swapped("initial_state", type));

    const CausalConv1dResult result =
        causalConv1d({.x = x, .weight = weight, .bias = bias, .initialState = initial});
    SAMBA_COMPARE_TENSORS(result.y, reference.swapped("out.y", type), tolerance.absolute,
                          tolerance.relative);
    SAMBA_COMPARE_TENSORS(result.finalState, reference.swapped("out.final_state", type),
                          tolerance.absolute, tolerance.relative);

    (result.y * reference.swapped("grad_out.y", type)).sum().backward();
    SAMBA_COMPARE_TENSORS(x.grad(), reference.swapped("grad.x", type), tolerance.absolute,
                          tolerance.relative);
    SAMBA_COMPARE_TENSORS(weight.grad(), reference.plain("grad.weight", type), tolerance.absolute,
                          tolerance.relative);
    if (bias.defined())
        SAMBA_COMPARE_TENSORS(bias.grad(), reference.plain("grad.bias", type), tolerance.absolute,
                              tolerance.relative);
    if (initial.defined())
        SAMBA_COMPARE_TENSORS(initial.grad(), reference.swapped("grad.initial_state", type),
                              tolerance.absolute, tolerance.relative);
}

void TestKernelOps::convStepsMatchTheSequence_data()
{
    QTest::addColumn<qint64>("width");
    for (const qint64 width : {2, 3, 4, 5, 6, 7, 8})
        QTest::addRow("width %lld", width) << width;
}

void TestKernelOps::convStepsMatchTheSequence()
{
    QFETCH(qint64, width);
    const at::Tensor x = randomTensor({2, 13, 19}, at::kFloat, 1);
    const at::Tensor weight = randomTensor({19, width}, at::kFloat, 2);
    const at::Tensor bias = randomTensor({19}, at::kFloat, 3);
    const CausalConv1dResult whole = causalConv1d({.x = x, .weight = weight, .bias = bias});
    const at::Tensor state = at::zeros({2, width - 1, 19});
    for (int64_t t = 0; t < 13; ++t) {
        const at::Tensor y =
            causalConv1dStep({.x = x.select(1, t), .state = state, .weight = weight, .bias = bias});
        SAMBA_COMPARE_TENSORS(y, whole.y.select(1, t), 1e-5);
    }
    SAMBA_COMPARE_TENSORS(state, whole.finalState);
}

void TestKernelOps::convReadsSlices()
{
    const at::Tensor x = randomTensor({2, 13, 19}, at::kFloat, 1);
    const at::Tensor weight = randomTensor({19, 4}, at::kFloat, 2);
    QVERIFY(at::equal(causalConv1d({.x = test::asSlice(x), .weight = weight}).y,
                      causalConv1d({.x = x, .weight = weight}).y));
}

void TestKernelOps::normMatchesItsFormula_data()
{
    QTest::addColumn<qint64>("width");
    for (const qint64 width : {1, 15, 16, 17, 192, 1000})
        QTest::addRow("width %lld", width) << width;
}

void TestKernelOps::normMatchesItsFormula()
{
    QFETCH(qint64, width);
    const at::Tensor exactX = leaf(randomTensor({3, 5, width}, at::kDouble, 4));
    const at::Tensor exactWeight = leaf(randomTensor({width}, at::kDouble, 5));
    const at::Tensor pull = randomTensor({3, 5, width}, at::kDouble, 6);
    const at::Tensor wanted = plainNorm(exactX, exactWeight, 1e-5);
    (wanted * pull).sum().backward();
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
        const test::Tolerance tolerance{type == at::kDouble ? 1e-11 : 2e-5, 2e-5};
        const at::Tensor x = leaf(exactX.to(type));
        const at::Tensor weight = leaf(exactWeight.to(type));
        const at::Tensor y = rmsNorm(x, weight, 1e-5);
        SAMBA_COMPARE_TENSORS(y, wanted, tolerance.absolute, tolerance.relative);
        (y * pull.to(type)).sum().backward();
        SAMBA_COMPARE_TENSORS(x.grad(), exactX.grad(), tolerance.absolute, tolerance.relative);
        SAMBA_COMPARE_TENSORS(weight.grad(), exactWeight.grad(), tolerance.absolute,
                              tolerance.relative);
    }
}

void TestKernelOps::lossMatchesPlainCrossEntropy_data()
{
    QTest::addColumn<qint64>("tokens");
    QTest::addColumn<qint64>("vocabulary");
    for (const qint64 tokens : {1, 2, 63, 257, 1100})
        QTest::addRow("tokens %lld", tokens) << tokens << qint64{37};
    QTest::addRow("large vocabulary") << qint64{70} << qint64{5003};
}

void TestKernelOps::lossMatchesPlainCrossEntropy()
{
    QFETCH(qint64, tokens);
    QFETCH(qint64, vocabulary);
    const at::Tensor exactHidden = leaf(randomTensor({tokens, 24}, at::kDouble, 7));
    const at::Tensor exactWeight = leaf(randomTensor({vocabulary, 24}, at::kDouble, 8));
    const at::Tensor targets = at::arange(tokens, at::kLong).mul_(13).remainder_(vocabulary);
    const at::Tensor logits = at::linear(exactHidden, exactWeight);
    const at::Tensor wanted = at::cross_entropy_loss(logits, targets);
    (wanted * 3.0).backward();
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
        const test::Tolerance tolerance{type == at::kDouble ? 1e-10 : 2e-5, 1e-5};
        const at::Tensor hidden = leaf(exactHidden.to(type));
        const at::Tensor weight = leaf(exactWeight.to(type));
        const LinearCrossEntropyResult result =
            linearCrossEntropy({.hidden = hidden, .weight = weight, .targets = targets});
        SAMBA_COMPARE_TENSORS(result.loss, wanted, tolerance.absolute, tolerance.relative);
        QCOMPARE(result.counted.item<int64_t>(), int64_t{tokens});
        QCOMPARE(result.correct.item<int64_t>(),
                 logits.argmax(-1).eq(targets).sum().item<int64_t>());
        (result.loss * 3.0).backward();
        SAMBA_COMPARE_TENSORS(hidden.grad(), exactHidden.grad(), tolerance.absolute,
                              tolerance.relative);
        SAMBA_COMPARE_TENSORS(weight.grad(), exactWeight.grad(), tolerance.absolute,
                              tolerance.relative);
    }
}

void TestKernelOps::lossIgnoresAndMasks()
{
    const at::Tensor hidden = randomTensor({6, 8}, at::kDouble, 9);
    const at::Tensor weight = randomTensor({10, 8}, at::kDouble, 10);
    const at::Tensor targets = at::tensor({1, -100, 3, 6, -100, 0}, at::kLong);
    const LinearCrossEntropyResult result = linearCrossEntropy(
        {.hidden = hidden, .weight = weight, .targets = targets, .validVocab = 7});
    const at::Tensor logits = at::linear(hidden, weight).slice(1, 0, 7);
    SAMBA_COMPARE_TENSORS(result.loss, at::cross_entropy_loss(logits, targets), 1e-12);
    QCOMPARE(result.counted.item<int64_t>(), int64_t{4});
}

void TestKernelOps::adamwMatchesItsFormula()
{
    const AdamWStep settings{
        .lr = 0.01, .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .weightDecay = 0.1, .gradScale = 0.5};
    AdamWStep update = settings;
    update.param = randomTensor({37}, at::kFloat, 11);
    update.expAvg = at::zeros({37});
    update.expAvgSq = at::zeros({37});
    at::Tensor p = update.param.to(at::kDouble);
    at::Tensor m = at::zeros({37}, at::kDouble);
    at::Tensor v = at::zeros({37}, at::kDouble);
    for (int64_t step = 1; step <= 5; ++step) {
        update.grad = randomTensor({37}, at::kFloat, 20 + static_cast<uint64_t>(step));
        update.step = step;
        adamwStep(update);
        const at::Tensor g = update.grad.to(at::kDouble) * settings.gradScale;
        p = p * (1 - settings.lr * settings.weightDecay);
        m = settings.beta1 * m + (1 - settings.beta1) * g;
        v = settings.beta2 * v + (1 - settings.beta2) * g * g;
        const double t = static_cast<double>(step);
        const at::Tensor mHat = m / (1 - std::pow(settings.beta1, t));
        const at::Tensor vHat = v / (1 - std::pow(settings.beta2, t));
        p = p - settings.lr * mHat / (vHat.sqrt() + settings.eps);
        SAMBA_COMPARE_TENSORS(update.param, p, 1e-5, 1e-5);
    }
}

void TestKernelOps::squaredNormIsExact()
{
    const at::Tensor values = randomTensor({100'003}, at::kFloat, 12);
    const double wanted = values.to(at::kDouble).square().sum().item<double>();
    QVERIFY(std::abs(squaredNorm(values) - wanted) < 1e-9 * wanted);
}

void TestKernelOps::threadsDoNotChangeABit()
{
    const at::Tensor x = randomTensor({3, 67, 100}, at::kFloat, 13);
    const at::Tensor weight = randomTensor({100, 4}, at::kFloat, 14);
    const at::Tensor gain = randomTensor({100}, at::kFloat, 15);
    at::set_num_threads(1);
    const at::Tensor conv = causalConv1d({.x = x, .weight = weight}).y;
    const at::Tensor norm = rmsNorm(x, gain, 1e-5);
    const double squares = squaredNorm(x);
    at::set_num_threads(3);
    QVERIFY(at::equal(causalConv1d({.x = x, .weight = weight}).y, conv));
    QVERIFY(at::equal(rmsNorm(x, gain, 1e-5), norm));
    QCOMPARE(squaredNorm(x), squares);
}

void TestKernelOps::wrongShapesAreRefused()
{
    const at::Tensor x = at::ones({2, 5, 8});
    QVERIFY_EXCEPTION_THROWN(causalConv1d({.x = x, .weight = at::ones({9, 4})}), c10::Error);
    QVERIFY_EXCEPTION_THROWN(causalConv1d({.x = x, .weight = at::ones({8, 9})}), c10::Error);
    QVERIFY_EXCEPTION_THROWN(rmsNorm(x, at::ones({7}), 1e-5), c10::Error);
    QVERIFY_EXCEPTION_THROWN(linearCrossEntropy({.hidden = at::ones({4, 8}),
                                                 .weight = at::ones({10, 8}),
                                                 .targets = at::full({4}, 10, at::kLong)}),
                             c10::Error);
}

QTEST_GUILESS_MAIN(TestKernelOps)
#include "tst_kernel_ops.moc"
