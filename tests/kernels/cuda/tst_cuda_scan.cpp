#include "kernels/selective_scan/selective_scan_cuda.h"
#include "tests/kernels/cuda/scan_reference.h"

#include <cmath>

using namespace samba;
using namespace samba::test;
namespace gpu = samba::kernels::gpu;

namespace {

struct ScanCase {
    int length = 40;
    int states = 5;
    int channels = 2;
    int groups = 1;
    bool hasGate = true;
    bool softplus = true;
    bool hasInitialState = true;
    Element element = Element::Float32;
    emu::Order order = emu::Order::Forward;
};

/// Chunk ends and the results of the inputs' gradients are float32 whatever the element.
constexpr double kFloatTolerance = 2e-5;

} // namespace

Q_DECLARE_METATYPE(ScanCase)

/// The CUDA sources of the scan, executed on the CPU by the emulator, against float64. It shows
/// that the sources compute the right thing, not that or how fast they run on a GPU.
class TestCudaScan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { emu::setOrder(emu::Order::Forward); }
    void referenceAgainstDifferences();
    void againstFloat64_data();
    void againstFloat64();
    void stepsAgainstFloat64_data();
    void stepsAgainstFloat64();
    void wrongSizesAreNamed_data();
    void wrongSizesAreNamed();
};

void TestCudaScan::referenceAgainstDifferences()
{
    ScanReference reference{
        .batch = 2, .channels = 4, .groups = 2, .states = 3, .length = 9, .chunk = 4};
    reference.fill(5, Element::Float32);
    reference.compute();
    using Member = Values ScanReference::*;
    const std::pair<Member, Member> gradients[] = {
        {&ScanReference::u, &ScanReference::gradU},
        {&ScanReference::delta, &ScanReference::gradDelta},
        {&ScanReference::z, &ScanReference::gradZ},
        {&ScanReference::A, &ScanReference::gradA},
        {&ScanReference::B, &ScanReference::gradB},
        {&ScanReference::C, &ScanReference::gradC},
        {&ScanReference::D, &ScanReference::gradD},
        {&ScanReference::deltaBias, &ScanReference::gradDeltaBias},
        {&ScanReference::initialState, &ScanReference::gradInitialState}};
    for (const auto& [input, gradient] : gradients)
        for (std::size_t i = 0; i < (reference.*input).size(); ++i) {
            constexpr double kStep = 1e-5;
            const auto lossAt = [&](double offset) {
                ScanReference moved = reference;
                (moved.*input)[i] += offset;
                moved.compute();
                return moved.loss();
            };
            const double numeric = (lossAt(kStep) - lossAt(-kStep)) / (2 * kStep);
            QVERIFY(std::abs(numeric - (reference.*gradient)[i]) < 1e-7);
        }
}

void TestCudaScan::againstFloat64_data()
{
    QTest::addColumn<ScanCase>("sizes");
    // A chunk has 1,024 steps; rows of a multiple of 8 elements are read in packets.
    const std::vector<int> lengths = emu::isTracing()
                                         ? std::vector<int>{7, 1028, 1032}
                                         : std::vector<int>{1, 7, 8, 257, 1024, 1025, 1032, 2049};
    for (const int length : lengths)
        for (const emu::Order order : ordersToTry())
            for (const Element element : allElements())
                QTest::addRow("length %d, %s, %s", length, nameOf(element), nameOf(order))
                    << ScanCase{.length = length, .element = element, .order = order};
    for (const int states : {1, 16, 64, 256})
        QTest::addRow("%d states", states) << ScanCase{.states = states};
    QTest::newRow("two groups") << ScanCase{.channels = 4, .groups = 2};
    QTest::newRow("no gate") << ScanCase{.hasGate = false};
    QTest::newRow("no softplus") << ScanCase{.softplus = false};
    QTest::newRow("no initial state") << ScanCase{.hasInitialState = false};
}

