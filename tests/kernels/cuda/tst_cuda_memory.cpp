#include "kernels/causal_conv1d/causal_conv1d_cuda.h"
#include "kernels/rms_norm/rms_norm_cuda.h"
#include "kernels/selective_scan/selective_scan_cuda.h"
#include "tests/kernels/cuda/device_array.h"
#include "tests/kernels/cuda/toy_kernels.h"

#include <map>

using namespace samba;
using namespace samba::test;
namespace gpu = samba::kernels::gpu;

namespace {

/// What the only instruction that accesses a buffer this way costs.
emu::TrafficSummary trafficOf(const std::string& buffer, emu::Access access)
{
    for (const emu::TrafficSummary& summary : emu::takeTraffic())
        if (summary.buffer == buffer && summary.access == access)
            return summary;
    return {};
}

/// Owns arrays of zeros while a kernel runs.
class Arrays {
public:
    void* add(const char* name, int count, Element element = Element::Float32)
    {
        m_arrays.push_back(
            DeviceArray(name, Values(static_cast<std::size_t>(count), 0.0), element));
        return m_arrays.back().data();
    }
    float* floats(const char* name, int count) { return static_cast<float*>(add(name, count)); }

private:
    std::vector<DeviceArray> m_arrays;
};

/// Fails if a kernel moves more than `allowed` times the fewest sectors for a buffer, or has more
/// than `allowedWays` threads wait for one bank of shared memory.
std::string wastefulTraffic(double allowed, std::uint64_t allowedWays,
                            const std::map<std::string, double>& exceptions = {})
{
    struct Sum {
        double sectors = 0;
        double fewest = 0;
        std::string places;
    };
    std::map<std::string, Sum> sums;
    std::string text;
    for (const emu::TrafficSummary& summary : emu::takeTraffic()) {
        if (summary.ways > allowedWays)
            text += summary.place + ": " + std::to_string(summary.ways) +
                    " words of one bank of shared memory at a time, allowed " +
                    std::to_string(allowedWays) + "\n";
        if (summary.fewest == 0)
            continue;
        Sum& sum = sums[summary.buffer];
        sum.sectors += static_cast<double>(summary.sectors);
        sum.fewest += static_cast<double>(summary.fewest);
        sum.places += " " + summary.place;
    }
    for (const auto& [buffer, sum] : sums) {
        const auto exception = exceptions.find(buffer);
        const double limit = exception == exceptions.end() ? allowed : exception->second;
        if (sum.sectors > limit * sum.fewest)
            text += buffer + ": " + std::to_string(sum.sectors / sum.fewest) +
                    " times the fewest sectors, allowed " + std::to_string(limit) + " (at" +
                    sum.places + ")\n";
    }
    return text;
}

void addElementRows()
{
    QTest::addColumn<Element>("element");
    for (const Element element : allElements())
        QTest::newRow(nameOf(element)) << element;
}

} // namespace

/// Data races and the cost of memory accesses are found in kernels with a known mistake, and the
/// cost of our kernels stays within what it was when they were written. That is no statement about
/// speed: how a GPU's caches deal with the same accesses is not known here.
class TestCudaMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void findsRacesOfThreads();
    void findsRacesOfBlocks();
    void countsSectors();
    void countsBankConflicts();
    void scanTraffic_data() { addElementRows(); }
    void scanTraffic();
    void scanStepTraffic_data() { addElementRows(); }
    void scanStepTraffic();
    void convTraffic_data() { addElementRows(); }
    void convTraffic();
    void normTraffic_data() { addElementRows(); }
    void normTraffic();
};

void TestCudaMemory::cleanup()
{
    emu::takeRaces();
    emu::takeTraffic();
}

