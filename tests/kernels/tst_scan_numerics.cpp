#include "tests/kernels/op_checks.h"
#include "tests/kernels/op_fixture.h"
#include "tests/kernels/scan_cases.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QTest>

using namespace samba;
using namespace samba::test;
using kernels::SelectiveScanInputs;
using kernels::SelectiveScanResult;
using kernels::SelectiveScanStepInputs;

Q_DECLARE_METATYPE(samba::test::ScanCase)

/// What the scan computes, in every arithmetic and with every instruction set: against known
/// answers, the literal loop, numeric gradients and itself.
class TestScanNumerics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fixture_data();
    void fixture();
    void againstLiteralLoop_data() { caseRows(); }
    void againstLiteralLoop();
    void gradientsAgainstSequential_data() { caseRows(); }
    void gradientsAgainstSequential();
    void numericGradient_data();
    void numericGradient();
    void gradientOfOneResultOnly();
    void stepByStep_data();
    void stepByStep();
    void continuesFromState();
    void threadsDoNotChangeABit();
    void slicesAreReadInPlace_data();
    void slicesAreReadInPlace();
    void sameBitsForAnyThreads_data();
    void sameBitsForAnyThreads();
    void autocastChangesNothing();
    void wrongCallsNameTheTensor_data();
    void wrongCallsNameTheTensor();
    void wrongStepsNameTheTensor_data();
    void wrongStepsNameTheTensor();

private:
    static void caseRows();
};

