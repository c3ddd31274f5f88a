// The pieces of training that can be checked by hand: schedule, losses, chunk measures, optimizer.

#include "engine/api/config_schema.h"
#include "engine/api/error.h"
#include "engine/model/language_model.h"
#include "engine/train/loss_meter.h"
#include "engine/train/losses.h"
#include "engine/train/lr_schedule.h"
#include "engine/train/optimizer.h"
#include "engine/train/sparsity.h"
#include "engine/train/tf32_guard.h"
#include "tests/support/error_check.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>
#include <numeric>

using namespace samba;

namespace {

ModelConfig tinyModel(const char* type)
{
    ModelConfig c = defaultConfig().model;
    c.type = type;
    c.vocabSize = 11;
    c.dModel = 8;
    c.nLayers = 5;
    c.dState = 4;
    c.readoutStride = 2;
    c.readoutHiddenDim = 6;
    return c;
}

std::unique_ptr<LanguageModel> makeTiny(const char* type)
{
    const ModelDescription description{tinyModel(type)};
    return makeModel(description, initialWeights(TensorManifest(description), 3));
}

at::Tensor someIds(int64_t rows, int64_t length)
{
    return at::arange(rows * length, at::kLong).mul_(7).remainder_(11).reshape({rows, length});
}

} // namespace

class TestTrainingParts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scheduleFollowsItsFormula_data();
    void scheduleFollowsItsFormula();
    void chunkMeasuresMatchHandWork();
    void totalLossAddsItsTerms();
    void readoutAttentionSumsToOne();
    void stepsMatchTheWholeSequence();
    void freshWeightsFollowTheConfiguration();
    void frozenBackboneStays();
    void freezingAPlainMambaIsRefused();
    void decayLeavesNormsAlone();
    void meterWeighsByTargets();
    void tiedEmbeddingGetsOneDenseGradient();
    void tf32IsGivenBack();
};

void TestTrainingParts::scheduleFollowsItsFormula_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<double>("warmup");
    QTest::addColumn<qint64>("step");
    QTest::addColumn<double>("wanted"); // share of the peak, 100 steps, min_lr_ratio 0.1
    QTest::newRow("warm-up begins") << QStringLiteral("cosine") << 10.0 << qint64{0} << 0.1;
    QTest::newRow("warm-up ends") << QStringLiteral("cosine") << 10.0 << qint64{9} << 1.0;
    QTest::newRow("cosine begins") << QStringLiteral("cosine") << 10.0 << qint64{10} << 1.0;
    QTest::newRow("cosine middle") << QStringLiteral("cosine") << 10.0 << qint64{55} << 0.55;
    QTest::newRow("cosine end") << QStringLiteral("cosine") << 10.0 << qint64{100} << 0.1;
    QTest::newRow("ratio") << QStringLiteral("linear") << 0.1 << qint64{4} << 0.5;
    QTest::newRow("linear middle") << QStringLiteral("linear") << 0.1 << qint64{55} << 0.5;
    QTest::newRow("linear end") << QStringLiteral("linear") << 0.1 << qint64{100} << 0.0;
    QTest::newRow("constant") << QStringLiteral("constant") << 0.0 << qint64{77} << 1.0;
}

void TestTrainingParts::scheduleFollowsItsFormula()
{
    QFETCH(QString, type);
    QFETCH(double, warmup);
    QFETCH(qint64, step);
    QFETCH(double, wanted);
    TrainingConfig training;
    training.lr = 2.0;
    training.lrSchedulerType = type.toStdString();
    training.warmupSteps = warmup;
    training.minLrRatio = 0.1;
    QVERIFY(std::abs(learningRate(training, step, 100) - 2.0 * wanted) < 1e-12);
}

void TestTrainingParts::chunkMeasuresMatchHandWork()
{
    // Two positions of four units: one dense, one with a single entry.
    ForwardResult output;
    output.chunkOutputs = {
        at::tensor({1.0F, -1.0F, 1.0F, -1.0F, 0.0F, 2.0F, 5e-4F, 0.0F}).reshape({1, 2, 4})};
    output.readoutAttention = at::ones({1, 2, 1});
    const ChunkMetrics m = measureChunks(output).front();
    QCOMPARE(m.nearZero, 3.0 / 8.0);
    QCOMPARE(m.l0, 2.5);
    QVERIFY(std::abs(m.l1 - 6.0005 / 8.0) < 1e-6);
    QVERIFY(std::abs(m.rms - 1.0) < 1e-6);
    QVERIFY(std::abs(m.nearZeroRelative - 3.0 / 8.0) < 1e-12);
    // Hoyer: 0 for the dense position, (2 - 2.0005 / 2) / 1 for the other.
    QVERIFY(std::abs(m.hoyer - 0.5 * (2.0 - 2.0005 / 2.0)) < 1e-4);
    QCOMPARE(m.deadUnits, 0.0);
    QCOMPARE(m.attention, 1.0);
}