void TestCudaMemory::findsRacesOfThreads()
{
    emu::Buffer<int> count(1, "count");
    count[0] = 0;
    runNeighbours(true, count.data());
    QCOMPARE(racesFound(), std::string());
    runNeighbours(false, count.data());
    const std::string races = racesFound();
    QVERIFY2(races.find("of shared memory at byte") != std::string::npos, races.c_str());
    QVERIFY2(races.find("without a barrier between (toy_kernels.cu:") != std::string::npos,
             races.c_str());
}

void TestCudaMemory::findsRacesOfBlocks()
{
    emu::Buffer<float> sum(1, "sum");
    sum[0] = 0;
    runSumOfBlocks(true, sum.data());
    QCOMPARE(racesFound(), std::string());
    runSumOfBlocks(false, sum.data());
    const std::string races = racesFound();
    QVERIFY2(races.find("of sum at byte 0: thread 0 and another block") != std::string::npos,
             races.c_str());
}

void TestCudaMemory::countsSectors()
{
    constexpr int kStride = 8; // a sector of 32 bytes for each float
    emu::Buffer<float> from(64, "from");
    emu::Buffer<float> to(64 * kStride, "to");
    runStridedCopy(from.data(), to.data(), kStride);
    const emu::TrafficSummary scattered = trafficOf("to", emu::Access::Write);
    QCOMPARE(scattered.requests, std::uint64_t{2});
    QCOMPARE(scattered.sectors, std::uint64_t{64});
    QCOMPARE(scattered.fewest, std::uint64_t{8});
    runStridedCopy(from.data(), to.data(), 1);
    QCOMPARE(trafficOf("from", emu::Access::Read).sectors, std::uint64_t{8});
}

void TestCudaMemory::countsBankConflicts()
{
    emu::Buffer<float> to(64, "to");
    for (const int stride : {1, 2, 32}) {
        runStridedShared(stride, to.data());
        QCOMPARE(trafficOf(emu::kSharedMemory, emu::Access::Write).ways,
                 static_cast<std::uint64_t>(stride));
    }
}

void TestCudaMemory::scanTraffic()
{
    QFETCH(Element, element);
    const int length = gpu::scanChunkSteps();
    const int states = 4;
    Arrays arrays;
    const gpu::ScanForward forward{.batch = 1,
                                   .channels = 1,
                                   .states = states,
                                   .length = length,
                                   .u = arrays.add("u", length, element),
                                   .delta = arrays.add("delta", length, element),
                                   .z = arrays.add("z", length, element),
                                   .B = arrays.add("B", states * length, element),
                                   .C = arrays.add("C", states * length, element),
                                   .A = arrays.floats("A", states),
                                   .y = arrays.add("y", length, element),
                                   .chunkStates = arrays.floats("chunkStates", states)};
    // A thread's eight float32 neighbours are two packets, read one after the other: each request
    // of a warp takes every second half of a sector, and the next one the other half.
    const double rows = element == Element::Float32 ? 2.0 : 1.0;
    gpu::scanForward(forward, element, nullptr);
    SAMBA_VERIFY_EMPTY(wastefulTraffic(rows, 1));

    gpu::scanBackward({.forward = forward,
                       .gradY = arrays.add("gradY", length, element),
                       .gradU = arrays.add("gradU", length, element),
                       .gradDelta = arrays.add("gradDelta", length, element),
                       .gradZ = arrays.add("gradZ", length, element),
                       .gradA = arrays.floats("gradA", states),
                       .gradB = arrays.floats("gradB", states * length),
                       .gradC = arrays.floats("gradC", states * length)},
                      element, nullptr);
    SAMBA_VERIFY_EMPTY(wastefulTraffic(rows, 2, {{"gradB", 1.0}, {"gradC", 1.0}}));
}

