// The transformer baseline: held against a reference that computed the same weights elsewhere
// (tests/data/models/README.md), then what it does beyond a Mamba: positions, a growing cache,
// GPT-2's files.

#include "engine/api/config_document.h"
#include "engine/api/config_schema.h"
#include "engine/infer/tensor_dump.h"
#include "engine/infer/text_generator.h"
#include "engine/io/model_export.h"
#include "engine/io/model_weights.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/tensor_store.h"
#include "engine/model/language_model.h"
#include "engine/runtime/loaded_model.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/train/activation_capture.h"
#include "engine/train/losses.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>

#include <algorithm>
#include <string>

using namespace samba;
using namespace samba::test;

namespace {

namespace fs = std::filesystem;

const std::string kFolder = "models/gpt2-a/";
const std::string kBuiltin = SAMBA_SOURCE_DIR "/resources/builtin";

// Suggested with the reference, measured float32 against float64 there.
constexpr double kLogitTolerance = 2e-4;
constexpr double kLossTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;

at::Tensor expected(const char* file, const std::string& name)
{
    const TensorStore store = TensorStore::openFile(dataPath(kFolder + file));
    const TensorView* view = store.find(name);
    if (!view)
        qFatal("the reference has no tensor '%s'", name.c_str());
    return toTensor(*view).clone();
}

at::Tensor expected(const std::string& name)
{
    return expected("expected.safetensors", name);
}

/// The reference model; every layer is a chunk, so that all residual streams come out.
std::unique_ptr<LanguageModel> loadReference(at::ScalarType type = at::kFloat)
{
    StoredModel stored =
        loadStoredModel(dataPath(kFolder + "hf-safetensors"), WeightAccess::Writable);
    stored.description.config.readoutStride = 1;
    for (auto& [name, tensor] : stored.weights)
        tensor = tensor.to(type);
    return makeModel(stored.description, std::move(stored.weights));
}

/// A transformer with fresh weights that reads so many tokens.
std::unique_ptr<LanguageModel> makeFresh(int64_t positions, int64_t vocabulary = 60)
{
    ModelDescription description{defaultConfig().model};
    ModelConfig& config = description.config;
    config.type = "transformer";
    config.dModel = 32;
    config.nLayers = 3;
    config.nHead = 4;
    config.nPositions = positions;
    config.readoutStride = 2;
    config.vocabSize = vocabulary;
    config.initializerRange = 0.2;
    return makeModel(description, initialWeights(TensorManifest(description), 5));
}

at::Tensor someIds(int64_t batch, int64_t length)
{
    return at::arange(batch * length, at::kLong).mul(37).remainder(59).view({batch, length});
}

/// The reference's folder with its tensors under other names; an empty name leaves one out.
template <typename Rename>
void copyReference(const fs::path& folder, Rename&& rename, const NamedTensors& more = {})
{
    const TensorStore store = TensorStore::openFolder(dataPath(kFolder + "hf-safetensors"));
    NamedTensors tensors = more;
    for (const TensorView& view : store.tensors())
        tensors.emplace_back(rename(view.name), toTensor(view));
    fs::create_directories(folder);
    saveSafetensors(folder / "model.safetensors", tensors);
    fs::copy_file(dataPath(kFolder + "hf-safetensors") / "config.json", folder / "config.json");
}

std::string withoutPrefix(const std::string& name)
{
    return name.substr(std::string("transformer.").size());
}

std::optional<ExportResult> exportTo(const fs::path& folder, const ExportSource& source,
                                     ExportFormat format)
{
    ExportModel request;
    request.outputDir = folder.string();
    request.format = format;
    return exportModel(source, request, [](int64_t, int64_t) { return true; });
}

} // namespace

class TestTransformer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void forwardMatches();
    void forwardMatchesInFloat64();
    void lossAndGradientsMatch();
    void greedyDecodingMatches();
    void piecesGiveTheWhole_data();
    void piecesGiveTheWhole();
    void readsNoMoreThanItsPositions();
    void generationEndsWithThePositions();
    void inspectionCutsTheText();
    void freshWeightsFollowThePublishedRules();
    void readsOpenAisNamesAndMasks();
    void refusesOtherArchitectures_data();
    void refusesOtherArchitectures();
    void exportComesBack();
    void isNotExportedAsAMamba();
    void dumpHoldsKeysAndValues();
    void pretrainedWeightsMustFit();
};

