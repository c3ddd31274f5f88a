// What leaves the program: exported model folders and tensor dumps.

#include "engine/api/config_schema.h"
#include "engine/infer/tensor_dump.h"
#include "engine/io/model_config_json.h"
#include "engine/io/model_export.h"
#include "engine/io/model_weights.h"
#include "engine/io/tensor_store.h"
#include "engine/text/bpe_tokenizer.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>

using namespace samba;
using namespace samba::test;

namespace {

namespace fs = std::filesystem;

const std::string kFolder = "models/mamba1-a/";

/// A small Samba whose head is or is not tied, with biases or without.
ModelDescription sambaDescription(bool isUsual)
{
    ModelDescription description{defaultConfig().model};
    ModelConfig& c = description.config;
    c.type = "samba";
    c.vocabSize = 40;
    c.dModel = 16;
    c.nLayers = 5;
    c.readoutStride = 2;
    c.readoutHiddenDim = 6;
    c.dState = isUsual ? 16 : 5;
    c.dtRank = isUsual ? 0 : 3;
    description.hasTiedHead = isUsual;
    description.hasProjectionBias = !isUsual;
    description.hasConvBias = isUsual;
    return description;
}

/// What a test asks of an export.
struct Wanted {
    ExportFormat format = ExportFormat::HuggingFace;
    std::string dtype = {};
    int64_t maxShardBytes = 5'000'000'000;
    bool isReplacing = false;
};

ExportModel requestOf(const fs::path& folder, const Wanted& wanted)
{
    ExportModel request;
    request.outputDir = folder.string();
    request.format = wanted.format;
    request.dtype = wanted.dtype;
    request.maxShardBytes = wanted.maxShardBytes;
    request.isReplacing = wanted.isReplacing;
    return request;
}

std::optional<ExportResult> exportTo(const fs::path& folder, const ExportSource& source,
                                     const Wanted& wanted)
{
    return exportModel(source, requestOf(folder, wanted), [](int64_t, int64_t) { return true; });
}

at::Tensor expected(const TensorStore& store, const std::string& name)
{
    const TensorView* view = store.find(name);
    if (!view)
        qFatal("there is no tensor '%s'", name.c_str());
    return toTensor(*view);
}

at::Tensor named(const NamedTensors& tensors, const std::string& name)
{
    const auto it = std::find_if(tensors.begin(), tensors.end(),
                                 [&name](const auto& entry) { return entry.first == name; });
    if (it == tensors.end())
        qFatal("the dump has no tensor '%s'", name.c_str());
    return it->second;
}

std::unique_ptr<LanguageModel> loadReference(const std::string& folder)
{
    StoredModel stored = loadStoredModel(dataPath(kFolder + folder));
    return makeModel(stored.description, std::move(stored.weights));
}

} // namespace

class TestModelExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void sambaComesBack_data();
    void sambaComesBack();
    void formatsTurnIntoEachOther_data();
    void formatsTurnIntoEachOther();
    void shardsAreNoLargerThanWanted();
    void tiedHeadSharesItsStorage();
    void tokenizerGoesAlong();
    void foldersInUseAreKept();
    void onlyModelFoldersAreReplaced();
    void givingUpLeavesNothing();
    void originalNeedsTheUsualEpsilon();
    void dumpMatchesTheReference_data();
    void dumpMatchesTheReference();
    void dumpOfASamba();
    void dumpRefusesImpossibleIds();
};

void TestModelExport::initTestCase()
{
    at::manual_seed(20);
}

void TestModelExport::sambaComesBack_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<bool>("isUsual");
    const std::pair<const char*, ExportFormat> formats[] = {
        {"hf", ExportFormat::HuggingFace},
        {"original", ExportFormat::Original},
        {"safetensors", ExportFormat::Safetensors}};
    for (const auto& [name, format] : formats)
        for (const bool isUsual : {true, false})
            QTest::addRow("%s, %s", name, isUsual ? "usual" : "with biases and a head of its own")
                << static_cast<int>(format) << isUsual;
}