namespace {

/// Tolerances, relative to the largest value.
double tolerance(at::ScalarType dtype)
{
    switch (dtype) {
    case at::kDouble:
        return 1e-12;
    case at::kBFloat16:
        return 1e-2; // results are rounded to 8 bits
    default:
        return 1e-5;
    }
}

const char* nameOf(at::ScalarType dtype)
{
    return dtype == at::kDouble ? "f64" : dtype == at::kBFloat16 ? "bf16" : "f32";
}

SelectiveScanInputs fixtureInputs(const OpFixture& fixture, at::ScalarType dtype)
{
    const auto cast = [&](const at::Tensor& tensor) {
        return tensor.defined() ? tensor.to(dtype).set_requires_grad(true) : tensor;
    };
    SelectiveScanInputs inputs;
    inputs.u = cast(fixture.timeMajor("u"));
    inputs.delta = cast(fixture.timeMajor("delta"));
    inputs.A = cast(fixture.tensor("A"));
    inputs.B = cast(fixture.timeMajor("B"));
    inputs.C = cast(fixture.timeMajor("C"));
    inputs.D = cast(fixture.tensor("D"));
    inputs.z = cast(fixture.timeMajor("z"));
    inputs.deltaBias = cast(fixture.tensor("delta_bias"));
    inputs.initialState = cast(fixture.tensor("initial_state"));
    inputs.deltaSoftplus = fixture.metadata("delta_softplus") == "true";
    return inputs;
}

/// A gradient of the file in the layout of the op.
at::Tensor fixtureGradient(const OpFixture& fixture, const std::string& kind, const char* member)
{
    const std::string name = member;
    if (name == "deltaBias")
        return fixture.tensor(kind + ".delta_bias");
    if (name == "initialState")
        return fixture.tensor(kind + ".initial_state");
    if (name == "A" || name == "D")
        return fixture.tensor(kind + "." + name);
    return fixture.timeMajor(kind + "." + name);
}

/// Compares results and all gradients with those of a file.
void compareWithFixture(const OpFixture& fixture, at::ScalarType dtype)
{
    const double relative = dtype == at::kDouble ? 1e-12 : 1e-5;
    const SelectiveScanInputs inputs = fixtureInputs(fixture, dtype);
    const SelectiveScanResult result = kernels::selectiveScan(inputs);
    SAMBA_VERIFY_SAME(scaledDifference(result.y, fixture.timeMajor("out.y"), relative));
    SAMBA_VERIFY_SAME(
        scaledDifference(result.lastState, fixture.tensor("out.last_state"), relative));

    for (const std::string kind : {"grad", "grad_with_state"}) {
        if (!fixture.timeMajor(kind + ".u").defined())
            continue;
        std::vector<at::Tensor> outputs = {result.y};
        std::vector<at::Tensor> outputGradients = {fixture.timeMajor("grad_out.y").to(dtype)};
        if (kind == "grad_with_state") {
            outputs.push_back(result.lastState);
            outputGradients.push_back(fixture.tensor("grad_out.last_state").to(dtype));
        }
        const auto gradients =
            torch::autograd::grad(outputs, definedTensors(inputs), outputGradients, true);
        size_t next = 0;
        for (const auto& [name, member] : scanMembers()) {
            if (!(inputs.*member).defined())
                continue;
            const std::string difference =
                scaledDifference(gradients[next++], fixtureGradient(fixture, kind, name), relative);
            QVERIFY2(difference.empty(), (kind + "." + name + ": " + difference).c_str());
        }
    }
}

const char* kFixtures[] = {
    "scan_L1_N16",     "scan_L7_N5",      "scan_L64_N16",        "scan_L257_N5",
    "scan_L7_N16_noz", "scan_L7_N16_noD", "scan_L7_N16_initial", "scan_L7_N16_nosoftplus_nobias",
};

/// A view of the same values whose rows lie further apart, as slices of a wider tensor do.
at::Tensor asSlice(const at::Tensor& tensor)
{
    const int64_t width = tensor.size(-1);
    std::vector<int64_t> shape = tensor.sizes().vec();
    shape.back() = 2 * width + 3;
    const at::Tensor wide = at::full(shape, NAN, tensor.options());
    const at::Tensor slice = wide.narrow(-1, width + 1, width);
    slice.copy_(tensor);
    return slice;
}

SelectiveScanStepInputs stepAt(const SelectiveScanInputs& inputs, int64_t t,
                               const at::Tensor& state)
{
    SelectiveScanStepInputs step;
    step.u = inputs.u.select(1, t);
    step.delta = inputs.delta.select(1, t);
    step.A = inputs.A;
    step.B = inputs.B.select(1, t);
    step.C = inputs.C.select(1, t);
    step.D = inputs.D;
    if (inputs.z.defined())
        step.z = inputs.z.select(1, t);
    step.deltaBias = inputs.deltaBias;
    step.state = state;
    step.deltaSoftplus = inputs.deltaSoftplus;
    return step;
}

} // namespace

void TestScanNumerics::fixture_data()
{
    QTest::addColumn<QString>("instructionSet");
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("dtype");
    for (const std::string& set : instructionSets())
        for (const char* file : kFixtures)
            for (const at::ScalarType dtype : {at::kFloat, at::kDouble})
                QTest::addRow("%s %s %s", file, nameOf(dtype), set.c_str())
                    << QString::fromStdString(set) << QString::fromLatin1(file)
                    << static_cast<int>(dtype);
}

void TestScanNumerics::fixture()
{
    QFETCH(QString, instructionSet);
    QFETCH(QString, file);
    QFETCH(int, dtype);
    const InstructionSetInUse inUse(instructionSet.toStdString());
    compareWithFixture(OpFixture(file.toStdString()), static_cast<at::ScalarType>(dtype));
}