void TestCudaMemory::scanStepTraffic()
{
    QFETCH(Element, element);
    const int channels = 64;
    const int states = 16;
    Arrays arrays;
    gpu::scanStep({.batch = 1,
                   .channels = channels,
                   .states = states,
                   .u = {arrays.add("u", channels, element)},
                   .delta = {arrays.add("delta", channels, element)},
                   .B = {arrays.add("B", states, element)},
                   .C = {arrays.add("C", states, element)},
                   .A = arrays.floats("A", channels * states),
                   .state = arrays.floats("state", channels * states),
                   .y = arrays.add("y", channels, element)},
                  element, nullptr);
    // Eight channels a warp: their rows of elements are shorter than a sector.
    SAMBA_VERIFY_EMPTY(wastefulTraffic(1.0, 1, {{"B", 2.0}, {"C", 2.0}}));
}

void TestCudaMemory::convTraffic()
{
    QFETCH(Element, element);
    const int channels = 512;
    const int length = 8;
    const int width = 4;
    Arrays arrays;
    const gpu::ConvForward forward{
        .batch = 1,
        .length = length,
        .channels = channels,
        .width = width,
        .x = {arrays.add("x", length * channels, element), length * channels, channels},
        .weight = arrays.floats("weight", width * channels),
        .bias = arrays.floats("bias", channels),
        .y = arrays.add("y", length * channels, element)};
    // Beside 16-bit elements, the float32 parameters of a thread are two packets.
    const double parameters = element == Element::Float32 ? 1.0 : 2.0;
    gpu::convForward(forward, element, nullptr);
    SAMBA_VERIFY_EMPTY(wastefulTraffic(1.0, 1, {{"weight", parameters}, {"bias", parameters}}));
    gpu::convBackward(
        {.forward = forward,
         .gradY = {arrays.add("gradY", length * channels, element), length * channels, channels},
         .gradX = arrays.add("gradX", length * channels, element),
         .gradWeight = arrays.floats("gradWeight", (width + 1) * channels)},
        element, nullptr);
    SAMBA_VERIFY_EMPTY(wastefulTraffic(
        1.0, 1, {{"weight", parameters}, {"bias", parameters}, {"gradWeight", parameters}}));
    gpu::convStep({.batch = 1,
                   .channels = channels,
                   .width = width,
                   .x = {arrays.add("x", channels, element)},
                   .weight = arrays.floats("weight", width * channels),
                   .bias = arrays.floats("bias", channels),
                   .state = arrays.floats("state", (width - 1) * channels),
                   .y = arrays.add("y", channels, element)},
                  element, nullptr);
    SAMBA_VERIFY_EMPTY(wastefulTraffic(
        1.0, 1, {{"weight", parameters}, {"bias", parameters}, {"state", parameters}}));
}

void TestCudaMemory::normTraffic()
{
    QFETCH(Element, element);
    const int rows = 4;
    const int width = 1024;
    const gpu::NormElements elements = {element, element};
    Arrays arrays;
    void* sum = arrays.add("sum", rows * width, element);
    float* weight = arrays.floats("weight", width);
    float* scale = arrays.floats("scale", rows);
    gpu::normForward({.rows = rows,
                      .width = width,
                      .eps = 1e-5f,
                      .x = arrays.add("x", rows * width, element),
                      .residual = arrays.add("residual", rows * width, element),
                      .weight = weight,
                      .y = arrays.add("y", rows * width, element),
                      .sum = sum,
                      .scale = scale},
                     elements, nullptr);
    const double parameters = element == Element::Float32 ? 1.0 : 2.0;
    SAMBA_VERIFY_EMPTY(wastefulTraffic(1.0, 1, {{"weight", parameters}}));
    gpu::normBackward({.rows = rows,
                       .width = width,
                       .sum = sum,
                       .weight = weight,
                       .scale = scale,
                       .gradY = arrays.add("gradY", rows * width, element),
                       .gradX = arrays.add("gradX", rows * width, element),
                       .gradWeight = arrays.floats("gradWeight", width)},
                      elements, nullptr);
    SAMBA_VERIFY_EMPTY(
        wastefulTraffic(1.0, 1, {{"weight", parameters}, {"gradWeight", parameters}}));
}

QTEST_GUILESS_MAIN(TestCudaMemory)
#include "tst_cuda_memory.moc"