void TestTransformer::forwardMatches()
{
    const at::NoGradGuard noGrad;
    const auto model = loadReference();
    const ForwardResult output = model->forward(expected("input_ids"));
    QCOMPARE(output.chunkOutputs.size(), size_t{3});
    for (size_t layer = 0; layer + 1 < output.chunkOutputs.size(); ++layer)
        SAMBA_COMPARE_TENSORS(output.chunkOutputs[layer],
                              expected("hidden." + std::to_string(layer + 1)), kLogitTolerance);
    SAMBA_COMPARE_TENSORS(output.hidden, expected("hidden.3"), kLogitTolerance);
    SAMBA_COMPARE_TENSORS(model->logits(output.hidden), expected("logits_f64"), kLogitTolerance);
}

void TestTransformer::forwardMatchesInFloat64()
{
    const at::NoGradGuard noGrad;
    const auto model = loadReference(at::kDouble);
    const ForwardResult output = model->forward(expected("input_ids"));
    SAMBA_COMPARE_TENSORS(model->logits(output.hidden), expected("logits_f64"), 1e-10);
}

void TestTransformer::lossAndGradientsMatch()
{
    const auto model = loadReference();
    for (const ManifestTensor& spec : model->manifest().tensors())
        at::Tensor(model->weights().at(spec.name)).requires_grad_(true);
    const at::Tensor ids = expected("input_ids");
    const int64_t length = ids.size(1) - 1;
    const TrainingConfig training;
    const ForwardResult output = model->forward(ids.slice(1, 0, length));
    const LossTerms terms = computeLosses(*model, output, ids.slice(1, 1, length + 1), training);
    SAMBA_COMPARE_TENSORS(terms.total, expected("loss_f64").reshape({}), kLossTolerance);

    terms.total.backward();
    for (const ManifestTensor& spec : model->manifest().tensors()) {
        const double error = relativeError(model->weights().at(spec.name).grad(),
                                           expected("expected_grads_f64.safetensors", spec.name));
        QVERIFY2(error < kGradientTolerance,
                 qPrintable(QStringLiteral("gradient of %1 is off by %2")
                                .arg(QString::fromStdString(spec.name))
                                .arg(error)));
    }
}

void TestTransformer::greedyDecodingMatches()
{
    const at::NoGradGuard noGrad;
    const auto model = loadReference();
    const at::Tensor ids = expected("input_ids");
    const at::Tensor wanted = expected("greedy");
    const at::Tensor margin = expected("greedy_margin");
    QVERIFY(margin.min().item<double>() > 1e-3); // else float32 could rank otherwise

    DecodeState state = model->initialState(ids.size(0));
    const ForwardResult prefill = model->forward(ids, &state);
    at::Tensor logits = model->logits(prefill.hidden.select(1, ids.size(1) - 1));
    for (int64_t step = 0; step < wanted.size(1); ++step) {
        const at::Tensor next = logits.argmax(-1);
        QVERIFY2(at::equal(next, wanted.select(1, step)),
                 qPrintable(QStringLiteral("greedy step %1 differs").arg(step)));
        logits = model->logits(model->step(next, state).hidden);
    }
}

void TestTransformer::piecesGiveTheWhole_data()
{
    QTest::addColumn<QList<int>>("pieces"); // a piece of one token is a step
    QTest::newRow("token by token") << QList<int>(150, 1);
    QTest::newRow("a prompt, then tokens") << (QList<int>{63} + QList<int>(87, 1));
    QTest::newRow("prompts") << QList<int>{64, 1, 2, 70, 13};
    QTest::newRow("longer than the cache's first size") << QList<int>{140, 10};
}

void TestTransformer::piecesGiveTheWhole()
{
    QFETCH(QList<int>, pieces);
    const at::NoGradGuard noGrad;
    const auto model = makeFresh(150);
    const at::Tensor ids = someIds(2, 150);
    const ForwardResult whole = model->forward(ids);
    DecodeState state = model->initialState(2);
    int64_t first = 0;
    for (const int count : std::as_const(pieces)) {
        const at::Tensor part = ids.narrow(1, first, count);
        const ForwardResult got =
            count == 1 ? model->step(part.squeeze(1), state) : model->forward(part, &state);
        const at::Tensor wanted = whole.hidden.narrow(1, first, count);
        SAMBA_COMPARE_TENSORS(got.hidden, count == 1 ? wanted.squeeze(1) : wanted, 2e-5, 2e-5);
        first += count;
        QCOMPARE(state.position, first);
    }
    QCOMPARE(first, ids.size(1));
}