void TestCudaScan::againstFloat64()
{
    QFETCH(ScanCase, sizes);
    emu::setOrder(sizes.order, 7);
    ScanReference wanted{.batch = 2,
                         .channels = sizes.channels,
                         .groups = sizes.groups,
                         .states = sizes.states,
                         .length = sizes.length,
                         .chunk = gpu::scanChunkSteps(),
                         .softplus = sizes.softplus,
                         .hasGate = sizes.hasGate,
                         .hasInitialState = sizes.hasInitialState};
    wanted.fill(static_cast<std::uint64_t>(sizes.length), sizes.element);
    wanted.compute();
    const Element element = sizes.element;

    DeviceArray u("u", wanted.u, element);
    DeviceArray delta("delta", wanted.delta, element);
    DeviceArray z("z", wanted.z, element);
    DeviceArray B("B", wanted.B, element);
    DeviceArray C("C", wanted.C, element);
    DeviceArray A("A", wanted.A);
    DeviceArray D("D", wanted.D);
    DeviceArray deltaBias("deltaBias", wanted.deltaBias);
    DeviceArray initialState("initialState", wanted.initialState);
    DeviceArray y = DeviceArray::unwritten("y", wanted.y.size(), element);
    DeviceArray chunkStates = DeviceArray::unwritten("chunkStates", wanted.chunkStates.size());
    QCOMPARE(gpu::scanChunkCount(sizes.length), wanted.chunks());
    const gpu::ScanForward forward{.batch = wanted.batch,
                                   .channels = sizes.channels,
                                   .groups = sizes.groups,
                                   .states = sizes.states,
                                   .length = sizes.length,
                                   .deltaSoftplus = sizes.softplus,
                                   .u = u.data(),
                                   .delta = delta.data(),
                                   .z = sizes.hasGate ? z.data() : nullptr,
                                   .B = B.data(),
                                   .C = C.data(),
                                   .A = A.floats(),
                                   .D = D.floats(),
                                   .deltaBias = deltaBias.floats(),
                                   .initialState =
                                       sizes.hasInitialState ? initialState.floats() : nullptr,
                                   .y = y.data(),
                                   .chunkStates = chunkStates.floats()};
    gpu::scanForward(forward, element, nullptr);
    const double relative = toleranceOf(element);
    SAMBA_VERIFY_EMPTY(racesFound());
    SAMBA_VERIFY_EMPTY(differenceOf("y", y.values(), wanted.y, relative));
    SAMBA_VERIFY_EMPTY(
        differenceOf("chunkStates", chunkStates.values(), wanted.chunkStates, kFloatTolerance));

    DeviceArray gradY("gradY", wanted.gradY, element);
    DeviceArray gradLastState("gradLastState", wanted.gradLastState);
    DeviceArray gradU = DeviceArray::unwritten("gradU", wanted.u.size(), element);
    DeviceArray gradDelta = DeviceArray::unwritten("gradDelta", wanted.u.size(), element);
    DeviceArray gradZ = DeviceArray::unwritten("gradZ", wanted.u.size(), element);
    DeviceArray gradInitialState =
        DeviceArray::unwritten("gradInitialState", wanted.initialState.size());
    DeviceArray gradA = DeviceArray::zeros("gradA", wanted.A.size());
    DeviceArray gradB = DeviceArray::zeros("gradB", wanted.B.size());
    DeviceArray gradC = DeviceArray::zeros("gradC", wanted.C.size());
    DeviceArray gradD = DeviceArray::zeros("gradD", wanted.D.size());
    DeviceArray gradDeltaBias = DeviceArray::zeros("gradDeltaBias", wanted.D.size());
    gpu::scanBackward(
        {.forward = forward,
         .gradY = gradY.data(),
         .gradLastState = gradLastState.floats(),
         .gradU = gradU.data(),
         .gradDelta = gradDelta.data(),
         .gradZ = gradZ.data(),
         .gradInitialState = sizes.hasInitialState ? gradInitialState.floats() : nullptr,
         .gradA = gradA.floats(),
         .gradB = gradB.floats(),
         .gradC = gradC.floats(),
         .gradD = gradD.floats(),
         .gradDeltaBias = gradDeltaBias.floats()},
        element, nullptr);
    SAMBA_VERIFY_EMPTY(racesFound());
    SAMBA_VERIFY_EMPTY(differenceOf("gradU", gradU.values(), wanted.gradU, relative));
    SAMBA_VERIFY_EMPTY(differenceOf("gradDelta", gradDelta.values(), wanted.gradDelta, relative));
    if (sizes.hasGate)
        SAMBA_VERIFY_EMPTY(differenceOf("gradZ", gradZ.values(), wanted.gradZ, relative));
    if (sizes.hasInitialState)
        SAMBA_VERIFY_EMPTY(differenceOf("gradInitialState", gradInitialState.values(),
                                        wanted.gradInitialState, kFloatTolerance));
    SAMBA_VERIFY_EMPTY(differenceOf("gradA", gradA.values(), wanted.gradA, kFloatTolerance));
    SAMBA_VERIFY_EMPTY(differenceOf("gradB", gradB.values(), wanted.gradB, kFloatTolerance));
    SAMBA_VERIFY_EMPTY(differenceOf("gradC", gradC.values(), wanted.gradC, kFloatTolerance));
    SAMBA_VERIFY_EMPTY(differenceOf("gradD", gradD.values(), wanted.gradD, kFloatTolerance));
    SAMBA_VERIFY_EMPTY(differenceOf("gradDeltaBias", gradDeltaBias.values(), wanted.gradDeltaBias,
                                    kFloatTolerance));
}

