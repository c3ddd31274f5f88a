// The fused scan and its sequential reference against float64 fixtures, against each other at
// awkward sizes, and against themselves under other strides, thread counts and ways of calling.

#include "kernels/selective_scan/selective_scan.h"
#include "tests/kernels/op_reference.h"
#include "tests/support/tensor_compare.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <QTest>

using namespace samba;
using namespace samba::kernels;

namespace {

using ScanFunction = SelectiveScanResult (*)(const SelectiveScanInputs&);

/// The differentiable inputs with their names in the fixtures; those with a sequence are stored
/// with channels first there.
struct Operand {
    const char* name;
    at::Tensor SelectiveScanInputs::*member;
    bool isSwapped;
};

constexpr Operand kOperands[] = {
    {"u", &SelectiveScanInputs::u, true},
    {"delta", &SelectiveScanInputs::delta, true},
    {"A", &SelectiveScanInputs::A, false},
    {"B", &SelectiveScanInputs::B, true},
    {"C", &SelectiveScanInputs::C, true},
    {"D", &SelectiveScanInputs::D, false},
    {"z", &SelectiveScanInputs::z, true},
    {"delta_bias", &SelectiveScanInputs::deltaBias, false},
    {"initial_state", &SelectiveScanInputs::initialState, false},
};

/// Largest error over largest value: the measure the fixtures' tolerances are given in.
double normalizedError(const at::Tensor& got, const at::Tensor& wanted)
{
    const double scale = wanted.to(at::kDouble).abs().max().item<double>();
    const double worst = (got.to(at::kDouble) - wanted.to(at::kDouble)).abs().max().item<double>();
    return worst / std::max(scale, 1e-30);
}

void requireClose(const at::Tensor& got, const at::Tensor& wanted, double tolerance,
                  const std::string& what)
{
    const double error = normalizedError(got, wanted);
    QVERIFY2(error <= tolerance, // false for NaN, too
             qPrintable(QStringLiteral("%1 is off by %2, allowed %3")
                            .arg(QString::fromStdString(what))
                            .arg(error)
                            .arg(tolerance)));
}

struct Sizes {
    int64_t batch = 2;
    int64_t length = 7;
    int64_t dim = 12;
    int64_t state = 16;
};

/// Random inputs of every kind, with ranges as in a model.
SelectiveScanInputs randomInputs(const Sizes& s, at::ScalarType type, uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    const auto normal = [&](std::vector<int64_t> shape) {
        return at::empty(shape, at::kDouble).normal_(0.0, 1.0, generator);
    };
    const auto parameterType = type == at::kDouble ? at::kDouble : at::kFloat;
    SelectiveScanInputs in;
    in.u = normal({s.batch, s.length, s.dim}).to(type);
    in.delta = normal({s.batch, s.length, s.dim}).to(type);
    in.A = -(normal({s.dim, s.state}).exp()).to(parameterType);
    in.B = normal({s.batch, s.length, s.state}).to(type);
    in.C = normal({s.batch, s.length, s.state}).to(type);
    in.D = normal({s.dim}).to(parameterType);
    in.z = normal({s.batch, s.length, s.dim}).to(type);
    in.deltaBias = normal({s.dim}).to(parameterType);
    in.initialState = normal({s.batch, s.dim, s.state}).to(parameterType);
    return in;
}

/// Runs a scan and returns the gradients of sum(y^2) + sum(lastState^2) for every input.
std::vector<at::Tensor> gradientsOf(ScanFunction scan, SelectiveScanInputs in)
{
    for (const Operand& operand : kOperands)
        in.*operand.member = (in.*operand.member).detach().clone().requires_grad_(true);
    const SelectiveScanResult result = scan(in);
    (result.y.to(at::kDouble).square().sum() + result.lastState.to(at::kDouble).square().sum())
        .backward();
    std::vector<at::Tensor> gradients;
    for (const Operand& operand : kOperands)
        gradients.push_back((in.*operand.member).grad());
    return gradients;
}

} // namespace

class TestSelectiveScan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { at::set_num_threads(2); }
    void matchesFixtures_data();
    void matchesFixtures();
    void matchesTheReferenceAtAwkwardSizes_data();
    void matchesTheReferenceAtAwkwardSizes();
    void bfloat16StaysClose();
    void slicesGiveTheSame();
    void threadsDoNotChangeABit();
    void stepsMatchTheSequence();
    void wrongShapesAreNamed_data();
    void wrongShapesAreNamed();
};