void TestTransformer::readsNoMoreThanItsPositions()
{
    const at::NoGradGuard noGrad;
    const auto model = makeFresh(16);
    QCOMPARE(model->maxPositions(), int64_t{16});
    DecodeState state = model->initialState(1);
    model->forward(someIds(1, 16), &state);
    for (const auto& error : {errorOf([&] { model->step(at::zeros({1}, at::kLong), state); }),
                              errorOf([&] { model->forward(someIds(1, 17)); })}) {
        QVERIFY(error);
        QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
        QCOMPARE(std::string(error->what()), std::string("The text has 17 tokens, but this "
                                                         "transformer reads at most 16."));
    }
    QCOMPARE(state.position, int64_t{16});
}

void TestTransformer::generationEndsWithThePositions()
{
    const std::shared_ptr<const Tokenizer> tokenizer = Tokenizer::load(kBuiltin);
    const auto model = makeFresh(12, tokenizer->size());
    const std::string prompt = "Once upon a time";
    SamplingOptions options;
    options.maxNewTokens = 100;
    options.stopAtEndOfText = false;
    const auto generate = [&](const std::string& text) {
        return generateText(*model, tokenizer, text, options, 1,
                            [](const std::string&, int64_t) { return true; });
    };
    const GenerationOutcome outcome = generate(prompt);
    // The last one is chosen from what all positions say, and not read itself.
    const auto generated = static_cast<int64_t>(outcome.tokenIds.size());
    QCOMPARE(outcome.promptTokens + generated, int64_t{13});
    QCOMPARE(outcome.reason, GenerationEnd::Positions);

    const auto error = errorOf([&] { generate(prompt + prompt + prompt + prompt + prompt); });
    QVERIFY(error);
    QVERIFY2(std::string(error->what()).find("reads at most 12") != std::string::npos,
             error->what());
    options.maxNewTokens = generated;
    QCOMPARE(generate(prompt).reason, GenerationEnd::Length); // nothing was cut
    options.maxNewTokens = 2;
    QCOMPARE(generate(prompt).reason, GenerationEnd::Length);
}

void TestTransformer::inspectionCutsTheText()
{
    const std::shared_ptr<const Tokenizer> tokenizer = Tokenizer::load(kBuiltin);
    const auto model = makeFresh(6, tokenizer->size());
    const ActivationFramePtr frame =
        inspectText(*model, *tokenizer, "Once upon a time there was a fox in a wood.", 0, 0);
    QCOMPARE(frame->seqLen, int64_t{6});
}

void TestTransformer::freshWeightsFollowThePublishedRules()
{
    const auto model = makeFresh(64, 1000);
    const auto spreadOf = [&](const std::string& name) {
        return model->weights().at(name).std().item<double>();
    };
    QVERIFY(std::abs(spreadOf("transformer.wte.weight") - 0.2) < 0.01);
    QVERIFY(std::abs(spreadOf("transformer.h.1.mlp.c_fc.weight") - 0.2) < 0.01);
    const double residual = 0.2 / std::sqrt(2.0 * 3.0);
    QVERIFY(std::abs(spreadOf("transformer.h.1.mlp.c_proj.weight") - residual) < 0.005);
    for (const ManifestTensor& spec : model->manifest().tensors()) {
        const bool isVector = spec.shape.size() == 1;
        QCOMPARE(spec.hasWeightDecay, !isVector);
        if (isVector)
            SAMBA_COMPARE_TENSORS(model->weights().at(spec.name),
                                  at::full(spec.shape, spec.name.find("ln_") != std::string::npos &&
                                                               spec.name.ends_with("weight")
                                                           ? 1.0
                                                           : 0.0));
    }
}

void TestTransformer::readsOpenAisNamesAndMasks()
{
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "gpt2";
    copyReference(path, withoutPrefix,
                  {{"h.0.attn.bias", at::ones({1, 1, 64, 64})},
                   {"h.1.attn.masked_bias", at::full({}, -1e4)}});
    const StoredModel got = loadStoredModel(path);
    QCOMPARE(got.report.count(TensorStatus::Mask), int64_t{2});
    QCOMPARE(got.report.count(TensorStatus::Renamed), int64_t{40});
    QVERIFY(got.report.isSound());
    const StoredModel wanted = loadStoredModel(dataPath(kFolder + "hf-safetensors"));
    QCOMPARE(got.weights.size(), wanted.weights.size());
    for (const auto& [name, tensor] : wanted.weights)
        QVERIFY2(at::equal(got.weights.at(name), tensor), name.c_str());
}

