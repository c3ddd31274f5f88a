#include "tests/kernels/cuda/device_array.h"
#include "tests/kernels/cuda/toy_kernels.h"

using namespace samba;
using namespace samba::test;

namespace {

/// The message of the error that a launch ends with; "" if it ends well.
std::string errorOf(const std::function<void()>& launch)
{
    try {
        launch();
    } catch (const emu::KernelError& error) {
        return error.what();
    }
    return {};
}

} // namespace

/// The emulator finds what it is there to find, in kernels with a known mistake each.
class TestCudaEmulator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { emu::setOrder(emu::Order::Forward); }
    void refusesDivergentBarriers();
    void refusesThreadsThatLeaveOthersWaiting();
    void refusesLanesOutsideTheMask();
    void showsMissingBarriers();
};

void TestCudaEmulator::refusesDivergentBarriers()
{
    const std::string error = errorOf(runDivergentBarrier);
    QVERIFY2(error.find("divergent barrier") != std::string::npos, error.c_str());
}

void TestCudaEmulator::refusesThreadsThatLeaveOthersWaiting()
{
    const std::string error = errorOf(runEarlyReturn);
    QVERIFY2(error.find("deadlock: 1 threads returned; 63 threads wait") != std::string::npos,
             error.c_str());
}

void TestCudaEmulator::refusesLanesOutsideTheMask()
{
    const std::string error = errorOf(runMaskWithoutCaller);
    QVERIFY2(error.find("the mask leaves out the calling lane") != std::string::npos,
             error.c_str());
}

void TestCudaEmulator::showsMissingBarriers()
{
    const auto seen = [](emu::Order order, bool hasBarrier) {
        emu::setOrder(order);
        emu::Buffer<int> count(1, "count");
        count[0] = 0;
        runNeighbours(hasBarrier, count.data());
        return count[0];
    };
    for (const emu::Order order : {emu::Order::Forward, emu::Order::Reverse, emu::Order::Random})
        QCOMPARE(seen(order, true), 64);
    QVERIFY(seen(emu::Order::Forward, false) < 64);
    QVERIFY(seen(emu::Order::Random, false) < 64);
}

QTEST_GUILESS_MAIN(TestCudaEmulator)
#include "tst_cuda_emulator.moc"