void TestSelectiveScan::matchesFixtures_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isFused");
    QTest::addColumn<bool>("isDouble");
    for (const char* name :
         {"scan_L1_N16", "scan_L7_N5", "scan_L64_N16", "scan_L257_N5", "scan_L7_N16_noz",
          "scan_L7_N16_noD", "scan_L7_N16_nosoftplus_nobias", "scan_L7_N16_initial"})
        for (const bool isFused : {true, false})
            for (const bool isDouble : {true, false})
                QTest::addRow("%s, %s, %s", name, isFused ? "fused" : "sequential",
                              isDouble ? "float64" : "float32")
                    << QString::fromUtf8(name) << isFused << isDouble;
}

void TestSelectiveScan::matchesFixtures()
{
    QFETCH(QString, name);
    QFETCH(bool, isFused);
    QFETCH(bool, isDouble);
    const test::OpReference reference(name.toStdString());
    const at::ScalarType type = isDouble ? at::kDouble : at::kFloat;
    const double tolerance = isDouble ? 1e-12 : 1e-5;
    const std::string prefix = reference.has("grad_with_state.u") ? "grad_with_state." : "grad.";

    SelectiveScanInputs in;
    in.deltaSoftplus = reference.isOn("delta_softplus");
    for (const Operand& operand : kOperands) {
        at::Tensor& tensor = in.*operand.member;
        tensor = operand.isSwapped ? reference.swapped(operand.name, type)
                                   : reference.plain(operand.name, type);
        if (tensor.defined())
            tensor.requires_grad_(true);
    }
    const SelectiveScanResult result = isFused ? selectiveScan(in) : selectiveScanSequential(in);
    requireClose(result.y.detach(), reference.swapped("out.y", type), tolerance, "y");
    requireClose(result.lastState.detach(), reference.plain("out.last_state", type), tolerance,
                 "last state");

    at::Tensor objective = (result.y * reference.swapped("grad_out.y", type)).sum();
    if (reference.has("grad_with_state.u"))
        objective =
            objective + (result.lastState * reference.plain("grad_out.last_state", type)).sum();
    objective.backward();
    for (const Operand& operand : kOperands) {
        const std::string gradient = prefix + operand.name;
        if (reference.has(gradient))
            requireClose((in.*operand.member).grad(),
                         operand.isSwapped ? reference.swapped(gradient, type)
                                           : reference.plain(gradient, type),
                         tolerance, gradient);
    }
}

void TestSelectiveScan::matchesTheReferenceAtAwkwardSizes_data()
{
    QTest::addColumn<qint64>("length");
    QTest::addColumn<qint64>("dim");
    QTest::addColumn<qint64>("state");
    for (const qint64 length : {1, 2, 15, 16, 17, 31, 130})
        QTest::addRow("length %lld", length) << length << qint64{20} << qint64{16};
    for (const qint64 state : {1, 5, 16, 17, 64, 256})
        QTest::addRow("state %lld", state) << qint64{19} << qint64{18} << state;
    for (const qint64 dim : {1, 15, 16, 17, 33})
        QTest::addRow("dim %lld", dim) << qint64{18} << dim << qint64{16};
}

void TestSelectiveScan::matchesTheReferenceAtAwkwardSizes()
{
    QFETCH(qint64, length);
    QFETCH(qint64, dim);
    QFETCH(qint64, state);
    const Sizes sizes{.batch = 3, .length = length, .dim = dim, .state = state};
    const SelectiveScanInputs exact = randomInputs(sizes, at::kDouble, 5);
    const SelectiveScanResult wanted = selectiveScanSequential(exact);
    const std::vector<at::Tensor> wantedGradients = gradientsOf(selectiveScanSequential, exact);
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
        const double tolerance = type == at::kDouble ? 1e-12 : 2e-5;
        const SelectiveScanInputs in = randomInputs(sizes, type, 5);
        const SelectiveScanResult got = selectiveScan(in);
        requireClose(got.y, wanted.y, tolerance, "y");
        requireClose(got.lastState, wanted.lastState, tolerance, "last state");
        const std::vector<at::Tensor> gradients = gradientsOf(selectiveScan, in);
        for (size_t i = 0; i < gradients.size(); ++i)
            requireClose(gradients[i], wantedGradients[i], tolerance,
                         std::string("gradient of ") + kOperands[i].name);
    }
}

