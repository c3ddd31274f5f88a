// Models whose matrices are kept in fewer bits: they compute what float32 models of the same
// (rounded) weights compute, and on the built-in example they lose little.

#include "engine/api/config_schema.h"
#include "engine/api/error.h"
#include "engine/io/model_weights.h"
#include "engine/model/projection.h"
#include "engine/runtime/loaded_model.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/story_generator.h"
#include "engine/train/losses.h"
#include "tests/support/error_check.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>

#include <cmath>

using namespace samba;
using kernels::WeightFormat;

namespace {

const std::string kBuiltin = SAMBA_SOURCE_DIR "/resources/builtin";

ModelWeights copyOf(const ModelWeights& weights)
{
    ModelWeights copy;
    for (const auto& [name, tensor] : weights)
        copy.emplace(name, tensor.clone());
    return copy;
}

/// The weights as a format rounds them, in float32.
ModelWeights rounded(const TensorManifest& manifest, const ModelWeights& weights,
                     WeightFormat format)
{
    ModelWeights result = copyOf(weights);
    for (const ManifestTensor& spec : manifest.tensors())
        if (spec.isProjection()) {
            at::Tensor& weight = result.at(spec.name);
            const at::Tensor outputs = (spec.isInputMajor ? weight.t() : weight).contiguous();
            const at::Tensor back = kernels::unpackMatrix(kernels::packMatrix(outputs, format));
            weight = spec.isInputMajor ? back.t().contiguous() : back;
        }
    return result;
}

ModelDescription smallModel(const char* type)
{
    ModelDescription description{defaultConfig().model};
    description.config.type = type;
    description.config.dModel = 48;
    description.config.nLayers = 3;
    description.config.readoutStride = 2;
    description.config.readoutHiddenDim = 20;
    description.config.vocabSize = 101;
    description.hasTiedHead = std::string(type) == "mamba";
    return description;
}

/// Mean loss of predicting every next token of sequences, [batch, seqLen], nats a token.
double lossOfSteps(LanguageModel& model, const at::Tensor& ids)
{
    const int64_t steps = ids.size(1) - 1;
    DecodeState state = model.initialState(ids.size(0));
    double sum = 0;
    for (int64_t t = 0; t < steps; ++t) {
        const at::Tensor logits = model.logits(model.step(ids.select(1, t), state).hidden);
        sum += at::cross_entropy_loss(logits, ids.select(1, t + 1)).item<double>();
    }
    return sum / static_cast<double>(steps);
}

constexpr double kTolerance = 3e-5;

} // namespace

class TestPackedModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void computesWithTheRoundedWeights_data();
    void computesWithTheRoundedWeights();
    void letsTheFloat32MatricesGo();
    void losesLittle_data();
    void losesLittle();
    void refusesUnknownFormats();

private:
    double builtinLoss(WeightFormat format, bool isStepwise);

    double m_exactLoss = 0;
};

void TestPackedModels::computesWithTheRoundedWeights_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("format");
    for (const char* type : {"mamba", "samba", "transformer"})
        for (const char* format : {"bf16", "int8", "int4"})
            QTest::addRow("%s %s", type, format) << QByteArray(type) << QByteArray(format);
}

void TestPackedModels::computesWithTheRoundedWeights()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, format);
    const at::NoGradGuard noGrad;
    const WeightFormat weightFormat = weightFormatOf(format.toStdString());
    const ModelDescription description = smallModel(type.constData());
    const TensorManifest manifest(description);
    const ModelWeights weights = initialWeights(manifest, 5);
    const auto packed = makeModel(description, copyOf(weights), weightFormat);
    const auto plain = makeModel(description, rounded(manifest, weights, weightFormat));
    QCOMPARE(packed->weightFormat(), weightFormat);

    const at::Tensor ids = at::arange(2 * 9, at::kLong).mul(37).remainder(101).view({2, 9});
    DecodeState packedState = packed->initialState(2);
    DecodeState plainState = plain->initialState(2);
    const ForwardResult got = packed->forward(ids, &packedState);
    const ForwardResult wanted = plain->forward(ids, &plainState);
    SAMBA_COMPARE_TENSORS(got.hidden, wanted.hidden, kTolerance, kTolerance);
    SAMBA_COMPARE_TENSORS(packed->headWeight(), plain->headWeight());
    if (type == "samba") {
        SAMBA_COMPARE_TENSORS(got.readoutHidden, wanted.readoutHidden, kTolerance, kTolerance);
        SAMBA_COMPARE_TENSORS(packed->readoutHeadWeight(), plain->readoutHeadWeight());
    }
    for (int token = 0; token < 3; ++token) {
        const at::Tensor next = at::full({2}, 7 + token, at::kLong);
        const ForwardResult gotStep = packed->step(next, packedState);
        const ForwardResult wantedStep = plain->step(next, plainState);
        SAMBA_COMPARE_TENSORS(packed->logits(gotStep.hidden), plain->logits(wantedStep.hidden),
                              kTolerance, kTolerance);
        if (type == "samba")
            SAMBA_COMPARE_TENSORS(packed->readoutLogits(gotStep.readoutHidden),
                                  plain->readoutLogits(wantedStep.readoutHidden), kTolerance,
                                  kTolerance);
    }
}

