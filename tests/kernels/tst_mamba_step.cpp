// The fused decoding step against the single operations, one after the other.

#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/mamba_step/mamba_step.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/selective_scan/selective_scan.h"
#include "tests/kernels/op_checks.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <QTest>

#include <cmath>

using namespace samba::kernels;
using namespace samba::test;

namespace {

struct Shape {
    int64_t batch;
    int64_t dModel;
    int64_t dInner;
    int64_t dtRank;
    int64_t dState;
    int64_t width;
};

/// A layer of random weights; `hasBiases` for those that a model may lack.
MambaStepInputs randomLayer(const Shape& s, WeightFormat format, bool hasBiases)
{
    at::Generator generator = at::detail::createCPUGenerator(1);
    const auto normal = [&](std::vector<int64_t> shape, double deviation) {
        return at::empty(shape, at::kFloat).normal_(0.0, deviation, generator);
    };
    const auto matrix = [&](int64_t rows, int64_t columns) {
        return packMatrix(normal({rows, columns}, 1.0 / std::sqrt(static_cast<double>(columns))),
                          format);
    };
    MambaStepInputs in;
    in.x = normal({s.batch, s.dModel}, 1.0);
    in.norm = normal({s.dModel}, 1.0);
    in.normEpsilon = 1e-5;
    in.inProj = matrix(2 * s.dInner, s.dModel);
    in.convWeight = normal({s.dInner, s.width}, 0.5);
    in.xProj = matrix(s.dtRank + 2 * s.dState, s.dInner);
    in.dtProj = matrix(s.dInner, s.dtRank);
    in.dtBias = normal({s.dInner}, 1.0);
    in.A = -normal({s.dInner, s.dState}, 1.0).exp();
    in.D = normal({s.dInner}, 1.0);
    in.outProj = matrix(s.dModel, s.dInner);
    in.convState = normal({s.batch, s.width - 1, s.dInner}, 1.0);
    in.ssmState = normal({s.batch, s.dInner, s.dState}, 1.0);
    if (hasBiases) {
        in.inBias = normal({2 * s.dInner}, 1.0);
        in.convBias = normal({s.dInner}, 1.0);
        in.outBias = normal({s.dModel}, 1.0);
    }
    return in;
}

/// A copy whose states can be advanced by themselves.
MambaStepInputs withOwnStates(MambaStepInputs in)
{
    in.convState = in.convState.clone();
    in.ssmState = in.ssmState.clone();
    return in;
}

at::Tensor product(const PackedMatrix& matrix, const at::Tensor& x, const at::Tensor& bias)
{
    const at::Tensor y = at::mm(x, unpackMatrix(matrix).to(at::kDouble).t());
    return bias.defined() ? y + bias : y;
}

/// The layer in float64, operation by operation; advances the states of `in`, which it replaces.
at::Tensor stepByOperations(MambaStepInputs& in)
{
    const auto wide = [](at::Tensor& tensor) {
        if (tensor.defined())
            tensor = tensor.to(at::kDouble);
    };
    for (at::Tensor* tensor : {&in.x, &in.norm, &in.inBias, &in.convWeight, &in.convBias,
                               &in.dtBias, &in.A, &in.D, &in.outBias, &in.convState, &in.ssmState})
        wide(*tensor);
    const int64_t dState = in.A.size(1);
    const at::Tensor normed = rmsNorm(in.x, in.norm, in.normEpsilon);
    const std::vector<at::Tensor> uz = product(in.inProj, normed, in.inBias).chunk(2, -1);
    const at::Tensor u = causalConv1dStep({.x = uz[0],
                                           .state = in.convState,
                                           .weight = in.convWeight,
                                           .bias = in.convBias,
                                           .silu = true});
    const std::vector<at::Tensor> parts =
        product(in.xProj, u, {}).split_with_sizes({in.dtProj.columns, dState, dState}, -1);
    const at::Tensor y = selectiveScanStep({.u = u,
                                            .delta = product(in.dtProj, parts[0], {}),
                                            .A = in.A,
                                            .B = parts[1],
                                            .C = parts[2],
                                            .D = in.D,
                                            .z = uz[1],
                                            .deltaBias = in.dtBias,
                                            .state = in.ssmState});
    return in.x + product(in.outProj, y, in.outBias);
}

constexpr WeightFormat kFormats[] = {WeightFormat::Float32, WeightFormat::BFloat16,
                                     WeightFormat::Int8, WeightFormat::Int4};

} // namespace