void TestScanNumerics::caseRows()
{
    QTest::addColumn<ScanCase>("sizes");
    QTest::addColumn<int>("dtype");
    const auto add = [](const char* name, const ScanCase& sizes) {
        for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble})
            QTest::addRow("%s %s", name, nameOf(dtype)) << sizes << static_cast<int>(dtype);
    };
    // Chunks are 16 steps, groups of channels 64 and 128, groups of states 8, 4 and 1.
    for (const int64_t length : {1, 2, 15, 16, 17, 37, 200})
        add(qPrintable(QStringLiteral("length %1").arg(length)), {.length = length});
    for (const int64_t states : {1, 5, 16, 17, 64, 256})
        add(qPrintable(QStringLiteral("%1 states").arg(states)),
            {.length = 18, .channels = 3, .states = states});
    for (const int64_t channels : {1, 16, 64, 70, 128, 150, 700})
        add(qPrintable(QStringLiteral("%1 channels").arg(channels)),
            {.length = 20, .channels = channels, .states = 5});
    add("forgetful states", {.length = 37, .channels = 20, .rate = 300});
    add("no gate", {.length = 19, .gate = false});
    add("no skip", {.length = 19, .skip = false});
    add("no bias", {.length = 19, .bias = false});
    add("no initial state", {.length = 19, .initialState = false});
    add("no softplus", {.length = 19, .softplus = false});
    add("bare", {.batch = 1,
                 .length = 33,
                 .skip = false,
                 .gate = false,
                 .bias = false,
                 .initialState = false,
                 .softplus = false});
}

void TestScanNumerics::againstLiteralLoop()
{
    QFETCH(ScanCase, sizes);
    QFETCH(int, dtype);
    const auto type = static_cast<at::ScalarType>(dtype);
    const SelectiveScanInputs inputs = makeScanInputs(sizes, type);
    const SelectiveScanResult wanted = literalScan(asDouble(inputs));
    const SelectiveScanResult got = kernels::selectiveScan(inputs);
    QCOMPARE(got.y.scalar_type(), type);
    QCOMPARE(got.lastState.scalar_type(), type == at::kDouble ? at::kDouble : at::kFloat);
    SAMBA_VERIFY_SAME(scaledDifference(got.y, wanted.y, tolerance(type)));
    // States are never rounded to bfloat16.
    SAMBA_VERIFY_SAME(scaledDifference(got.lastState, wanted.lastState,
                                       type == at::kBFloat16 ? 1e-5 : tolerance(type)));
}

void TestScanNumerics::gradientsAgainstSequential()
{
    QFETCH(ScanCase, sizes);
    QFETCH(int, dtype);
    const auto type = static_cast<at::ScalarType>(dtype);
    const SelectiveScanInputs inputs = asVariables(makeScanInputs(sizes, type));
    const SelectiveScanInputs reference = asDouble(inputs, true);
    const SelectiveScanResult got = kernels::selectiveScan(inputs);
    const SelectiveScanResult wanted = kernels::selectiveScanSequential(reference);
    const at::Tensor gradY = at::randn(got.y.sizes(), at::kDouble).to(type);
    const at::Tensor gradState = at::randn(got.lastState.sizes(), at::kDouble);
    const auto gotGradients =
        torch::autograd::grad({got.y, got.lastState}, definedTensors(inputs),
                              {gradY, gradState.to(got.lastState.scalar_type())});
    const auto wantedGradients =
        torch::autograd::grad({wanted.y, wanted.lastState}, definedTensors(reference),
                              {gradY.to(at::kDouble), gradState});
    size_t next = 0;
    for (const auto& [name, member] : scanMembers()) {
        if (!(inputs.*member).defined())
            continue;
        QCOMPARE(gotGradients[next].scalar_type(), (inputs.*member).scalar_type());
        const std::string difference =
            scaledDifference(gotGradients[next], wantedGradients[next], tolerance(type));
        QVERIFY2(difference.empty(), (std::string(name) + ": " + difference).c_str());
        ++next;
    }
}

void TestScanNumerics::numericGradient_data()
{
    QTest::addColumn<ScanCase>("sizes");
    QTest::newRow("everything") << ScanCase{.batch = 2, .length = 18, .channels = 2, .states = 5};
    QTest::newRow("bare") << ScanCase{.batch = 1,
                                      .length = 17,
                                      .channels = 2,
                                      .states = 3,
                                      .skip = false,
                                      .gate = false,
                                      .bias = false,
                                      .initialState = false,
                                      .softplus = false};
}

