#include "engine/infer/decode_stepper.h"
#include "kernels/common/cuda_ops.h"
#include "tests/support/small_model.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>
#include <QTest>
#include <c10/core/InferenceMode.h>

using namespace samba;

namespace {

/// A graph of the CPU: runs the function that was "recorded". Like a real one it reads and writes
/// the tensors of the recording and does nothing that is not work on tensors.
class RunAgain : public kernels::CudaGraph {
public:
    RunAgain(std::function<void()> body, DecodeState& state, int& replays)
        : m_body(std::move(body)), m_state(state), m_replays(replays)
    {}

    void replay() override
    {
        ++m_replays;
        const int64_t position = m_state.position;
        m_body();
        m_state.position = position;
    }

private:
    std::function<void()> m_body;
    DecodeState& m_state;
    int& m_replays;
};

const std::vector<int64_t> kTokens = {3, 1, 4, 1, 5, 9, 2, 6};

/// Where a state's numbers lie: a recorded step knows no other place.
std::vector<const void*> addresses(const DecodeState& state)
{
    std::vector<const void*> result;
    for (const DecodeState::Layer& layer : state.layers) {
        result.push_back(layer.conv.const_data_ptr());
        result.push_back(layer.ssm.const_data_ptr());
    }
    return result;
}

} // namespace

Q_DECLARE_METATYPE(at::ScalarType)

/// Decoding by recorded steps against decoding operation by operation.
class TestDecodeStepper : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recordedStepsGiveTheSame_data();
    void recordedStepsGiveTheSame();
    void goesOnWhereRecordingFails();
    void growingStatesAreNotRecorded();
    void theCpuHasNoRecorder();
};

void TestDecodeStepper::recordedStepsGiveTheSame_data()
{
    QTest::addColumn<at::ScalarType>("type");
    QTest::addColumn<bool>("useReadout");
    // Float64 goes the way that CUDA devices go: layers operation by operation.
    QTest::newRow("fused layers") << at::kFloat << false;
    QTest::newRow("fused layers, readout") << at::kFloat << true;
    QTest::newRow("operations") << at::kDouble << false;
    QTest::newRow("operations, readout") << at::kDouble << true;
}

void TestDecodeStepper::recordedStepsGiveTheSame()
{
    QFETCH(at::ScalarType, type);
    QFETCH(bool, useReadout);
    const c10::InferenceMode noGradients;
    const auto model = test::makeSmallSamba(type);
    const at::Tensor prompt = at::tensor({7, 8, 9}, at::kLong).unsqueeze(0);
    DecodeState plainState = model->initialState(1);
    DecodeState state = model->initialState(1);
    model->forward(prompt, &plainState);
    model->forward(prompt, &state);
    const std::vector<const void*> places = addresses(state);

    int replays = 0;
    DecodeStepper plain(*model, plainState, useReadout, {});
    DecodeStepper recorded(*model, state, useReadout, [&](const std::function<void()>& body) {
        body(); // for real
        body(); // stands for the recording
        return std::make_unique<RunAgain>(body, state, replays);
    });
    for (const int64_t token : kTokens) {
        const at::Tensor wanted = plain.next(token);
        const at::Tensor got = recorded.next(token);
        QCOMPARE(got.sizes().vec(), (std::vector<int64_t>{1, test::kSmallVocabulary}));
        QVERIFY(at::equal(got, wanted));
        QCOMPARE(state.position, plainState.position);
    }
    QCOMPARE(replays, static_cast<int>(kTokens.size()));
    QCOMPARE(addresses(state), places);
    for (size_t i = 0; i < state.layers.size(); ++i) {
        QVERIFY(at::equal(state.layers[i].conv, plainState.layers[i].conv));
        QVERIFY(at::equal(state.layers[i].ssm, plainState.layers[i].ssm));
    }
    QCOMPARE(recorded.warning(), std::string());
}

void TestDecodeStepper::goesOnWhereRecordingFails()
{
    const c10::InferenceMode noGradients;
    const auto model = test::makeSmallSamba();
    DecodeState plainState = model->initialState(1);
    DecodeState state = model->initialState(1);
    int attempts = 0;
    DecodeStepper plain(*model, plainState, false, {});
    DecodeStepper failing(*model, state, false, [&](const std::function<void()>& body) {
        ++attempts;
        body();
        TORCH_CHECK(false, "the stream is busy");
        return std::unique_ptr<kernels::CudaGraph>();
    });
    for (const int64_t token : kTokens)
        QVERIFY(at::equal(failing.next(token), plain.next(token)));
    QCOMPARE(attempts, 1);
    QCOMPARE(state.position, plainState.position);
    QVERIFY(failing.warning().find("the stream is busy") != std::string::npos);
    QCOMPARE(plain.warning(), std::string());
}

void TestDecodeStepper::growingStatesAreNotRecorded()
{
    const c10::InferenceMode noGradients;
    const auto model = test::makeSmallModel("transformer");
    DecodeState plainState = model->initialState(1);
    DecodeState state = model->initialState(1);
    int attempts = 0;
    DecodeStepper plain(*model, plainState, false, {});
    DecodeStepper stepper(*model, state, false, [&](const std::function<void()>&) {
        ++attempts;
        return std::unique_ptr<kernels::CudaGraph>();
    });
    for (const int64_t token : kTokens)
        QVERIFY(at::equal(stepper.next(token), plain.next(token)));
    QCOMPARE(attempts, 0);
    QCOMPARE(state.position, static_cast<int64_t>(kTokens.size()));
}

void TestDecodeStepper::theCpuHasNoRecorder()
{
    QVERIFY(!graphRecorder(at::kCPU));
}

QTEST_GUILESS_MAIN(TestDecodeStepper)
#include "tst_decode_stepper.moc"
