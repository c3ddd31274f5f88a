#include "kernels/causal_conv1d/causal_conv1d_cuda_tensors.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/rms_norm/rms_norm_cuda_tensors.h"
#include "kernels/selective_scan/selective_scan_cuda_tensors.h"
#include "tests/kernels/op_checks.h"
#include "tests/kernels/op_reference.h"
#include "tests/kernels/scan_cases.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QTest>

using namespace samba;
using namespace samba::kernels;
using namespace samba::test;

namespace {

/// Relative to the largest value; bfloat16 results are rounded to 8 bits.
double toleranceOf(at::ScalarType dtype)
{
    return dtype == at::kBFloat16 ? 1e-2 : dtype == at::kHalf ? 2e-3 : 2e-5;
}

at::Tensor variable(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.to(at::kDouble).detach().clone().set_requires_grad(true)
                            : tensor;
}

/// A slice of a wider tensor with the values of `tensor`, in a dtype.
at::Tensor slice(const at::Tensor& tensor, at::ScalarType dtype)
{
    return asSlice(tensor.to(dtype));
}

void addDtypes()
{
    QTest::addColumn<int>("dtype");
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf})
        QTest::newRow(c10::toString(dtype)) << static_cast<int>(dtype);
}

} // namespace

/// What lies between the ops and the CUDA launchers: layouts, strides, optional tensors, sums over
/// partial gradients. The bodies for CUDA tensors run here on tensors in main memory, their kernels
/// under emulation, against the float64 ops of the CPU.
class TestCudaTensors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scan_data() { addDtypes(); }
    void scan();
    void scanOfBareInputs();
    void scanSteps_data() { addDtypes(); }
    void scanSteps();
    void conv_data() { addDtypes(); }
    void conv();
    void convSteps_data() { addDtypes(); }
    void convSteps();
    void norm_data() { addDtypes(); }
    void norm();
    void opsWithoutTheLibraryNameIt();
};

void TestCudaTensors::scan()
{
    QFETCH(int, dtype);
    const auto stored = static_cast<at::ScalarType>(dtype);
    SelectiveScanInputs inputs = makeScanInputs({.length = 19, .states = 5}, at::kFloat);
    for (at::Tensor SelectiveScanInputs::*wide :
         {&SelectiveScanInputs::u, &SelectiveScanInputs::delta, &SelectiveScanInputs::z,
          &SelectiveScanInputs::B, &SelectiveScanInputs::C})
        inputs.*wide = slice(inputs.*wide, stored);
    const SelectiveScanInputs reference = asDouble(inputs, true);
    const SelectiveScanResult wanted = selectiveScan(reference);
    const at::Tensor gradY = slice(at::randn(wanted.y.sizes()), stored);
    const at::Tensor gradState = at::randn(wanted.lastState.sizes());
    const auto wantedGradients =
        torch::autograd::grad({wanted.y, wanted.lastState}, definedTensors(reference),
                              {gradY.to(at::kDouble), gradState.to(at::kDouble)});

    const CudaScanTensors got = gpu::scanForwardTensors(inputs);
    QCOMPARE(got.y.scalar_type(), stored);
    SAMBA_VERIFY_SAME(scaledDifference(got.y, wanted.y, toleranceOf(stored)));
    SAMBA_VERIFY_SAME(scaledDifference(got.chunkStates.select(2, -1), wanted.lastState, 2e-5));
    const SelectiveScanInputs gradients =
        gpu::scanBackwardTensors(inputs, got.chunkStates, gradY, gradState);
    size_t next = 0;
    for (const auto& [name, member] : scanMembers()) {
        QCOMPARE((gradients.*member).scalar_type(), (inputs.*member).scalar_type());
        const std::string difference =
            scaledDifference(gradients.*member, wantedGradients[next++], toleranceOf(stored));
        QVERIFY2(difference.empty(), (std::string(name) + ": " + difference).c_str());
    }
}

void TestCudaTensors::scanOfBareInputs()
{
    const SelectiveScanInputs inputs = makeScanInputs(
        {.skip = false, .gate = false, .bias = false, .initialState = false}, at::kFloat);
    const SelectiveScanInputs reference = asDouble(inputs, true);
    const SelectiveScanResult wanted = selectiveScan(reference);
    const at::Tensor gradY = at::randn(wanted.y.sizes());
    const auto wantedGradients =
        torch::autograd::grad({wanted.y}, definedTensors(reference), {gradY.to(at::kDouble)});
    const CudaScanTensors got = gpu::scanForwardTensors(inputs);
    SAMBA_VERIFY_SAME(scaledDifference(got.y, wanted.y, 2e-5));
    const SelectiveScanInputs gradients =
        gpu::scanBackwardTensors(inputs, got.chunkStates, gradY, at::Tensor());
    size_t next = 0;
    for (const auto& [name, member] : scanMembers()) {
        QCOMPARE((gradients.*member).defined(), (inputs.*member).defined());
        if ((inputs.*member).defined())
            SAMBA_VERIFY_SAME(scaledDifference(gradients.*member, wantedGradients[next++], 2e-5));
    }
}