void TestModelExport::sambaComesBack()
{
    QFETCH(int, format);
    QFETCH(bool, isUsual);
    const ModelDescription description = sambaDescription(isUsual);
    ModelWeights weights = initialWeights(TensorManifest(description), 3);
    for (auto& [name, tensor] : weights)
        tensor = at::randn_like(tensor); // nothing at its default
    const TemporaryFolder folder;
    const auto result = exportTo(folder / "out", exportSourceOf(description, weights),
                                 {.format = static_cast<ExportFormat>(format)});
    QVERIFY(result);

    const StoredModel got = loadStoredModel(folder / "out");
    const ModelConfig& c = got.description.config;
    QCOMPARE(c.type, std::string("samba"));
    QCOMPARE(c.readoutStride, description.config.readoutStride);
    QCOMPARE(c.readoutHiddenDim, description.config.readoutHiddenDim);
    QCOMPARE(c.dState, description.config.dState);
    QCOMPARE(got.description.hasTiedHead, isUsual);
    QCOMPARE(got.weights.size(), weights.size());
    for (const auto& [name, tensor] : weights)
        SAMBA_COMPARE_TENSORS(got.weights.at(name), tensor, 0.0);

    // What other programs read there is the backbone and nothing else.
    const bool isApart = static_cast<ExportFormat>(format) != ExportFormat::Safetensors;
    const TensorStore store = TensorStore::openFolder(folder / "out");
    QCOMPARE(store.find(tensor_names::kReadoutKey) == nullptr, isApart);
    QCOMPARE(readModelConfig(folder / "out/config.json").config.type,
             std::string(isApart ? "mamba" : "samba"));
}

void TestModelExport::formatsTurnIntoEachOther_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("dtype");
    QTest::addColumn<QString>("wanted"); // a folder with the same numbers
    const auto row = [](const char* from, const char* dtype, const char* wanted) {
        QTest::addRow("%s as %s", from, dtype)
            << QString::fromUtf8(from) << QString::fromUtf8(dtype) << QString::fromUtf8(wanted);
    };
    row("hf-bin", "", "hf-safetensors");
    row("original", "f32", "hf-safetensors");
    row("hf-safetensors", "f16", "hf-fp16");
    row("hf-safetensors", "bf16", "hf-bf16");
    row("hf-bf16", "", "hf-bf16");
    row("original-fp16", "", "hf-fp16");
    row("hf-sharded", "f16", "original-fp16");
}

void TestModelExport::formatsTurnIntoEachOther()
{
    QFETCH(QString, from);
    QFETCH(QString, dtype);
    QFETCH(QString, wanted);
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + from.toStdString()));
    for (const ExportFormat format : {ExportFormat::HuggingFace, ExportFormat::Original}) {
        const TemporaryFolder folder;
        QVERIFY(exportTo(folder / "out", exportSourceOf(files),
                         {.format = format, .dtype = dtype.toStdString()}));
        const ModelComparison comparison =
            compareStoredModels(folder / "out", dataPath(kFolder + wanted.toStdString()));
        QVERIFY(comparison.isComparable());
        for (const ComparedTensor& tensor : comparison.tensors)
            QVERIFY2(tensor.hasEqualBits, tensor.name.c_str());
        QVERIFY(verifyStoredModel(folder / "out").isSound());
        TensorStore::openFolder(folder / "out").verifyChecksums();
    }
}

void TestModelExport::shardsAreNoLargerThanWanted()
{
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + "hf-safetensors"));
    const TemporaryFolder folder;
    constexpr int64_t kLargest = 300'000;
    const auto result =
        exportTo(folder / "out", exportSourceOf(files), {.maxShardBytes = kLargest});
    QVERIFY(result);
    const TensorStore store = TensorStore::openFolder(folder / "out");
    QVERIFY(store.files().size() >= 4);
    constexpr int64_t kHeader = 20'000;
    for (const fs::path& file : store.files())
        QVERIFY(static_cast<int64_t>(fs::file_size(file)) < kLargest + kHeader);
    QCOMPARE(
        compareStoredModels(folder / "out", dataPath(kFolder + "hf-safetensors")).maxDifference(),
        0.0);
}

void TestModelExport::tiedHeadSharesItsStorage()
{
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + "hf-safetensors"));
    const TemporaryFolder folder;
    QVERIFY(exportTo(folder / "out", exportSourceOf(files), {.format = ExportFormat::Original}));
    const TensorStore store = TensorStore::openFolder(folder / "out");
    const TensorView* head = store.find(tensor_names::kHead);
    const TensorView* embedding = store.find("backbone.embedding.weight");
    QVERIFY(head && embedding);
    QVERIFY(head->bytes.data() == embedding->bytes.data());
    QVERIFY(store.find(tensor_names::kEmbedding) == nullptr);
}

