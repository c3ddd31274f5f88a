// What runs on a CUDA device against the same on the CPU. Where there is no device it is skipped;
// tests/kernels/cuda holds what is proven without one.

#include "engine/api/config_schema.h"
#include "engine/infer/decode_stepper.h"
#include "engine/runtime/device.h"
#include "engine/train/losses.h"
#include "engine/train/optimizer.h"
#include "engine/train/token_tensors.h"
#include "kernels/adamw/adamw.h"
#include "kernels/common/cuda_library.h"
#include "kernels/linear_cross_entropy/linear_cross_entropy.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/selective_scan/selective_scan.h"
#include "tests/support/small_model.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QTest>

#include <random>

using namespace samba;

namespace {

/// Of results that are sums in another order.
constexpr double kTolerance = 1e-4;

/// Random sizes of one op.
struct Sizes {
    int64_t batch = 0;
    int64_t length = 0;
    int64_t channels = 0;
    int64_t states = 0;
};

void addRandomSizes()
{
    QTest::addColumn<Sizes>("sizes");
    std::mt19937 random(17);
    const auto draw = [&](int low, int high) {
        return std::uniform_int_distribution<int64_t>(low, high)(random);
    };
    for (int i = 0; i < 8; ++i)
        QTest::addRow("%d", i) << Sizes{draw(1, 4), draw(1, 2100), draw(1, 130), draw(1, 40)};
}

/// A copy on a device that wants gradients.
at::Tensor variable(const at::Tensor& tensor, at::Device device)
{
    return tensor.to(device).detach().clone().set_requires_grad(true);
}

std::string difference(const at::Tensor& got, const at::Tensor& wanted)
{
    const double scale = wanted.abs().max().item<double>();
    return test::tensorDifference(got, wanted, {.absolute = kTolerance * scale});
}

at::Tensor randomIds(int64_t rows, int64_t length)
{
    at::manual_seed(5);
    return at::randint(test::kSmallVocabulary, {rows, length}, at::kLong);
}

void addTypes()
{
    QTest::addColumn<QByteArray>("type");
    for (const char* type : {"samba", "transformer"})
        QTest::newRow(type) << QByteArray(type);
}

} // namespace

Q_DECLARE_METATYPE(Sizes)

class TestCudaDevice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void scanAgreesWithTheCpu_data() { addRandomSizes(); }
    void scanAgreesWithTheCpu();
    void normAgreesWithTheCpu_data() { addRandomSizes(); }
    void normAgreesWithTheCpu();
    void lossAgreesWithTheCpu();
    void trainingStepAgreesWithTheCpu_data();
    void trainingStepAgreesWithTheCpu();
    void decodingAgreesWithTheCpu_data();
    void decodingAgreesWithTheCpu();
    void recordedDecodingAgreesWithTheCpu();
    void batchesArrive();
    void memoryIsCounted();
    void halfPrecisionStaysClose();

private:
    /// Calls `run(device)` on both devices and compares the tensors that it gives.
    template <class Run>
    void compareDevices(const Run& run)
    {
        const std::vector<at::Tensor> wanted = run(m_cpu);
        const std::vector<at::Tensor> got = run(m_cuda);
        QCOMPARE(got.size(), wanted.size());
        for (size_t i = 0; i < wanted.size(); ++i)
            QCOMPARE(difference(got[i], wanted[i]), std::string());
    }

    const at::Device m_cpu{at::kCPU};
    const at::Device m_cuda{at::kCUDA, 0};
};

void TestCudaDevice::initTestCase()
{
    const std::string& problem = kernels::loadCudaLibrary();
    if (!problem.empty())
        QSKIP(("no CUDA device to test on: " + problem).c_str());
}

void TestCudaDevice::scanAgreesWithTheCpu()
{
    QFETCH(Sizes, sizes);
    at::manual_seed(1);
    const std::vector<at::Tensor> values = {at::randn({sizes.batch, sizes.length, sizes.channels}),
                                            at::randn({sizes.batch, sizes.length, sizes.channels}),
                                            -at::rand({sizes.channels, sizes.states}) - 0.1,
                                            at::randn({sizes.batch, sizes.length, sizes.states}),
                                            at::randn({sizes.batch, sizes.length, sizes.states}),
                                            at::randn({sizes.channels}),
                                            at::randn({sizes.batch, sizes.length, sizes.channels}),
                                            at::randn({sizes.channels}),
                                            at::randn({sizes.batch, sizes.channels, sizes.states})};
    const at::Tensor gradY = at::randn(values[0].sizes());
    const auto run = [&](at::Device device) {
        std::vector<at::Tensor> v;
        for (const at::Tensor& value : values)
            v.push_back(variable(value, device));
        const auto result =
            kernels::selectiveScan({v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], true});
        std::vector<at::Tensor> all = torch::autograd::grad(
            {result.y, result.lastState}, v,
            {gradY.to(device), at::ones(result.lastState.sizes(), result.lastState.options())});
        all.push_back(result.y);
        all.push_back(result.lastState);
        return all;
    };
    compareDevices(run);
}

void TestCudaDevice::normAgreesWithTheCpu()
{
    QFETCH(Sizes, sizes);
    at::manual_seed(2);
    const at::Tensor x = at::randn({sizes.batch, sizes.length, sizes.channels});
    const at::Tensor weight = at::randn({sizes.channels});
    const at::Tensor gradY = at::randn(x.sizes());
    const auto run = [&](at::Device device) {
        const std::vector<at::Tensor> v = {variable(x, device), variable(weight, device)};
        const at::Tensor y = kernels::rmsNorm(v[0], v[1], 1e-5);
        std::vector<at::Tensor> all = torch::autograd::grad({y}, v, {gradY.to(device)});
        all.push_back(y);
        return all;
    };
    compareDevices(run);
}