class TestMambaStep : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matchesTheOperations_data();
    void matchesTheOperations();
    void threadsDoNotChangeABit();
    void wrongArgumentsAreRefused_data();
    void wrongArgumentsAreRefused();
};

void TestMambaStep::matchesTheOperations_data()
{
    QTest::addColumn<int>("shape");
    QTest::addColumn<int>("format");
    QTest::addColumn<bool>("hasBiases");
    for (int shape = 0; shape < 4; ++shape)
        for (int format = 0; format < 4; ++format)
            for (const bool hasBiases : {false, true})
                QTest::addRow("shape %d format %d%s", shape, format, hasBiases ? " biases" : "")
                    << shape << format << hasBiases;
}

void TestMambaStep::matchesTheOperations()
{
    constexpr Shape kShapes[] = {
        {1, 64, 128, 4, 16, 4}, {3, 48, 96, 3, 7, 2}, {2, 33, 41, 5, 1, 8}, {1, 7, 14, 1, 40, 3}};
    QFETCH(int, shape);
    QFETCH(int, format);
    QFETCH(bool, hasBiases);
    const MambaStepInputs layer = randomLayer(kShapes[shape], kFormats[format], hasBiases);
    for (const std::string& set : instructionSets()) {
        const InstructionSetInUse use(set);
        MambaStepInputs fused = withOwnStates(layer);
        MambaStepInputs plain = withOwnStates(layer);
        for (int token = 0; token < 3; ++token) {
            fused.x = mambaStep(fused);
            plain.x = stepByOperations(plain);
            // Codes are multiplied with vectors rounded to 16 bits.
            const double tolerance = layer.inProj.scales.defined() ? 1e-3 : 2e-5;
            SAMBA_VERIFY_SAME(scaledDifference(fused.x.to(at::kDouble), plain.x, tolerance));
            SAMBA_VERIFY_SAME(
                scaledDifference(fused.convState.to(at::kDouble), plain.convState, tolerance));
            SAMBA_VERIFY_SAME(
                scaledDifference(fused.ssmState.to(at::kDouble), plain.ssmState, tolerance));
        }
    }
}

// Large enough that a layer is worth seven threads.
void TestMambaStep::threadsDoNotChangeABit()
{
    for (const WeightFormat format : kFormats) {
        const MambaStepInputs layer = randomLayer({2, 760, 1530, 49, 16, 4}, format, true);
        const auto run = [&](int threads) {
            const ThreadsInUse inUse(threads);
            const MambaStepInputs in = withOwnStates(layer);
            return at::cat(
                {mambaStep(in).flatten(), in.convState.flatten(), in.ssmState.flatten()});
        };
        const at::Tensor alone = run(1);
        for (const int threads : {2, 3, 7})
            SAMBA_VERIFY_SAME(bitDifference(run(threads), alone));
    }
}

void TestMambaStep::wrongArgumentsAreRefused_data()
{
    QTest::addColumn<QString>("tensor");
    for (const char* tensor : {"x", "norm", "outProj", "convState", "ssmState"})
        QTest::newRow(tensor) << QString::fromLatin1(tensor);
}

void TestMambaStep::wrongArgumentsAreRefused()
{
    QFETCH(QString, tensor);
    MambaStepInputs in = randomLayer({2, 8, 16, 1, 4, 4}, WeightFormat::Float32, false);
    const std::string name = tensor.toStdString();
    if (name == "x")
        in.x = in.x.to(at::kDouble);
    else if (name == "norm")
        in.norm = in.norm.narrow(0, 0, 7);
    else if (name == "outProj")
        in.outProj = packMatrix(at::zeros({9, 16}), WeightFormat::Float32);
    else if (name == "convState")
        in.convState = in.convState.transpose(1, 2).contiguous().transpose(1, 2);
    else
        in.ssmState = at::zeros({1, 16, 4});
    const std::string error = errorOf([&] { mambaStep(in); });
    QVERIFY2(error.find("mambaStep: " + name) != std::string::npos, error.c_str());
}

QTEST_GUILESS_MAIN(TestMambaStep)
#include "tst_mamba_step.moc"