void TestModelExport::tokenizerGoesAlong()
{
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + "hf-safetensors"));
    ExportSource source = exportSourceOf(files);
    source.tokenizer = Tokenizer::load(dataPath("damaged/00-good-tokenizer"));
    const TemporaryFolder folder;
    QVERIFY(exportTo(folder / "written", source, {}));
    QCOMPARE(Tokenizer::load(folder / "written")->fingerprint(), source.tokenizer->fingerprint());
    QVERIFY(fs::exists(folder / "written/tokenizer_config.json"));
    QVERIFY(fs::exists(folder / "written/generation_config.json"));

    source.tokenizerFolder = dataPath("damaged/00-good-tokenizer");
    QVERIFY(exportTo(folder / "copied", source, {.format = ExportFormat::Original}));
    QCOMPARE(readFile(folder / "copied/tokenizer.json"),
             readFile(dataPath("damaged/00-good-tokenizer/tokenizer.json")));
}

void TestModelExport::foldersInUseAreKept()
{
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + "hf-safetensors"));
    const TemporaryFolder folder;
    writeFile(folder / "out/notes.txt", "mine");
    const auto error = errorOf([&] { exportTo(folder / "out", exportSourceOf(files), {}); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::File);
    QVERIFY2(std::string(error->what()).find("not empty") != std::string::npos, error->what());
    QCOMPARE(readFile(folder / "out/notes.txt"), std::string("mine"));

    writeFile(folder / "file", "mine");
    QVERIFY(errorOf([&] { exportTo(folder / "file", exportSourceOf(files), {}); }));
    fs::create_directories(folder / "empty");
    QVERIFY(exportTo(folder / "empty/", exportSourceOf(files), {}));
    QVERIFY(fs::exists(folder / "empty/model.safetensors"));
}

void TestModelExport::onlyModelFoldersAreReplaced()
{
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + "hf-safetensors"));
    const TemporaryFolder folder;
    const ExportSource source = exportSourceOf(files);
    QVERIFY(exportTo(folder / "model", source, {.maxShardBytes = 300'000}));
    QVERIFY(exportTo(folder / "model", source, {.isReplacing = true}));
    QVERIFY(!fs::exists(folder / "model/model.safetensors.index.json")); // nothing of the old one

    writeFile(folder / "home/config.json", "{}");
    writeFile(folder / "home/photos/cat.png", "precious");
    QVERIFY(errorOf([&] { exportTo(folder / "home", source, {.isReplacing = true}); }));
    QCOMPARE(readFile(folder / "home/photos/cat.png"), std::string("precious"));
    writeFile(folder / "checkpoint/config.json", "{}");
    writeFile(folder / "checkpoint/trainer_state.json", "{}");
    QVERIFY(errorOf([&] { exportTo(folder / "checkpoint", source, {.isReplacing = true}); }));
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path()))
        QVERIFY2(entry.path().filename().string().front() != '.', entry.path().c_str());
}

void TestModelExport::givingUpLeavesNothing()
{
    const ModelFiles files = ModelFiles::open(dataPath(kFolder + "hf-safetensors"));
    const TemporaryFolder folder;
    int calls = 0;
    const ExportModel request = requestOf(folder / "out", {});
    const auto result = exportModel(exportSourceOf(files), request,
                                    [&calls](int64_t, int64_t) { return ++calls < 5; });
    QVERIFY(!result);
    QVERIFY(fs::is_empty(folder.path()));
}