void TestTrainingParts::totalLossAddsItsTerms()
{
    const auto model = makeTiny("samba");
    TrainingConfig training;
    training.readoutWeight = 0.5;
    training.pruningWeight = 0.05;
    training.pruningMethod = "l1";
    const at::Tensor ids = someIds(2, 9);
    const ForwardResult output = model->forward(ids.slice(1, 0, 8));
    const at::Tensor targets = ids.slice(1, 1, 9).contiguous();
    const LossTerms terms = computeLosses(*model, output, targets, training);

    const at::Tensor mainWanted = at::cross_entropy_loss(
        at::linear(output.hidden, model->headWeight()).flatten(0, 1), targets.flatten());
    const at::Tensor readoutWanted = at::cross_entropy_loss(
        at::linear(output.readoutHidden, model->readoutHeadWeight()).flatten(0, 1),
        targets.flatten());
    at::Tensor pruning = at::zeros({});
    for (const at::Tensor& chunk : output.chunkOutputs)
        pruning = pruning + chunk.abs().mean() / 3.0; // 5 layers in chunks of 2: 2 + 2 + 1
    SAMBA_COMPARE_TENSORS(terms.main, mainWanted, 1e-6);
    SAMBA_COMPARE_TENSORS(terms.readout, readoutWanted, 1e-6);
    SAMBA_COMPARE_TENSORS(terms.pruning, pruning, 1e-6);
    SAMBA_COMPARE_TENSORS(terms.total, mainWanted + 0.5 * readoutWanted + 0.05 * pruning, 1e-6);
    QCOMPARE(terms.counted.item<int64_t>(), int64_t{16});
}

void TestTrainingParts::readoutAttentionSumsToOne()
{
    const ForwardResult output = makeTiny("samba")->forward(someIds(2, 7));
    QCOMPARE(output.readoutAttention.sizes(), c10::IntArrayRef({2, 7, 3}));
    SAMBA_COMPARE_TENSORS(output.readoutAttention.sum(-1), at::ones({2, 7}), 1e-6);
}

void TestTrainingParts::stepsMatchTheWholeSequence()
{
    const auto model = makeTiny("samba");
    const at::Tensor ids = someIds(2, 7);
    const ForwardResult whole = model->forward(ids);
    DecodeState state = model->initialState(2);
    for (int64_t t = 0; t < ids.size(1); ++t) {
        const ForwardResult step = model->step(ids.select(1, t).contiguous(), state);
        SAMBA_COMPARE_TENSORS(step.hidden, whole.hidden.select(1, t), 1e-5);
        SAMBA_COMPARE_TENSORS(step.readoutHidden, whole.readoutHidden.select(1, t), 1e-5);
        SAMBA_COMPARE_TENSORS(step.readoutAttention, whole.readoutAttention.select(1, t), 1e-5);
    }
}

void TestTrainingParts::freshWeightsFollowTheConfiguration()
{
    ModelConfig config = tinyModel("mamba");
    config.vocabSize = 1000;
    config.dModel = 64;
    config.initializerRange = 0.3;
    config.timeStepMin = 0.02;
    config.timeStepMax = 0.5;
    const ModelWeights weights = initialWeights(TensorManifest({config}), 3);
    const at::Tensor embedding = weights.at(tensor_names::kEmbedding);
    QVERIFY(std::abs(embedding.std().item<double>() - 0.3) < 0.01);
    const at::Tensor steps =
        at::softplus(weights.at(layerPrefix(config, 0) + "mixer.dt_proj.bias"));
    QVERIFY(steps.min().item<double>() > 0.02 * 0.999);
    QVERIFY(steps.max().item<double>() < 0.5 * 1.001);
    // Spread evenly on a logarithmic scale: half of them lie below the geometric mean, 0.1.
    const double below = (steps < 0.1).to(at::kDouble).mean().item<double>();
    QVERIFY2(below > 0.35 && below < 0.65, std::to_string(below).c_str());
}

void TestTrainingParts::frozenBackboneStays()
{
    const auto model = makeTiny("samba");
    TrainingConfig training = defaultConfig().training;
    Optimizer optimizer(*model, training, true);
    const at::Tensor embedding = model->weights().at(tensor_names::kEmbedding).clone();
    const at::Tensor query = model->weights().at(tensor_names::kReadoutQuery).detach().clone();
    const at::Tensor ids = someIds(2, 9);
    const ForwardResult output = model->forward(ids.slice(1, 0, 8));
    computeLosses(*model, output, ids.slice(1, 1, 9).contiguous(), training).total.backward();
    QVERIFY(optimizer.step(1e-2) > 0);
    QVERIFY(at::equal(model->weights().at(tensor_names::kEmbedding), embedding));
    QVERIFY(!at::equal(model->weights().at(tensor_names::kReadoutQuery), query));
}