void TestSelectiveScan::bfloat16StaysClose()
{
    const SelectiveScanInputs in = randomInputs({.length = 65}, at::kBFloat16, 8);
    SelectiveScanInputs exact = in;
    for (const Operand& operand : kOperands)
        exact.*operand.member = (in.*operand.member).to(at::kDouble);
    const SelectiveScanResult got = selectiveScan(in);
    QVERIFY(got.y.scalar_type() == at::kBFloat16);
    // Inputs are rounded before both; what remains is the rounding of the output, 2^-9.
    requireClose(got.y, selectiveScanSequential(exact).y, 4e-3, "y");
    const std::vector<at::Tensor> wanted = gradientsOf(selectiveScanSequential, exact);
    const std::vector<at::Tensor> gradients = gradientsOf(selectiveScan, in);
    for (size_t i = 0; i < gradients.size(); ++i)
        requireClose(gradients[i], wanted[i], 2e-2, kOperands[i].name);
}

void TestSelectiveScan::slicesGiveTheSame()
{
    const SelectiveScanInputs in = randomInputs({.length = 21, .dim = 20}, at::kFloat, 9);
    SelectiveScanInputs sliced = in;
    for (const auto member :
         {&SelectiveScanInputs::u, &SelectiveScanInputs::delta, &SelectiveScanInputs::B,
          &SelectiveScanInputs::C, &SelectiveScanInputs::z})
        sliced.*member = test::asSlice(in.*member);
    const SelectiveScanResult wanted = selectiveScan(in);
    const SelectiveScanResult got = selectiveScan(sliced);
    QVERIFY(at::equal(got.y, wanted.y));
    QVERIFY(at::equal(got.lastState, wanted.lastState));
}

void TestSelectiveScan::threadsDoNotChangeABit()
{
    const SelectiveScanInputs in =
        randomInputs({.batch = 3, .length = 67, .dim = 100}, at::kFloat, 10);
    at::set_num_threads(1);
    const SelectiveScanResult one = selectiveScan(in);
    const std::vector<at::Tensor> oneGradients = gradientsOf(selectiveScan, in);
    for (const int threads : {2, 3, 5}) {
        at::set_num_threads(threads);
        const SelectiveScanResult many = selectiveScan(in);
        QVERIFY(at::equal(many.y, one.y));
        QVERIFY(at::equal(many.lastState, one.lastState));
        const std::vector<at::Tensor> gradients = gradientsOf(selectiveScan, in);
        for (size_t i = 0; i < gradients.size(); ++i)
            QVERIFY2(at::equal(gradients[i], oneGradients[i]), kOperands[i].name);
    }
}

void TestSelectiveScan::stepsMatchTheSequence()
{
    for (const int64_t state : {4, 16, 33}) {
        const SelectiveScanInputs in =
            randomInputs({.length = 19, .dim = 21, .state = state}, at::kFloat, 11);
        const SelectiveScanResult whole = selectiveScan(in);
        const at::Tensor running = in.initialState.clone();
        for (int64_t t = 0; t < 19; ++t) {
            const at::Tensor y = selectiveScanStep({.u = in.u.select(1, t),
                                                    .delta = in.delta.select(1, t),
                                                    .A = in.A,
                                                    .B = in.B.select(1, t),
                                                    .C = in.C.select(1, t),
                                                    .D = in.D,
                                                    .z = in.z.select(1, t),
                                                    .deltaBias = in.deltaBias,
                                                    .state = running});
            requireClose(y, whole.y.select(1, t), 1e-5, "y of step " + std::to_string(t));
        }
        requireClose(running, whole.lastState, 1e-5, "last state");
    }
}

void TestSelectiveScan::wrongShapesAreNamed_data()
{
    QTest::addColumn<int>("operand");
    for (int i = 0; i < static_cast<int>(std::size(kOperands)); ++i)
        QTest::addRow("%s", kOperands[i].name) << i;
}

void TestSelectiveScan::wrongShapesAreNamed()
{
    QFETCH(int, operand);
    SelectiveScanInputs in = randomInputs({}, at::kFloat, 12);
    at::Tensor& tensor = in.*kOperands[operand].member;
    std::vector<int64_t> shape = tensor.sizes().vec();
    shape.back() += 1;
    tensor = at::ones(shape, tensor.options());
    try {
        selectiveScan(in);
        QFAIL("a wrong shape was accepted");
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        QVERIFY2(message.find("selectiveScan") != std::string::npos, message.c_str());
    }
}

QTEST_GUILESS_MAIN(TestSelectiveScan)
#include "tst_selective_scan.moc"