void TestModelExport::originalNeedsTheUsualEpsilon()
{
    ModelDescription description = sambaDescription(true);
    description.config.normEpsilon = 1e-6;
    const ExportSource source =
        exportSourceOf(description, initialWeights(TensorManifest(description), 1));
    const TemporaryFolder folder;
    const auto error =
        errorOf([&] { exportTo(folder / "out", source, {.format = ExportFormat::Original}); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
    QVERIFY(fs::is_empty(folder.path()));
}

void TestModelExport::dumpMatchesTheReference_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("reference");
    QTest::addColumn<bool>("isDouble");
    QTest::addColumn<double>("tolerance");
    const auto row = [](const char* model, const char* reference, bool isDouble, double tolerance) {
        QTest::addRow("%s in %s", model, isDouble ? "float64" : "float32")
            << QString::fromUtf8(model) << QString::fromUtf8(reference) << isDouble << tolerance;
    };
    row("hf-safetensors", "expected.safetensors", false, 2e-4);
    row("hf-safetensors", "expected.safetensors", true, 1e-11);
    row("hf-fp16", "hf-fp16/expected.safetensors", true, 1e-11);
    row("hf-bf16", "hf-bf16/expected.safetensors", true, 1e-11);
    row("original-fp16", "hf-fp16/expected.safetensors", false, 2e-4);
}

void TestModelExport::dumpMatchesTheReference()
{
    QFETCH(QString, model);
    QFETCH(QString, reference);
    QFETCH(bool, isDouble);
    QFETCH(double, tolerance);
    const TensorStore store = TensorStore::openFile(dataPath(kFolder + reference.toStdString()));
    const auto loaded = loadReference(model.toStdString());
    const NamedTensors dump =
        dumpTensors(*loaded, expected(store, "a.input_ids"),
                    {.isDouble = isDouble, .hasGradients = true, .hasStates = true});
    QCOMPARE(named(dump, "logits").scalar_type(), isDouble ? at::kDouble : at::kFloat);
    SAMBA_COMPARE_TENSORS(named(dump, "logits"), expected(store, "a.logits_f64"), tolerance);
    SAMBA_COMPARE_TENSORS(named(dump, "loss"), expected(store, "a.loss_f64").reshape({}), 1e-5);
    if (model == QStringLiteral("hf-safetensors")) {
        // These are float32 there.
        for (int i = 0; i < 8; ++i) {
            const std::string n = std::to_string(i);
            SAMBA_COMPARE_TENSORS(named(dump, "hidden_states." + n),
                                  expected(store, "a.hidden." + n), 2e-4);
            SAMBA_COMPARE_TENSORS(named(dump, "conv_state." + n),
                                  expected(store, "a.conv_state." + n), 5e-5);
            SAMBA_COMPARE_TENSORS(named(dump, "ssm_state." + n),
                                  expected(store, "a.ssm_state." + n), 5e-5);
        }
        SAMBA_COMPARE_TENSORS(named(dump, "hidden_states.8"), expected(store, "a.hidden.norm_f"),
                              2e-4);
        const TensorStore gradients =
            TensorStore::openFile(dataPath(kFolder + "expected_grads.safetensors"));
        for (const TensorView& view : gradients.tensors()) {
            const double error = relativeError(named(dump, "grad." + view.name), toTensor(view));
            QVERIFY2(error < 1e-4, view.name.c_str());
        }
        // The state after one token: zeros where there was no input.
        const NamedTensors one = dumpTensors(*loaded, expected(store, "b.input_ids"),
                                             {.isDouble = isDouble, .hasStates = true});
        SAMBA_COMPARE_TENSORS(named(one, "conv_state.3"), expected(store, "b.conv_state.3"), 5e-5);
        SAMBA_COMPARE_TENSORS(named(one, "ssm_state.3"), expected(store, "b.ssm_state.3"), 5e-5);
    }
}

void TestModelExport::dumpOfASamba()
{
    const ModelDescription description = sambaDescription(true);
    const auto model = makeModel(description, initialWeights(TensorManifest(description), 5));
    const at::Tensor ids = at::randint(0, 40, {2, 9}, at::kLong);
    const NamedTensors dump = dumpTensors(*model, ids, {.isDouble = true, .hasGradients = true});
    const at::Tensor attention = named(dump, "readout_attention");
    QCOMPARE(attention.sizes(), c10::IntArrayRef({2, 9, 3}));
    QCOMPARE(attention.scalar_type(), at::kDouble);
    QCOMPARE(named(dump, "readout_logits").sizes(), c10::IntArrayRef({2, 9, 40}));
    SAMBA_COMPARE_TENSORS(named(dump, "chunk_outputs.0"), named(dump, "hidden_states.1"), 1e-12);
    SAMBA_COMPARE_TENSORS(named(dump, "chunk_outputs.1"), named(dump, "hidden_states.3"), 1e-12);
    const at::Tensor total = named(dump, "loss") + 0.5 * named(dump, "readout_loss") +
                             0.05 * named(dump, "pruning_loss");
    SAMBA_COMPARE_TENSORS(named(dump, "total_loss"), total, 1e-12);
    for (const ManifestTensor& spec : model->manifest().tensors())
        QVERIFY2(named(dump, "grad." + spec.name).abs().max().item<double>() > 0,
                 spec.name.c_str());
}

void TestModelExport::dumpRefusesImpossibleIds()
{
    const auto model = loadReference("hf-safetensors");
    const auto refuses = [&](const at::Tensor& ids, TensorDumpOptions options) {
        return errorOf([&] { dumpTensors(*model, ids, options); }).has_value();
    };
    QVERIFY(refuses(at::full({1, 2}, 512, at::kLong), {}));
    QVERIFY(refuses(at::full({1, 2}, -1, at::kLong), {}));
    QVERIFY(refuses(at::empty({1, 0}, at::kLong), {}));
    QVERIFY(refuses(at::zeros({3}, at::kLong), {}));
    QVERIFY(refuses(at::zeros({1, 1}, at::kLong), {.hasGradients = true}));
    QVERIFY(!refuses(at::zeros({1, 1}, at::kLong), {}));
}

QTEST_GUILESS_MAIN(TestModelExport)
#include "tst_model_export.moc"