void TestTrainingParts::freezingAPlainMambaIsRefused()
{
    const auto model = makeTiny("mamba");
    const auto error = test::errorOf([&] { Optimizer(*model, defaultConfig().training, true); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Config);
}

void TestTrainingParts::decayLeavesNormsAlone()
{
    // With gradients of zero only the decay moves a tensor.
    const auto model = makeTiny("mamba");
    TrainingConfig training = defaultConfig().training;
    training.weightDecay = 0.5;
    Optimizer optimizer(*model, training, false);
    ModelWeights before;
    for (const ManifestTensor& spec : model->manifest().tensors()) {
        at::Tensor parameter = model->weights().at(spec.name);
        parameter.mutable_grad() = at::zeros_like(parameter);
        before.emplace(spec.name, parameter.detach().clone());
    }
    optimizer.step(0.1);
    for (const ManifestTensor& spec : model->manifest().tensors()) {
        const double factor = spec.hasWeightDecay ? 1.0 - 0.1 * 0.5 : 1.0;
        SAMBA_COMPARE_TENSORS(model->weights().at(spec.name).detach(),
                              before.at(spec.name) * factor, 1e-6);
    }
}

void TestTrainingParts::meterWeighsByTargets()
{
    const auto terms = [](double loss, int64_t counted, int64_t correct) {
        LossTerms t;
        t.total = at::full({}, loss);
        t.main = at::full({}, loss);
        t.pruning = at::full({}, 2.0);
        t.correct = at::full({}, correct, at::kLong);
        t.counted = at::full({}, counted, at::kLong);
        return t;
    };
    LossMeter meter;
    meter.add(terms(1.0, 10, 5));
    meter.add(terms(4.0, 20, 1));
    LossMeter restored;
    restored.restore(meter.sums());
    for (const LossMeter::Means& means : {meter.means(), restored.means()}) {
        QCOMPARE(means.main, 3.0);
        QCOMPARE(means.accuracy, 0.2);
        QCOMPARE(means.pruning, 2.0);
        QCOMPARE(means.counted, int64_t{30});
        QVERIFY(std::isnan(means.readout));
    }
}

void TestTrainingParts::tiedEmbeddingGetsOneDenseGradient()
{
    const auto model = makeTiny("mamba");
    TrainingConfig training = defaultConfig().training;
    Optimizer optimizer(*model, training, false);
    const at::Tensor ids = someIds(2, 9);
    const auto addGradients = [&] {
        const ForwardResult output = model->forward(ids);
        computeLosses(*model, output, ids.roll(-1, 1), training).total.backward();
    };
    addGradients();
    const at::Tensor embedding = model->weights().at(tensor_names::kEmbedding);
    QCOMPARE(embedding.grad().layout(), at::kStrided);
    const at::Tensor once = embedding.grad().clone();

    // The same as for two matrices, one read and one multiplied with, that are equal.
    const at::Tensor hidden = model->forward(ids).hidden;
    const at::Tensor head = embedding.detach().clone().requires_grad_(true);
    const at::Tensor loss =
        at::cross_entropy_loss(at::linear(hidden, head).flatten(0, 1), ids.roll(-1, 1).flatten());
    optimizer.zeroGrad();
    loss.backward();
    const at::Tensor ofRows = embedding.grad().to_dense();
    QCOMPARE(test::tensorDifference(once, ofRows + head.grad(), {.absolute = 1e-6}), std::string());

    optimizer.zeroGrad();
    addGradients();
    addGradients(); // accumulated
    QCOMPARE(embedding.grad().layout(), at::kStrided);
    QCOMPARE(test::tensorDifference(embedding.grad(), 2 * once, {.absolute = 1e-6}), std::string());
}

void TestTrainingParts::tf32IsGivenBack()
{
    const auto precision = [] {
        return at::globalContext().float32Precision(at::Float32Backend::CUDA,
                                                    at::Float32Op::MATMUL);
    };
    const at::Float32Precision before = precision();
    {
        const Tf32Guard on(true);
        QVERIFY(precision() == at::Float32Precision::TF32);
        {
            const Tf32Guard off(false);
            QVERIFY(precision() == at::Float32Precision::IEEE);
        }
        QVERIFY(precision() == at::Float32Precision::TF32);
    }
    QVERIFY(precision() == before);
}

QTEST_GUILESS_MAIN(TestTrainingParts)
#include "tst_training_parts.moc"