void TestTransformer::refusesOtherArchitectures_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("named");
    QTest::newRow("activation") << R"("gelu_new")"
                                << R"("relu")"
                                << "activation_function";
    QTest::newRow("heads") << R"("n_head": 4)"
                           << R"("n_head": 5)"
                           << "n_head";
    QTest::newRow("mlp") << R"("n_inner": null)"
                         << R"("n_inner": 64)"
                         << "n_inner";
    QTest::newRow("scale") << R"("scale_attn_weights": true)"
                           << R"("scale_attn_weights": false)"
                           << "scale_attn_weights";
    QTest::newRow("no positions") << R"("n_positions": 64,)"
                                  << ""
                                  << "n_positions";
}

void TestTransformer::refusesOtherArchitectures()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, named);
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "gpt2";
    copyReference(path, [](const std::string& name) { return name; });
    QString config = QString::fromStdString(readFile(path / "config.json"));
    QVERIFY(config.contains(from));
    writeFile(path / "config.json", config.replace(from, to).toStdString());
    const auto error = errorOf([&] { loadStoredModel(path); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY2(QString::fromUtf8(error->what()).contains(named), error->what());
}

void TestTransformer::exportComesBack()
{
    const TemporaryFolder folder;
    const auto model = makeFresh(48);
    const ExportSource source =
        exportSourceOf(model->manifest().description(), ModelWeights(model->weights()));
    for (const ExportFormat format : {ExportFormat::HuggingFace, ExportFormat::Safetensors}) {
        const fs::path path = folder.path() / std::to_string(static_cast<int>(format));
        QVERIFY(exportTo(path, source, format));
        const StoredModel back = loadStoredModel(path);
        QCOMPARE(back.description.config.type, std::string("transformer"));
        QCOMPARE(back.description.config.nHead, int64_t{4});
        QCOMPARE(back.description.config.nPositions, int64_t{48});
        QCOMPARE(back.description.config.readoutStride, int64_t{2});
        QVERIFY(back.description.hasTiedHead);
        for (const auto& [name, tensor] : model->weights())
            QVERIFY2(at::equal(back.weights.at(name), tensor), name.c_str());
    }
}

void TestTransformer::isNotExportedAsAMamba()
{
    const TemporaryFolder folder;
    const auto model = makeFresh(16);
    const fs::path path = folder.path() / "original";
    const auto error = errorOf([&] {
        exportTo(path, exportSourceOf(model->manifest().description(), model->weights()),
                 ExportFormat::Original);
    });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
    QVERIFY(!fs::exists(path));
}

void TestTransformer::dumpHoldsKeysAndValues()
{
    const auto model = loadReference();
    const at::Tensor ids = expected("input_ids");
    const NamedTensors dump = dumpTensors(*model, ids, {.hasGradients = true, .hasStates = true});
    const auto find = [&dump](const std::string& name) {
        const auto it = std::find_if(dump.begin(), dump.end(),
                                     [&](const auto& entry) { return entry.first == name; });
        return it == dump.end() ? at::Tensor() : it->second;
    };
    SAMBA_COMPARE_TENSORS(find("logits"), expected("logits_f64"), kLogitTolerance);
    SAMBA_COMPARE_TENSORS(find("loss"), expected("loss_f64").reshape({}), kLossTolerance);
    QCOMPARE(find("keys.2").sizes().vec(), (std::vector<int64_t>{2, 4, 37, 12}));
    QCOMPARE(find("values.0").sizes().vec(), (std::vector<int64_t>{2, 4, 37, 12}));
    QVERIFY(find("grad.transformer.wpe.weight").defined());
}

void TestTransformer::pretrainedWeightsMustFit()
{
    Config config = defaultConfig();
    config.pretrained.usePretrained = true;
    config.pretrained.modelName = dataPath(kFolder + "hf-safetensors").string();
    config.dataset.tokenizer = "builtin";
    config.training.seqLen = 64;
    const auto make = [&] { return makeInitialModel(config, kBuiltin, at::kCPU); };
    const auto samba = errorOf(make);
    QVERIFY(samba);
    QCOMPARE(samba->kind(), ErrorKind::Config);
    QCOMPARE(std::string(samba->what()), std::string("The pretrained weights are those of a "
                                                     "transformer, but model.type is samba."));
    config.model.type = "transformer";
    config.training.seqLen = 65;
    const auto tooLong = errorOf(make);
    QVERIFY(tooLong);
    QVERIFY2(std::string(tooLong->what()).find("reads at most 64 tokens") != std::string::npos,
             tooLong->what());
}

QTEST_GUILESS_MAIN(TestTransformer)
#include "tst_transformer.moc"