void TestCudaTensors::scanSteps()
{
    QFETCH(int, dtype);
    const auto stored = static_cast<at::ScalarType>(dtype);
    const SelectiveScanInputs inputs = makeScanInputs({.length = 3}, at::kFloat);
    const auto at = [&](const at::Tensor& tensor, int64_t t) {
        return slice(tensor.select(1, t), stored);
    };
    const at::Tensor state = inputs.initialState.clone();
    const at::Tensor wantedState = inputs.initialState.to(at::kDouble);
    for (int64_t t = 0; t < 3; ++t) {
        const SelectiveScanStepInputs step{at(inputs.u, t),     at(inputs.delta, t), inputs.A,
                                           at(inputs.B, t),     at(inputs.C, t),     inputs.D,
                                           at(inputs.z, t),     inputs.deltaBias,    state,
                                           inputs.deltaSoftplus};
        const auto exact = [](const at::Tensor& tensor) { return tensor.to(at::kDouble); };
        const at::Tensor wanted = selectiveScanStep(
            {exact(step.u), exact(step.delta), exact(step.A), exact(step.B), exact(step.C),
             exact(step.D), exact(step.z), exact(step.deltaBias), wantedState});
        SAMBA_VERIFY_SAME(
            scaledDifference(gpu::scanStepTensors(step), wanted, toleranceOf(stored)));
        SAMBA_VERIFY_SAME(scaledDifference(state, wantedState, 2e-5));
    }
}

void TestCudaTensors::conv()
{
    QFETCH(int, dtype);
    const auto stored = static_cast<at::ScalarType>(dtype);
    at::manual_seed(41);
    const CausalConv1dInputs inputs{slice(at::randn({2, 70, 13}), stored), at::randn({13, 4}),
                                    at::randn({13}), at::randn({2, 3, 13}), true};
    const CausalConv1dInputs reference{variable(inputs.x), variable(inputs.weight),
                                       variable(inputs.bias), variable(inputs.initialState), true};
    const CausalConv1dResult wanted = causalConv1d(reference);
    const at::Tensor gradY = slice(at::randn(wanted.y.sizes()), stored);
    const at::Tensor gradState = at::randn(wanted.finalState.sizes());
    const auto wantedGradients = torch::autograd::grad(
        {wanted.y, wanted.finalState},
        {reference.x, reference.weight, reference.bias, reference.initialState},
        {gradY.to(at::kDouble), gradState.to(at::kDouble)});
    SAMBA_VERIFY_SAME(
        scaledDifference(gpu::convForwardTensors(inputs), wanted.y, toleranceOf(stored)));
    const CudaConvGradients got = gpu::convBackwardTensors(inputs, gradY, gradState);
    SAMBA_VERIFY_SAME(scaledDifference(got.x, wantedGradients[0], toleranceOf(stored)));
    SAMBA_VERIFY_SAME(scaledDifference(got.weight, wantedGradients[1], 2e-5));
    SAMBA_VERIFY_SAME(scaledDifference(got.bias, wantedGradients[2], 2e-5));
    SAMBA_VERIFY_SAME(scaledDifference(got.initialState, wantedGradients[3], 2e-5));
}

void TestCudaTensors::convSteps()
{
    QFETCH(int, dtype);
    const auto stored = static_cast<at::ScalarType>(dtype);
    at::manual_seed(42);
    const at::Tensor weight = at::randn({13, 4});
    const at::Tensor bias = at::randn({13});
    const at::Tensor state = at::randn({2, 3, 13});
    const at::Tensor wantedState = state.to(at::kDouble);
    for (int t = 0; t < 5; ++t) {
        const at::Tensor x = slice(at::randn({2, 13}), stored);
        const at::Tensor wanted = causalConv1dStep(
            {x.to(at::kDouble), wantedState, weight.to(at::kDouble), bias.to(at::kDouble), true});
        SAMBA_VERIFY_SAME(scaledDifference(gpu::convStepTensors({x, state, weight, bias, true}),
                                           wanted, toleranceOf(stored)));
        SAMBA_VERIFY_SAME(scaledDifference(state, wantedState, 0.0));
    }
}

void TestCudaTensors::norm()
{
    QFETCH(int, dtype);
    const auto stored = static_cast<at::ScalarType>(dtype);
    at::manual_seed(43);
    const at::Tensor weight = at::randn({37});
    // float32 in, and out as a matrix product wants it.
    const at::Tensor x = at::randn({70, 37});
    const at::Tensor reference = variable(x);
    const at::Tensor referenceWeight = variable(weight);
    const at::Tensor wanted = rmsNorm(reference, referenceWeight, 1e-5);
    const at::Tensor gradY = at::randn({70, 37}).to(stored);
    const auto wantedGradients =
        torch::autograd::grad({wanted}, {reference, referenceWeight}, {gradY.to(at::kDouble)});
    const CudaNormTensors got = gpu::normForwardTensors(x, weight, 1e-5, stored);
    QCOMPARE(got.y.scalar_type(), stored);
    SAMBA_VERIFY_SAME(scaledDifference(got.y, wanted, toleranceOf(stored)));
    const CudaNormGradients gradients = gpu::normBackwardTensors(x, weight, got.scale, gradY);
    SAMBA_VERIFY_SAME(scaledDifference(gradients.x, wantedGradients[0], 2e-5));
    SAMBA_VERIFY_SAME(scaledDifference(gradients.weight, wantedGradients[1], 2e-5));
}

void TestCudaTensors::opsWithoutTheLibraryNameIt()
{
    setCudaOps(nullptr);
    QCOMPARE(errorOf([] { cudaOps("rmsNorm"); }),
             std::string("rmsNorm: got CUDA tensors, but the library with the CUDA kernels is not "
                         "loaded"));
}

QTEST_GUILESS_MAIN(TestCudaTensors)
#include "tst_cuda_tensors.moc"