void TestPackedModels::letsTheFloat32MatricesGo()
{
    const ModelDescription description = smallModel("samba");
    const TensorManifest manifest(description);
    const auto model = makeModel(description, initialWeights(manifest, 5), WeightFormat::Int8);
    for (const ManifestTensor& spec : manifest.tensors())
        QCOMPARE(model->weights().count(spec.name), spec.isProjection() ? 0u : 1u);
}

/// Mean loss on validation stories, nats a token.
/// @param isStepwise  reads token by token, as text is generated, with other products than a
/// prompt's.
double TestPackedModels::builtinLoss(WeightFormat format, bool isStepwise)
{
    constexpr int64_t kBatches = 4;
    constexpr int64_t kBatchSize = 4;
    constexpr int64_t kSeqLen = 128;
    const LoadedModel loaded = loadModel(kBuiltin, kBuiltin, at::kCPU, {}, format);
    std::string text;
    for (uint64_t i = 0; i < 40; ++i)
        text += storyText(i, StorySplit::Validation) + "\n\n";
    const std::vector<int32_t> encoded = loaded.requireTokenizer()->encode(text);
    const int64_t needed = kBatches * kBatchSize * (kSeqLen + 1);
    if (static_cast<int64_t>(encoded.size()) < needed)
        qFatal("the stories are too short");
    const at::Tensor ids = at::tensor(c10::ArrayRef<int32_t>(encoded).slice(0, needed), at::kInt)
                               .to(at::kLong)
                               .view({kBatches, kBatchSize, kSeqLen + 1});
    const at::NoGradGuard noGrad;
    double sum = 0;
    for (int64_t i = 0; i < kBatches; ++i) {
        const at::Tensor batch = ids.select(0, i);
        if (isStepwise) {
            sum += lossOfSteps(*loaded.model, batch);
            continue;
        }
        const ForwardResult output = loaded.model->forward(batch.narrow(1, 0, kSeqLen));
        sum += computeLosses(*loaded.model, output, batch.narrow(1, 1, kSeqLen),
                             defaultConfig().training)
                   .main.item<double>();
    }
    return sum / kBatches;
}

void TestPackedModels::losesLittle_data()
{
    QTest::addColumn<QByteArray>("format");
    QTest::addColumn<bool>("isStepwise");
    QTest::addColumn<double>("share"); // of the perplexity
    for (const bool isStepwise : {false, true}) {
        const char* way = isStepwise ? "token by token" : "as prompts";
        QTest::addRow("bf16, %s", way) << QByteArray("bf16") << isStepwise << 0.002;
        QTest::addRow("int8, %s", way) << QByteArray("int8") << isStepwise << 0.005;
        QTest::addRow("int4, %s", way) << QByteArray("int4") << isStepwise << 0.03;
    }
}

void TestPackedModels::losesLittle()
{
    QFETCH(QByteArray, format);
    QFETCH(bool, isStepwise);
    QFETCH(double, share);
    if (m_exactLoss == 0)
        m_exactLoss = builtinLoss(WeightFormat::Float32, false);
    QVERIFY(m_exactLoss < 2.5); // it has learnt something that rounding could destroy
    const double loss = builtinLoss(weightFormatOf(format.toStdString()), isStepwise);
    const double change = std::exp(loss - m_exactLoss) - 1;
    qInfo("perplexity %+.3f %%", 100 * change);
    QVERIFY2(std::abs(change) <= share, qPrintable(QString::number(change)));
}

void TestPackedModels::refusesUnknownFormats()
{
    QCOMPARE(weightFormatOf(""), WeightFormat::Float32);
    QCOMPARE(weightFormatOf("f32"), WeightFormat::Float32);
    const auto error = test::errorOf([] { weightFormatOf("int5"); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
    QVERIFY(std::string(error->what()).find("\"int5\"") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestPackedModels)
#include "tst_packed_models.moc"