void TestScanNumerics::numericGradient()
{
    QFETCH(ScanCase, sizes);
    const SelectiveScanInputs inputs = asVariables(makeScanInputs(sizes, at::kDouble));
    const SelectiveScanResult result = kernels::selectiveScan(inputs);
    const at::Tensor gradY = at::randn_like(result.y);
    const at::Tensor gradState = at::randn_like(result.lastState);
    const auto gradients = torch::autograd::grad({result.y, result.lastState},
                                                 definedTensors(inputs), {gradY, gradState});
    const SelectiveScanInputs plain = asDouble(inputs);
    const auto loss = [&] {
        const SelectiveScanResult again = kernels::selectiveScan(plain);
        return ((again.y * gradY).sum() + (again.lastState * gradState).sum()).item<double>();
    };
    size_t next = 0;
    for (const auto& [name, member] : scanMembers()) {
        if (!(inputs.*member).defined())
            continue;
        const std::string difference =
            scaledDifference(gradients[next++], test::numericGradient(loss, plain.*member), 1e-7);
        QVERIFY2(difference.empty(), (std::string(name) + ": " + difference).c_str());
    }
}

void TestScanNumerics::gradientOfOneResultOnly()
{
    const SelectiveScanInputs inputs = makeScanInputs({.length = 21}, at::kDouble);
    for (const bool ofState : {false, true}) {
        const SelectiveScanInputs fused = asVariables(inputs);
        const SelectiveScanInputs reference = asVariables(inputs);
        const auto gradientOfU = [&](const SelectiveScanResult& result, const at::Tensor& u) {
            return torch::autograd::grad({ofState ? result.lastState.sum() : result.y.sum()},
                                         {u})[0];
        };
        SAMBA_VERIFY_SAME(scaledDifference(
            gradientOfU(kernels::selectiveScan(fused), fused.u),
            gradientOfU(kernels::selectiveScanSequential(reference), reference.u), 1e-12));
    }
}

void TestScanNumerics::stepByStep_data()
{
    QTest::addColumn<ScanCase>("sizes");
    QTest::addColumn<int>("dtype");
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble}) {
        for (const int64_t states : {1, 5, 16, 17, 64})
            QTest::addRow("%d states %s", static_cast<int>(states), nameOf(dtype))
                << ScanCase{.length = 19, .channels = 150, .states = states}
                << static_cast<int>(dtype);
        QTest::addRow("bare %s", nameOf(dtype)) << ScanCase{.length = 5,
                                                            .skip = false,
                                                            .gate = false,
                                                            .bias = false,
                                                            .initialState = false,
                                                            .softplus = false}
                                                << static_cast<int>(dtype);
    }
}

void TestScanNumerics::stepByStep()
{
    QFETCH(ScanCase, sizes);
    QFETCH(int, dtype);
    const auto type = static_cast<at::ScalarType>(dtype);
    const SelectiveScanInputs inputs = makeScanInputs(sizes, type);
    const SelectiveScanResult whole = kernels::selectiveScan(inputs);
    const at::Tensor state = inputs.initialState.defined() ? inputs.initialState.clone()
                                                           : at::zeros_like(whole.lastState);
    std::vector<at::Tensor> rows;
    for (int64_t t = 0; t < sizes.length; ++t)
        rows.push_back(kernels::selectiveScanStep(stepAt(inputs, t, state)));
    SAMBA_VERIFY_SAME(
        scaledDifference(at::stack(rows, 1), whole.y.to(at::kDouble), tolerance(type)));
    SAMBA_VERIFY_SAME(
        scaledDifference(state, whole.lastState, type == at::kBFloat16 ? 1e-5 : tolerance(type)));
}

