#include "engine/api/config_document.h"
#include "engine/bench/allocation_meter.h"
#include "engine/model/gradient_checkpoint.h"
#include "engine/model/initial_weights.h"
#include "engine/model/language_model.h"
#include "engine/train/autocast.h"
#include "engine/train/losses.h"
#include "engine/train/optimizer.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <QtTest>

#include <map>

using namespace samba;

/// Backward passes that compute the chunks again.
class GradientCheckpointTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void givesTheSameGradients_data();
    void givesTheSameGradients();
    void leavesAFrozenBackboneAlone();
    void keepsChunkInputsOnly();
    void runsTheSegmentAgainForItsGradient();
    void runsOnceWithoutGradients();
};

namespace {

Config smallConfig(const QString& type)
{
    Config config = ConfigDocument::fromText({}).config();
    config.model.type = type.toStdString();
    config.model.dModel = 32;
    config.model.nLayers = 5; // the last chunk is a short one
    config.model.readoutStride = 2;
    config.model.readoutHiddenDim = 16;
    config.model.vocabSize = 97;
    config.model.nHead = 4;
    return config;
}

struct StepResult {
    at::Tensor loss;
    std::map<std::string, at::Tensor> gradients; ///< undefined for tensors that are not trained
};

/// One forward and backward pass of two sequences from the same weights.
StepResult stepOf(const Config& config, bool isCheckpointed, bool isFrozen = false)
{
    const TensorManifest manifest(ModelDescription{config.model});
    const auto model = makeModel(manifest.description(), initialWeights(manifest, 1));
    const Optimizer optimizer(*model, config.training, isFrozen);
    model->setGradientCheckpointing(isCheckpointed);
    at::Generator generator = at::globalContext().defaultGenerator(at::kCPU).clone();
    generator.set_current_seed(7);
    const at::Tensor ids = at::randint(0, config.model.vocabSize, {2, 33}, generator, at::kLong);
    StepResult result;
    {
        const AutocastGuard autocast(config.training.bf16);
        const ForwardResult output = model->forward(ids);
        result.loss = computeLosses(*model, output, ids, config.training).total;
    }
    result.loss.backward();
    for (const auto& [name, tensor] : model->weights())
        result.gradients[name] = tensor.grad();
    return result;
}

/// The readout and the pruning loss read the chunk outputs besides the next chunk: there the order
/// of the sums differs, so that the gradients of a Samba agree but for rounding.
void compareSteps(const StepResult& plain, const StepResult& checkpointed, double tolerance)
{
    QVERIFY(at::equal(plain.loss, checkpointed.loss));
    QCOMPARE(checkpointed.gradients.size(), plain.gradients.size());
    for (const auto& [name, gradient] : plain.gradients) {
        const at::Tensor& other = checkpointed.gradients.at(name);
        QVERIFY2(gradient.defined() == other.defined(), name.c_str());
        if (gradient.defined())
            QVERIFY2(test::relativeError(other, gradient) <= tolerance, name.c_str());
    }
}

} // namespace

void GradientCheckpointTest::givesTheSameGradients_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<bool>("isBFloat16");
    QTest::newRow("mamba") << "mamba" << false;
    QTest::newRow("samba") << "samba" << false;
    QTest::newRow("transformer") << "transformer" << false;
    QTest::newRow("transformer, bf16 autocast") << "transformer" << true;
    QTest::newRow("samba, bf16 autocast") << "samba" << true;
}

void GradientCheckpointTest::givesTheSameGradients()
{
    QFETCH(QString, type);
    QFETCH(bool, isBFloat16);
    Config config = smallConfig(type);
    config.training.bf16 = isBFloat16;
    const StepResult plain = stepOf(config, false);
    for (const auto& [name, gradient] : plain.gradients)
        QVERIFY2(gradient.defined(), name.c_str());
    compareSteps(plain, stepOf(config, true), type == QStringLiteral("samba") ? 1e-6 : 0);
}

void GradientCheckpointTest::leavesAFrozenBackboneAlone()
{
    const Config config = smallConfig(QStringLiteral("samba"));
    const StepResult plain = stepOf(config, false, true);
    QVERIFY(!plain.gradients.at("backbone.layers.0.mixer.in_proj.weight").defined());
    compareSteps(plain, stepOf(config, true, true), 0);
}

void GradientCheckpointTest::keepsChunkInputsOnly()
{
    const Config config = smallConfig(QStringLiteral("mamba"));
    const auto keptBytes = [&config](bool isCheckpointed) {
        const TensorManifest manifest(ModelDescription{config.model});
        const auto model = makeModel(manifest.description(), initialWeights(manifest, 1));
        const Optimizer optimizer(*model, config.training, false);
        model->setGradientCheckpointing(isCheckpointed);
        const at::Tensor ids = at::zeros({2, 128}, at::kLong);
        const AllocationMeter meter;
        const ForwardResult output = model->forward(ids);
        return meter.liveBytes();
    };
    // The embedded ids, three chunk outputs, the norm's result and its scales.
    const int64_t tokens = 2 * 128;
    QCOMPARE(keptBytes(true), int64_t{4} * tokens * (5 * config.model.dModel + 1));
    QVERIFY(keptBytes(false) > 5 * keptBytes(true));
}

void GradientCheckpointTest::runsTheSegmentAgainForItsGradient()
{
    const at::Tensor weight = at::full({}, 3.0).set_requires_grad(true);
    const at::Tensor x = at::full({2}, 2.0).set_requires_grad(true);
    int runs = 0;
    const at::Tensor y = checkpointed(
        [&](const at::Tensor& input) {
            ++runs;
            return input * input * weight;
        },
        x);
    QCOMPARE(runs, 1);
    y.sum().backward();
    QCOMPARE(runs, 2);
    QVERIFY(at::equal(x.grad(), at::full({2}, 12.0)));
    QVERIFY(at::equal(weight.grad(), at::full({}, 8.0)));
}

void GradientCheckpointTest::runsOnceWithoutGradients()
{
    int runs = 0;
    const ModelSegment segment = [&runs](const at::Tensor& input) {
        ++runs;
        return input + 1;
    };
    const at::Tensor plain = at::zeros({2});
    QVERIFY(!checkpointed(segment, plain).requires_grad());
    const at::NoGradGuard noGradients;
    QVERIFY(!checkpointed(segment, at::zeros({2}).set_requires_grad(true)).requires_grad());
    QCOMPARE(runs, 2);
}

QTEST_GUILESS_MAIN(GradientCheckpointTest)
#include "tst_gradient_checkpoint.moc"