void TestCudaScan::stepsAgainstFloat64_data()
{
    QTest::addColumn<ScanCase>("sizes");
    for (const Element element : allElements())
        for (const emu::Order order : ordersToTry())
            QTest::addRow("%s, %s", nameOf(element), nameOf(order)) << ScanCase{
                .length = 3, .states = 16, .channels = 35, .element = element, .order = order};
    for (const int states : {1, 4, 7, 20, 256})
        QTest::addRow("%d states", states) << ScanCase{.length = 2, .states = states};
    QTest::newRow("no gate") << ScanCase{.length = 2, .hasGate = false};
    QTest::newRow("no softplus") << ScanCase{.length = 2, .softplus = false};
}

void TestCudaScan::stepsAgainstFloat64()
{
    QFETCH(ScanCase, sizes);
    emu::setOrder(sizes.order, 7);
    const Element element = sizes.element;
    ScanReference wanted{.batch = 2,
                         .channels = sizes.channels,
                         .states = sizes.states,
                         .length = sizes.length,
                         .softplus = sizes.softplus,
                         .hasGate = sizes.hasGate};
    wanted.fill(3, element);
    wanted.compute();
    const auto batch = static_cast<std::size_t>(wanted.batch);
    const auto steps = static_cast<std::size_t>(sizes.length);
    // One step of each sequence, rows further apart than they are long.
    const auto stepOf = [&](const Values& sequence, std::size_t t) {
        const std::size_t width = sequence.size() / batch / steps;
        Values rows(batch * (width + 3), 1e4);
        for (std::size_t b = 0; b < batch; ++b)
            for (std::size_t i = 0; i < width; ++i)
                rows[b * (width + 3) + i] = sequence[(b * width + i) * steps + t];
        return rows;
    };
    const auto rowsOf = [](DeviceArray& array, int width) {
        return gpu::ConstRows{array.data(), width + 3, 0};
    };
    DeviceArray A("A", wanted.A);
    DeviceArray D("D", wanted.D);
    DeviceArray deltaBias("deltaBias", wanted.deltaBias);
    DeviceArray state("state", wanted.initialState);
    for (std::size_t t = 0; t < steps; ++t) {
        DeviceArray u("u", stepOf(wanted.u, t), element);
        DeviceArray delta("delta", stepOf(wanted.delta, t), element);
        DeviceArray z("z", stepOf(wanted.z, t), element);
        DeviceArray B("B", stepOf(wanted.B, t), element);
        DeviceArray C("C", stepOf(wanted.C, t), element);
        DeviceArray y = DeviceArray::unwritten("y", wanted.y.size() / steps, element);
        gpu::scanStep({.batch = wanted.batch,
                       .channels = sizes.channels,
                       .states = sizes.states,
                       .deltaSoftplus = sizes.softplus,
                       .u = rowsOf(u, sizes.channels),
                       .delta = rowsOf(delta, sizes.channels),
                       .z = sizes.hasGate ? rowsOf(z, sizes.channels) : gpu::ConstRows{},
                       .B = rowsOf(B, sizes.states),
                       .C = rowsOf(C, sizes.states),
                       .A = A.floats(),
                       .D = D.floats(),
                       .deltaBias = deltaBias.floats(),
                       .state = state.floats(),
                       .y = y.data()},
                      element, nullptr);
        Values wantedY(wanted.y.size() / steps);
        for (std::size_t i = 0; i < wantedY.size(); ++i)
            wantedY[i] = wanted.y[i * steps + t];
        SAMBA_VERIFY_EMPTY(racesFound());
        SAMBA_VERIFY_EMPTY(differenceOf("y", y.values(), wantedY, toleranceOf(element)));
    }
    SAMBA_VERIFY_EMPTY(differenceOf("state", state.values(), wanted.chunkStates, kFloatTolerance));
}

void TestCudaScan::wrongSizesAreNamed_data()
{
    QTest::addColumn<int>("states");
    QTest::addColumn<int>("groups");
    QTest::addColumn<int>("channels");
    QTest::addColumn<QString>("name");
    QTest::newRow("states") << 257 << 1 << 4 << QStringLiteral("states");
    QTest::newRow("no states") << 0 << 1 << 4 << QStringLiteral("states");
    QTest::newRow("groups") << 16 << 3 << 4 << QStringLiteral("groups");
    QTest::newRow("channels") << 16 << 1 << 70000 << QStringLiteral("channels");
}

void TestCudaScan::wrongSizesAreNamed()
{
    QFETCH(int, states);
    QFETCH(int, groups);
    QFETCH(int, channels);
    QFETCH(QString, name);
    const gpu::ScanForward forward{
        .batch = 1, .channels = channels, .groups = groups, .states = states, .length = 4};
    try {
        gpu::scanForward(forward, Element::Float32, nullptr);
        QFAIL("a wrong size was accepted");
    } catch (const std::invalid_argument& error) {
        QVERIFY2(QString::fromUtf8(error.what()).contains(name), error.what());
    }
}

QTEST_GUILESS_MAIN(TestCudaScan)
#include "tst_cuda_scan.moc"
