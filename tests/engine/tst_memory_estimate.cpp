#include "engine/api/config_document.h"
#include "engine/api/memory_estimate.h"
#include "engine/bench/allocation_meter.h"
#include "engine/model/initial_weights.h"
#include "engine/model/language_model.h"
#include "engine/train/losses.h"
#include "engine/train/optimizer.h"

#include <ATen/ATen.h>
#include <QtTest>

#include <cmath>

using namespace samba;

/// The estimate against what LibTorch's allocator hands out during a step.
class MemoryEstimateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheAllocator_data();
    void agreesWithTheAllocator();
    void growsWithTheBatchAlone();
    void checkpointsAreEstimated_data();
    void checkpointsAreEstimated();
};

namespace {

Config configOf(const QString& type, int width, int layers, int vocabulary, int batch, int length)
{
    Config config = ConfigDocument::fromText({}).config();
    config.model.type = type.toStdString();
    config.model.dModel = width;
    config.model.nLayers = layers;
    config.model.vocabSize = vocabulary;
    config.model.readoutStride = 2;
    config.model.readoutHiddenDim = 64;
    config.model.nHead = width / 16;
    config.training.batchSize = batch;
    config.training.seqLen = length;
    return config;
}

/// Most bytes held at once from before the model is made to the end of its second step.
double measuredBytes(const Config& config)
{
    const AllocationMeter meter;
    const TensorManifest manifest(ModelDescription{config.model});
    const auto model = makeModel(manifest.description(), initialWeights(manifest, 1));
    model->setGradientCheckpointing(config.training.gradientCheckpointing);
    Optimizer optimizer(*model, config.training, false);
    const at::Tensor ids = at::randint(
        config.model.vocabSize, {config.training.batchSize, config.training.seqLen}, at::kLong);
    for (int step = 0; step < 2; ++step) {
        optimizer.zeroGrad();
        const ForwardResult output = model->forward(ids);
        computeLosses(*model, output, ids, config.training).total.backward();
        optimizer.step(1e-3);
    }
    return static_cast<double>(meter.peakBytes());
}

void verifyEstimate(const Config& config)
{
    const MemoryEstimate estimate = estimateTrainingMemory(config);
    const double measured = measuredBytes(config);
    const double ratio = estimate.total() / measured;
    QVERIFY2(std::abs(ratio - 1) < 0.1,
             qPrintable(QStringLiteral("estimated %1 (weights %2, gradients %3, optimizer %4, "
                                       "activations %5, workspace %6), measured %7 MB")
                            .arg(estimate.total() / 1e6)
                            .arg(estimate.weights / 1e6)
                            .arg(estimate.gradients / 1e6)
                            .arg(estimate.optimizer / 1e6)
                            .arg(estimate.activations / 1e6)
                            .arg(estimate.workspace / 1e6)
                            .arg(measured / 1e6)));
}

} // namespace

void MemoryEstimateTest::agreesWithTheAllocator_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QList<int>>("sizes");
    QTest::newRow("activations dominate") << "mamba" << QList<int>{64, 4, 256, 4, 512};
    QTest::newRow("vocabulary dominates") << "mamba" << QList<int>{64, 2, 30000, 2, 64};
    QTest::newRow("layers dominate") << "mamba" << QList<int>{256, 8, 512, 1, 64};
    QTest::newRow("readout") << "samba" << QList<int>{128, 6, 4096, 2, 256};
    QTest::newRow("transformer, activations") << "transformer" << QList<int>{64, 4, 256, 4, 512};
    QTest::newRow("transformer, vocabulary") << "transformer" << QList<int>{64, 2, 30000, 2, 64};
    QTest::newRow("transformer, layers") << "transformer" << QList<int>{256, 8, 512, 1, 64};
    QTest::newRow("one long sequence") << "samba" << QList<int>{64, 4, 1000, 1, 1024};
}

void MemoryEstimateTest::agreesWithTheAllocator()
{
    QFETCH(QString, type);
    QFETCH(QList<int>, sizes);
    verifyEstimate(configOf(type, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]));
}

void MemoryEstimateTest::checkpointsAreEstimated_data()
{
    QTest::addColumn<QString>("type");
    QTest::newRow("samba") << "samba";
    QTest::newRow("transformer") << "transformer";
}

void MemoryEstimateTest::checkpointsAreEstimated()
{
    QFETCH(QString, type);
    Config config = configOf(type, 64, 8, 256, 4, 512);
    const double plain = estimateTrainingMemory(config).total();
    config.training.gradientCheckpointing = true;
    verifyEstimate(config);
    QVERIFY(estimateTrainingMemory(config).total() < plain / 2);
}

void MemoryEstimateTest::growsWithTheBatchAlone()
{
    const MemoryEstimate one =
        estimateTrainingMemory(configOf(QStringLiteral("samba"), 64, 4, 256, 1, 256));
    const MemoryEstimate four =
        estimateTrainingMemory(configOf(QStringLiteral("samba"), 64, 4, 256, 4, 256));
    QCOMPARE(four.weights, one.weights);
    QCOMPARE(four.optimizer, one.optimizer);
    QCOMPARE(four.activations, 4 * one.activations);
}

QTEST_GUILESS_MAIN(MemoryEstimateTest)
#include "tst_memory_estimate.moc"