void TestScanNumerics::continuesFromState()
{
    const SelectiveScanInputs inputs = makeScanInputs({.length = 40}, at::kFloat);
    const SelectiveScanResult whole = kernels::selectiveScan(inputs);
    const auto part = [&](int64_t first, int64_t count, const at::Tensor& state) {
        SelectiveScanInputs piece = inputs;
        piece.u = inputs.u.narrow(1, first, count);
        piece.delta = inputs.delta.narrow(1, first, count);
        piece.z = inputs.z.narrow(1, first, count);
        piece.B = inputs.B.narrow(1, first, count);
        piece.C = inputs.C.narrow(1, first, count);
        piece.initialState = state;
        return kernels::selectiveScan(piece);
    };
    const SelectiveScanResult start = part(0, 23, inputs.initialState);
    const SelectiveScanResult rest = part(23, 17, start.lastState);
    SAMBA_VERIFY_SAME(scaledDifference(at::cat({start.y, rest.y}, 1), whole.y, 1e-6));
    SAMBA_VERIFY_SAME(scaledDifference(rest.lastState, whole.lastState, 1e-6));
}

// Wide enough that a task takes several groups of channels for one thread and one for many.
void TestScanNumerics::threadsDoNotChangeABit()
{
    const SelectiveScanInputs inputs = makeScanInputs({.length = 35, .channels = 1100}, at::kFloat);
    const auto run = [&inputs](int threads) {
        const ThreadsInUse inUse(threads);
        const SelectiveScanInputs variables = asVariables(inputs);
        const SelectiveScanResult result = kernels::selectiveScan(variables);
        std::vector<at::Tensor> tensors = torch::autograd::grad(
            {(result.y * result.y).sum() + result.lastState.sum()}, definedTensors(variables));
        tensors.push_back(result.y.detach());
        tensors.push_back(result.lastState.detach());
        return tensors;
    };
    const std::vector<at::Tensor> wanted = run(1);
    for (const int threads : {2, 3, 8}) {
        const std::vector<at::Tensor> got = run(threads);
        for (size_t i = 0; i < wanted.size(); ++i)
            SAMBA_VERIFY_SAME(bitDifference(got[i], wanted[i]));
    }
}

void TestScanNumerics::slicesAreReadInPlace_data()
{
    QTest::addColumn<int>("dtype");
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble})
        QTest::addRow("%s", nameOf(dtype)) << static_cast<int>(dtype);
}

void TestScanNumerics::slicesAreReadInPlace()
{
    QFETCH(int, dtype);
    const SelectiveScanInputs inputs =
        makeScanInputs({.length = 19, .channels = 70}, static_cast<at::ScalarType>(dtype));
    SelectiveScanInputs slices = inputs;
    for (at::Tensor SelectiveScanInputs::*member :
         {&SelectiveScanInputs::u, &SelectiveScanInputs::delta, &SelectiveScanInputs::z,
          &SelectiveScanInputs::B, &SelectiveScanInputs::C})
        slices.*member = asSlice(inputs.*member).set_requires_grad(true);
    const SelectiveScanInputs plain = asVariables(inputs);
    const SelectiveScanResult got = kernels::selectiveScan(slices);
    const SelectiveScanResult wanted = kernels::selectiveScan(plain);
    SAMBA_VERIFY_SAME(bitDifference(got.y, wanted.y));
    SAMBA_VERIFY_SAME(bitDifference(got.lastState, wanted.lastState));
    // The gradient of a sum comes as one number that stands for all elements: strides of 0.
    const auto gotGradients = torch::autograd::grad(
        {got.y.sum()}, {slices.u, slices.delta, slices.z, slices.B, slices.C});
    const auto wantedGradients =
        torch::autograd::grad({wanted.y.sum()}, {plain.u, plain.delta, plain.z, plain.B, plain.C});
    for (size_t i = 0; i < gotGradients.size(); ++i)
        SAMBA_VERIFY_SAME(bitDifference(gotGradients[i], wantedGradients[i]));

    const at::Tensor stateOfSlices = inputs.initialState.clone();
    const at::Tensor state = inputs.initialState.clone();
    const at::NoGradGuard noGradients;
    SAMBA_VERIFY_SAME(bitDifference(kernels::selectiveScanStep(stepAt(slices, 3, stateOfSlices)),
                                    kernels::selectiveScanStep(stepAt(inputs, 3, state))));
    SAMBA_VERIFY_SAME(bitDifference(stateOfSlices, state));
}