void TestCudaDevice::lossAgreesWithTheCpu()
{
    at::manual_seed(3);
    const at::Tensor hidden = at::randn({300, 24});
    const at::Tensor weight = at::randn({101, 24});
    const at::Tensor targets = at::randint(90, {300}, at::kLong);
    targets.narrow(0, 7, 3).fill_(-100);
    const auto run = [&](at::Device device) {
        const std::vector<at::Tensor> v = {variable(hidden, device), variable(weight, device)};
        const auto result = kernels::linearCrossEntropy({v[0], v[1], targets.to(device), -100, 95});
        std::vector<at::Tensor> all = torch::autograd::grad({result.loss}, v);
        all.push_back(result.loss);
        all.push_back(result.correct.to(at::kFloat));
        all.push_back(result.counted.to(at::kFloat));
        return all;
    };
    compareDevices(run);
}

void TestCudaDevice::trainingStepAgreesWithTheCpu_data()
{
    addTypes();
}

void TestCudaDevice::trainingStepAgreesWithTheCpu()
{
    QFETCH(QByteArray, type);
    const at::Tensor ids = randomIds(2, 70);
    const TrainingConfig training = defaultConfig().training;
    const auto run = [&](at::Device device) {
        const std::unique_ptr<LanguageModel> model = test::makeSmallModel(type, device);
        Optimizer optimizer(*model, training, false);
        for (int step = 0; step < 3; ++step) {
            optimizer.zeroGrad();
            const ForwardResult output = model->forward(ids.narrow(1, 0, 69));
            const LossTerms terms = computeLosses(*model, output, ids.narrow(1, 1, 69), training);
            terms.total.backward();
            optimizer.step(1e-3);
        }
        ModelWeights weights;
        for (const auto& [name, tensor] : model->weights())
            weights.emplace(name, tensor.detach().clone());
        return weights;
    };
    const ModelWeights wanted = run(m_cpu);
    const ModelWeights got = run(m_cuda);
    for (const auto& [name, tensor] : wanted) {
        const std::string text = difference(got.at(name), tensor);
        QVERIFY2(text.empty(), (name + ": " + text).c_str());
    }
}

void TestCudaDevice::decodingAgreesWithTheCpu_data()
{
    addTypes();
}

void TestCudaDevice::decodingAgreesWithTheCpu()
{
    QFETCH(QByteArray, type);
    const c10::InferenceMode noGradients;
    const at::Tensor ids = randomIds(1, 24);
    const auto run = [&](at::Device device) {
        const std::unique_ptr<LanguageModel> model = test::makeSmallModel(type, device);
        DecodeState state = model->initialState(1);
        std::vector<at::Tensor> outputs = {
            model->forward(ids.narrow(1, 0, 9), &state).hidden.select(1, 8),
            model->forward(ids.narrow(1, 9, 7), &state).hidden.select(1, 6)};
        for (int64_t t = 16; t < 24; ++t)
            outputs.push_back(model->step(ids.select(1, t), state).hidden);
        return outputs;
    };
    compareDevices(run);
}

void TestCudaDevice::recordedDecodingAgreesWithTheCpu()
{
    const c10::InferenceMode noGradients;
    const auto run = [](at::Device device) {
        const std::unique_ptr<LanguageModel> model = test::makeSmallSamba(device);
        DecodeState state = model->initialState(1);
        DecodeStepper stepper(*model, state, true, graphRecorder(device));
        std::vector<at::Tensor> logits;
        for (int64_t token = 0; token < 12; ++token)
            logits.push_back(stepper.next(token).clone());
        if (!stepper.warning().empty())
            throw std::runtime_error(stepper.warning());
        return logits;
    };
    compareDevices(run);
}

void TestCudaDevice::batchesArrive()
{
    TokenBatch batch;
    batch.rows = 2;
    batch.seqLen = 3;
    batch.ids = {1, 2, 3, 4, 5, 6, 7, 8};
    const TokenTensors wanted = toTensors(batch, m_cpu);
    const TokenTensors got = toTensors(batch, m_cuda);
    QVERIFY(got.inputs.is_cuda());
    QVERIFY(at::equal(got.inputs.to(at::kCPU), wanted.inputs));
    QVERIFY(at::equal(got.targets.to(at::kCPU), wanted.targets));
}

void TestCudaDevice::memoryIsCounted()
{
    takeDeviceMemory(m_cuda);
    constexpr int64_t kBytes = 4 << 20;
    at::empty({kBytes}, at::device(m_cuda).dtype(at::kByte));
    const DeviceMemory memory = takeDeviceMemory(m_cuda);
    QVERIFY(memory.peakBytes >= kBytes);
    QVERIFY(memory.reservedBytes >= memory.peakBytes);
}

void TestCudaDevice::halfPrecisionStaysClose()
{
    at::manual_seed(4);
    const at::Tensor x = at::randn({4, 1030, 64});
    const at::Tensor weight = at::randn({64});
    const at::Tensor wanted = kernels::rmsNorm(x, weight, 1e-5);
    for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
        const at::Tensor got = kernels::rmsNorm(x.to(m_cuda, dtype), weight.to(m_cuda), 1e-5);
        QCOMPARE(got.scalar_type(), dtype);
        QVERIFY(test::relativeError(got, wanted) < 1e-2);
    }
}

QTEST_GUILESS_MAIN(TestCudaDevice)
#include "tst_cuda_device.moc"