void TestScanNumerics::sameBitsForAnyThreads_data()
{
    QTest::addColumn<int>("dtype");
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kDouble})
        QTest::addRow("%s", nameOf(dtype)) << static_cast<int>(dtype);
}

void TestScanNumerics::sameBitsForAnyThreads()
{
    QFETCH(int, dtype);
    const SelectiveScanInputs inputs = makeScanInputs({.batch = 3, .length = 50, .channels = 300},
                                                      static_cast<at::ScalarType>(dtype));
    const auto run = [&](int threads) {
        const ThreadsInUse inUse(threads);
        const SelectiveScanInputs variables = asVariables(inputs);
        const SelectiveScanResult result = kernels::selectiveScan(variables);
        auto tensors =
            torch::autograd::grad({result.y, result.lastState}, definedTensors(variables),
                                  {at::ones_like(result.y), at::ones_like(result.lastState)}, true);
        tensors.push_back(result.y);
        tensors.push_back(result.lastState);
        return tensors;
    };
    const auto one = run(1);
    for (const int threads : {2, 3}) {
        const auto several = run(threads);
        for (size_t i = 0; i < one.size(); ++i)
            SAMBA_VERIFY_SAME(bitDifference(several[i], one[i]));
    }
}

void TestScanNumerics::autocastChangesNothing()
{
    const SelectiveScanInputs inputs = makeScanInputs({.length = 20}, at::kFloat);
    const auto run = [&](auto scan) {
        const SelectiveScanInputs variables = asVariables(inputs);
        const SelectiveScanResult result = scan(variables);
        auto tensors =
            torch::autograd::grad({result.y}, definedTensors(variables), {at::ones_like(result.y)});
        tensors.push_back(result.y);
        return tensors;
    };
    for (const auto scan : {kernels::selectiveScan, kernels::selectiveScanSequential}) {
        const auto wanted = run(scan);
        const AutocastInUse inUse;
        const auto got = run(scan);
        for (size_t i = 0; i < wanted.size(); ++i)
            SAMBA_VERIFY_SAME(bitDifference(got[i], wanted[i]));
    }
}

namespace {

struct WrongCall {
    const char* name; ///< of the tensor that the message has to name
    const char* what;
    void (*spoil)(SelectiveScanInputs&);
};

const WrongCall kWrongCalls[] = {
    {"u", "rank", [](SelectiveScanInputs& in) { in.u = in.u.select(0, 0); }},
    {"u", "missing", [](SelectiveScanInputs& in) { in.u = at::Tensor(); }},
    {"u", "dtype", [](SelectiveScanInputs& in) { in.u = in.u.to(at::kHalf); }},
    {"length of u", "empty", [](SelectiveScanInputs& in) { in.u = in.u.narrow(1, 0, 0); }},
    {"u", "stride", [](SelectiveScanInputs& in) { in.u = asSlice(in.u.mT()).mT(); }},
    {"delta", "shape", [](SelectiveScanInputs& in) { in.delta = in.delta.narrow(1, 0, 3); }},
    {"delta", "dtype", [](SelectiveScanInputs& in) { in.delta = in.delta.to(at::kBFloat16); }},
    {"A", "shape", [](SelectiveScanInputs& in) { in.A = in.A.narrow(0, 0, 2); }},
    {"A", "dtype", [](SelectiveScanInputs& in) { in.A = in.A.to(at::kDouble); }},
    {"state size of A", "too many states",
     [](SelectiveScanInputs& in) {
         in.A = at::ones({in.u.size(2), 257});
     }},
    {"B", "shape", [](SelectiveScanInputs& in) { in.B = in.B.narrow(2, 0, 1); }},
    {"C", "shape", [](SelectiveScanInputs& in) { in.C = in.C.narrow(0, 0, 1); }},
    {"D", "shape", [](SelectiveScanInputs& in) { in.D = in.D.narrow(0, 0, 1); }},
    {"z", "shape", [](SelectiveScanInputs& in) { in.z = in.z.narrow(2, 0, 1); }},
    {"deltaBias", "dtype",
     [](SelectiveScanInputs& in) { in.deltaBias = in.deltaBias.to(at::kDouble); }},
    {"initialState", "shape",
     [](SelectiveScanInputs& in) { in.initialState = in.initialState.mT(); }},
};

struct WrongStep {
    const char* name;
    const char* what;
    void (*spoil)(SelectiveScanStepInputs&);
};

const WrongStep kWrongSteps[] = {
    {"u", "rank", [](SelectiveScanStepInputs& in) { in.u = in.u.unsqueeze(1); }},
    {"delta", "shape", [](SelectiveScanStepInputs& in) { in.delta = in.delta.narrow(0, 0, 1); }},
    {"A", "layout", [](SelectiveScanStepInputs& in) { in.A = asSlice(in.A); }},
    {"B", "shape", [](SelectiveScanStepInputs& in) { in.B = in.B.narrow(1, 0, 1); }},
    {"C", "shape", [](SelectiveScanStepInputs& in) { in.C = in.C.narrow(1, 0, 1); }},
    {"z", "shape", [](SelectiveScanStepInputs& in) { in.z = in.z.narrow(1, 0, 1); }},
    {"state", "dtype", [](SelectiveScanStepInputs& in) { in.state = in.state.to(at::kDouble); }},
    {"state", "layout", [](SelectiveScanStepInputs& in) { in.state = asSlice(in.state); }},
    {"state", "missing", [](SelectiveScanStepInputs& in) { in.state = at::Tensor(); }},
};

} // namespace

void TestScanNumerics::wrongCallsNameTheTensor_data()
{
    QTest::addColumn<int>("call");
    for (int i = 0; i < static_cast<int>(std::size(kWrongCalls)); ++i)
        QTest::addRow("%s: %s", kWrongCalls[i].name, kWrongCalls[i].what) << i;
}

void TestScanNumerics::wrongCallsNameTheTensor()
{
    QFETCH(int, call);
    SelectiveScanInputs inputs = makeScanInputs({}, at::kFloat);
    kWrongCalls[call].spoil(inputs);
    const std::string start = std::string("selectiveScan: ") + kWrongCalls[call].name + ": wanted ";
    const std::string error = errorOf([&] { kernels::selectiveScan(inputs); });
    QVERIFY2(error.starts_with(start), error.c_str());
    QVERIFY2(error.find(", got ") != std::string::npos, error.c_str());
    const std::string sequential = errorOf([&] { kernels::selectiveScanSequential(inputs); });
    QVERIFY2(sequential.find(kWrongCalls[call].name) != std::string::npos, sequential.c_str());
}

void TestScanNumerics::wrongStepsNameTheTensor_data()
{
    QTest::addColumn<int>("call");
    for (int i = 0; i < static_cast<int>(std::size(kWrongSteps)); ++i)
        QTest::addRow("%s: %s", kWrongSteps[i].name, kWrongSteps[i].what) << i;
}

void TestScanNumerics::wrongStepsNameTheTensor()
{
    QFETCH(int, call);
    const SelectiveScanInputs inputs = makeScanInputs({}, at::kFloat);
    SelectiveScanStepInputs step = stepAt(inputs, 0, inputs.initialState);
    kWrongSteps[call].spoil(step);
    const std::string start =
        std::string("selectiveScanStep: ") + kWrongSteps[call].name + ": wanted ";
    const std::string error = errorOf([&] { kernels::selectiveScanStep(step); });
    QVERIFY2(error.starts_with(start), error.c_str());
}

QTEST_GUILESS_MAIN(TestScanNumerics)
#include "tst_scan_numerics.moc"
