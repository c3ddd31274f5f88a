// Model folders as a whole: config.json and weights held against each other, in every layout.

#include "engine/api/config_schema.h"
#include "engine/io/mapped_file.h"
#include "engine/io/model_config_json.h"
#include "engine/io/model_weights.h"
#include "engine/io/tensor_adapter.h"
#include "engine/model/chunk_names.h"
#include "engine/model/tokenizer_fit.h"
#include "engine/runtime/loaded_model.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_compare.h"

#include <ATen/ATen.h>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>

using namespace samba;
using namespace samba::test;

namespace {

namespace fs = std::filesystem;

const std::string kGood = "damaged/00-good-safetensors";

std::string text(const QString& string)
{
    return string.toStdString();
}

/// The tensors of the small good model under names that `rename` chooses; an empty name drops one.
template <typename Rename>
void copyModel(const fs::path& folder, Rename&& rename)
{
    const TensorStore store = TensorStore::openFolder(dataPath(kGood));
    NamedTensors tensors;
    for (const TensorView& view : store.tensors())
        if (const std::string name = rename(view.name); !name.empty())
            tensors.emplace_back(name, toTensor(view));
    fs::create_directories(folder);
    saveSafetensors(folder / "model.safetensors", tensors);
    writeFile(folder / "config.json", readFile(dataPath(kGood) / "config.json"));
}

/// config.json of the small good model with one part of its text exchanged.
void writeConfig(const fs::path& folder, const std::string& from, const std::string& to)
{
    std::string config = readFile(dataPath(kGood) / "config.json");
    const size_t place = config.find(from);
    if (place == std::string::npos)
        qFatal("config.json does not hold '%s'", from.c_str());
    config.replace(place, from.size(), to);
    writeFile(folder / "config.json", config);
}

const VerifiedTensor& entryOf(const VerificationReport& report, const std::string& name)
{
    const auto it =
        std::find_if(report.tensors.begin(), report.tensors.end(),
                     [&name](const VerifiedTensor& tensor) { return tensor.name == name; });
    if (it == report.tensors.end())
        qFatal("the report has no tensor '%s'", name.c_str());
    return *it;
}

} // namespace

class TestModelFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void damagedFolders_data();
    void damagedFolders();
    void everyFormHasTheSameChecksums_data();
    void everyFormHasTheSameChecksums();
    void mappedWeightsAreNotCopied();
    void writableWeightsAreCopies();
    void readsLayersNamedByChunk_data();
    void readsLayersNamedByChunk();
    void chunkNamesGoBothWays_data();
    void chunkNamesGoBothWays();
    void layersOfTransformersHaveChunks();
    void refusesNamesThatAreNoLayers_data();
    void refusesNamesThatAreNoLayers();
    void patterns_data();
    void patterns();
    void missingTensorsNeedLeave();
    void unexpectedTensorsNeedLeave();
    void tensorsDecideWhereTheConfigIsSilent();
    void configAndTensorsMustNotContradict_data();
    void configAndTensorsMustNotContradict();
    void untiedHeadIsKept();
    void headThatDiffersFromATiedEmbeddingIsRefused();
    void configsOfPython_data();
    void configsOfPython();
    void refusesConfigs_data();
    void refusesConfigs();
    void publishedSizes_data();
    void publishedSizes();
    void comparesTensorByTensor();
    void tokenizerFits_data();
    void tokenizerFits();
    void readoutStartsAsTheHead();
};

void TestModelFiles::damagedFolders_data()
{
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QString>("filesToName");
    QTest::addColumn<QStringList>("hints");
    QFile manifest(QString::fromStdString(dataPath("damaged/manifest.json").string()));
    QVERIFY(manifest.open(QIODevice::ReadOnly));
    const QJsonArray cases = QJsonDocument::fromJson(manifest.readAll()).array();
    for (const QJsonValue& value : cases) {
        const QJsonObject entry = value.toObject();
        if (entry[QStringLiteral("kind")].toString() == QStringLiteral("tokenizer"))
            continue;
        QStringList hints;
        const QJsonArray hintArray = entry[QStringLiteral("error_hint_any_of")].toArray();
        for (const QJsonValue& hint : hintArray)
            hints << hint.toString();
        QTest::newRow(qPrintable(entry[QStringLiteral("dir")].toString()))
            << entry[QStringLiteral("expect")].toString()
            << entry[QStringLiteral("error_names_file")].toString() << hints;
    }
}

void TestModelFiles::damagedFolders()
{
    QFETCH(QString, expected);
    QFETCH(QString, filesToName);
    QFETCH(QStringList, hints);
    const fs::path folder = dataPath("damaged") / QTest::currentDataTag();
    const auto error = errorOf([&] { loadStoredModel(folder); });
    for (const char* trace : {"/tmp/PWNED_samba", "/tmp/PWNED_samba_slip"})
        QVERIFY2(!fs::exists(trace), "a hostile file was executed or unpacked");
    if (expected == QStringLiteral("accept")) {
        QVERIFY2(!error, error ? error->what() : "");
        return;
    }
    if (expected == QStringLiteral("either") && !error)
        return;
    QVERIFY2(error, "a damaged model was accepted");
    QVERIFY(!error->remedy().empty());
    QString cause = QString::fromUtf8(error->what());
    QVERIFY2(!cause.contains(QLatin1Char('\n')), error->what());
    const QStringList files = filesToName.split(QStringLiteral(" or "));
    QVERIFY2(std::any_of(files.begin(), files.end(),
                         [&](const QString& file) { return cause.contains(file); }),
             error->what());
    cause.remove(QString::fromStdString(folder.string())); // the path alone is no hint
    QVERIFY2(
        std::any_of(hints.begin(), hints.end(),
                    [&](const QString& hint) { return cause.contains(hint, Qt::CaseInsensitive); }),
        error->what());
}

void TestModelFiles::everyFormHasTheSameChecksums_data()
{
    QTest::addColumn<QString>("reference");
    QTest::addColumn<QString>("layout");
    for (const char* folder : {"hf-sharded", "hf-bin"})
        QTest::newRow(folder) << QStringLiteral("hf-safetensors") << QStringLiteral("Hugging Face");
    QTest::newRow("original") << QStringLiteral("hf-safetensors") << QStringLiteral("state-spaces");
    QTest::newRow("original-fp16") << QStringLiteral("hf-fp16") << QStringLiteral("state-spaces");
}

void TestModelFiles::everyFormHasTheSameChecksums()
{
    QFETCH(QString, reference);
    QFETCH(QString, layout);
    const fs::path models = dataPath("models/mamba1-a");
    const StoredModel wanted = loadStoredModel(models / text(reference));
    const StoredModel got = loadStoredModel(models / QTest::currentDataTag());
    QVERIFY(got.report.isSound());
    QCOMPARE(QString::fromStdString(got.report.layout), layout);
    for (const auto& [name, tensor] : wanted.weights) {
        QCOMPARE(checksumText(entryOf(got.report, name).checksum),
                 checksumText(entryOf(wanted.report, name).checksum));
        QVERIFY(!checksumText(entryOf(got.report, name).checksum).empty());
        SAMBA_COMPARE_TENSORS(got.weights.at(name), tensor, 0.0);
    }
    QCOMPARE(entryOf(got.report, tensor_names::kEmbedding).status,
             layout == QStringLiteral("state-spaces") ? TensorStatus::Renamed
                                                      : TensorStatus::Found);
}

void TestModelFiles::mappedWeightsAreNotCopied()
{
    const fs::path folder = dataPath("models/mamba1-a/hf-safetensors");
    const StoredModel model = loadStoredModel(folder);
    // The file mapped here holds the same pages; what lies in it was not allocated.
    std::ifstream maps("/proc/self/maps");
    std::vector<std::pair<uintptr_t, uintptr_t>> mapped;
    for (std::string line; std::getline(maps, line);) {
        if (line.find("hf-safetensors/model.safetensors") == std::string::npos)
            continue;
        const size_t dash = line.find('-');
        mapped.emplace_back(std::stoull(line.substr(0, dash), nullptr, 16),
                            std::stoull(line.substr(dash + 1), nullptr, 16));
    }
    QVERIFY(!mapped.empty());
    for (const auto& [name, tensor] : model.weights) {
        const auto address = reinterpret_cast<uintptr_t>(tensor.const_data_ptr());
        QVERIFY2(std::any_of(mapped.begin(), mapped.end(),
                             [address](const auto& range) {
                                 return address >= range.first && address < range.second;
                             }),
                 name.c_str());
    }
}

void TestModelFiles::writableWeightsAreCopies()
{
    const fs::path folder = dataPath("models/mamba1-a/hf-safetensors");
    StoredModel model = loadStoredModel(folder, WeightAccess::Writable);
    for (auto& [name, tensor] : model.weights)
        tensor.fill_(1.0); // would fault in a mapped file
    const StoredModel again = loadStoredModel(folder);
    QVERIFY(!at::equal(again.weights.at(tensor_names::kEmbedding),
                       model.weights.at(tensor_names::kEmbedding)));
}

void TestModelFiles::readsLayersNamedByChunk_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::newRow("brackets") << QStringLiteral("chunks[%1].layers.%2%3");
    QTest::newRow("PyTorch") << QStringLiteral("chunks.%1.layers.%2%3");
    QTest::newRow("below the backbone") << QStringLiteral("backbone.chunks.%1.layers.%2%3");
}

void TestModelFiles::readsLayersNamedByChunk()
{
    QFETCH(QString, pattern);
    const TemporaryFolder folder;
    const int64_t stride = defaultConfig().model.readoutStride;
    copyModel(folder.path(), [&](const std::string& name) {
        // "chunks[c].layers.l.rest" in another spelling
        const std::string chunk = chunkName(name, stride);
        if (chunk.empty())
            return name;
        const size_t bracket = chunk.find(']');
        const size_t layer = bracket + std::string("].layers.").size();
        const size_t rest = chunk.find('.', layer);
        return pattern.arg(QString::fromStdString(chunk.substr(7, bracket - 7)))
            .arg(QString::fromStdString(chunk.substr(layer, rest - layer)))
            .arg(QString::fromStdString(chunk.substr(rest)))
            .toStdString();
    });
    const StoredModel wanted = loadStoredModel(dataPath(kGood));
    const StoredModel got = loadStoredModel(folder.path());
    QCOMPARE(got.weights.size(), wanted.weights.size());
    for (const auto& [name, tensor] : wanted.weights)
        SAMBA_COMPARE_TENSORS(got.weights.at(name), tensor, 0.0);
    QVERIFY(got.report.count(TensorStatus::Renamed) > 0);
}

void TestModelFiles::chunkNamesGoBothWays_data()
{
    QTest::addColumn<QString>("layer");
    QTest::addColumn<QString>("chunk");
    QTest::addColumn<int>("stride");
    const auto row = [](const char* layer, const char* chunk, int stride) {
        QTest::newRow(chunk) << QString::fromUtf8(layer) << QString::fromUtf8(chunk) << stride;
    };
    row("backbone.layers.0.mixer.D", "chunks[0].layers.0.mixer.D", 4);
    row("backbone.layers.5.mixer.D", "chunks[1].layers.1.mixer.D", 4);
    row("backbone.layers.23.norm.weight", "chunks[5].layers.3.norm.weight", 4);
    row("backbone.layers.7.mixer.A_log", "chunks[2].layers.1.mixer.A_log", 3);
    row("backbone.layers.63.mixer.D", "chunks[63].layers.0.mixer.D", 1);
}

void TestModelFiles::layersOfTransformersHaveChunks()
{
    QCOMPARE(chunkName("transformer.h.5.attn.c_attn.bias", 4),
             std::string("chunks[1].layers.1.attn.c_attn.bias"));
    QCOMPARE(chunkName("transformer.wte.weight", 4), std::string());
}

void TestModelFiles::chunkNamesGoBothWays()
{
    QFETCH(QString, layer);
    QFETCH(QString, chunk);
    QFETCH(int, stride);
    QCOMPARE(QString::fromStdString(chunkName(text(layer), stride)), chunk);
    QCOMPARE(QString::fromStdString(layerName(text(chunk), stride)), layer);
}

void TestModelFiles::refusesNamesThatAreNoLayers_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"", "chunks", "chunks[", "chunks[0]", "chunks[0].layers.4.mixer.D", "chunks[0].layers.1",
          "chunks[01].layers.0.mixer.D", "chunks[-1].layers.0.mixer.D", "chunks[0.layers.0.mixer.D",
          "chunks[99999999999999999999].layers.0.mixer.D", "chunks[].layers.0.mixer.D",
          "backbone.layers.1.mixer.D", "backbone.norm_f.weight"})
        QTest::newRow(name) << QString::fromUtf8(name);
}

void TestModelFiles::refusesNamesThatAreNoLayers()
{
    QFETCH(QString, name);
    QCOMPARE(layerName(text(name), 4), std::string());
}

void TestModelFiles::patterns_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char* pattern, bool matches) {
        QTest::newRow(pattern) << QString::fromUtf8(pattern) << matches;
    };
    row("readout.key.weight", true);
    row("readout.key.weigh", false);
    row("readout.*", true);
    row("*.weight", true);
    row("*key*", true);
    row("read*key*w?ight", true);
    row("*", true);
    row("**", true);
    row("readout.key.weight*", true);
    row("?", false);
    row("", false);
    row("*.bias", false);
    row("*k*k*k*", false);
}

void TestModelFiles::patterns()
{
    QFETCH(QString, pattern);
    QFETCH(bool, matches);
    QCOMPARE(matchesPattern("readout.key.weight", text(pattern)), matches);
}

void TestModelFiles::missingTensorsNeedLeave()
{
    const TemporaryFolder folder;
    const std::string dropped = "backbone.layers.1.mixer.D";
    copyModel(folder.path(),
              [&](const std::string& name) { return name == dropped ? std::string() : name; });
    const auto error = errorOf([&] { loadStoredModel(folder.path()); });
    QVERIFY(error);
    QVERIFY2(std::string(error->what()).find("Missing: " + dropped) != std::string::npos,
             error->what());
    const VerificationReport report = verifyStoredModel(folder.path());
    QVERIFY(!report.isSound());
    QCOMPARE(entryOf(report, dropped).status, TensorStatus::Missing);

    QVERIFY(errorOf([&] {
        loadStoredModel(folder.path(), WeightAccess::ReadOnly, {{"*.A_log"}, {}});
    }));
    const StoredModel model =
        loadStoredModel(folder.path(), WeightAccess::ReadOnly, {{"*.mixer.D"}, {}});
    SAMBA_COMPARE_TENSORS(model.weights.at(dropped), at::ones({32}), 0.0); // as published
    QVERIFY(model.report.isSound());
    QVERIFY(entryOf(model.report, dropped).isAllowed);
    QCOMPARE(model.report.warnings.size(), size_t{1});
}

void TestModelFiles::unexpectedTensorsNeedLeave()
{
    const fs::path folder = dataPath("damaged/10-st-extra-tensor");
    const auto error = errorOf([&] { loadStoredModel(folder); });
    QVERIFY(error);
    QVERIFY2(std::string(error->what()).find("surprise") != std::string::npos, error->what());
    const StoredModel model = loadStoredModel(folder, WeightAccess::ReadOnly, {{}, {"*.surprise"}});
    QVERIFY(!model.weights.contains("backbone.layers.0.mixer.surprise"));
}

void TestModelFiles::tensorsDecideWhereTheConfigIsSilent()
{
    const TemporaryFolder folder;
    copyModel(folder.path(), [](const std::string& name) {
        return name.ends_with("conv1d.bias") ? std::string() : name;
    });
    std::string config = R"({"hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 32,
                             "state_size": 4, "time_step_rank": 1})";
    writeFile(folder / "config.json", config);
    const StoredModel model = loadStoredModel(folder.path());
    QVERIFY(!model.description.hasConvBias);
    QVERIFY(!model.description.hasProjectionBias);
    QVERIFY(model.description.hasTiedHead);
}

void TestModelFiles::configAndTensorsMustNotContradict_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* from, const char* to, const char* named) {
        QTest::newRow(to) << QString::fromUtf8(from) << QString::fromUtf8(to)
                          << QString::fromUtf8(named);
    };
    row("\"use_bias\": false", "\"use_bias\": true", "in_proj.bias");
    row("\"use_conv_bias\": true", "\"use_conv_bias\": false", "conv1d.bias");
    row("\"use_cache\": true", "\"tie_word_embeddings\": false", "lm_head.weight");
}

void TestModelFiles::configAndTensorsMustNotContradict()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, named);
    const TemporaryFolder folder;
    copyModel(folder.path(), [](const std::string& name) { return name; });
    writeConfig(folder.path(), text(from), text(to));
    const auto error = errorOf([&] { loadStoredModel(folder.path()); });
    QVERIFY(error);
    QVERIFY2(QString::fromUtf8(error->what()).contains(named), error->what());
}

void TestModelFiles::untiedHeadIsKept()
{
    const TemporaryFolder folder;
    StoredModel model = loadStoredModel(dataPath(kGood), WeightAccess::Writable);
    model.weights[tensor_names::kHead] = model.weights.at(tensor_names::kEmbedding) + 1.0;
    NamedTensors tensors(model.weights.begin(), model.weights.end());
    saveSafetensors(folder / "model.safetensors", tensors);
    // Silent about tying: the tensors are not equal, so they are two.
    writeFile(folder / "config.json", readFile(dataPath(kGood) / "config.json"));
    const StoredModel got = loadStoredModel(folder.path());
    QVERIFY(!got.description.hasTiedHead);
    SAMBA_COMPARE_TENSORS(got.weights.at(tensor_names::kHead),
                          model.weights.at(tensor_names::kHead), 0.0);
}

void TestModelFiles::headThatDiffersFromATiedEmbeddingIsRefused()
{
    const TemporaryFolder folder;
    StoredModel model = loadStoredModel(dataPath(kGood), WeightAccess::Writable);
    model.weights[tensor_names::kHead] = model.weights.at(tensor_names::kEmbedding) + 1.0;
    NamedTensors tensors(model.weights.begin(), model.weights.end());
    saveSafetensors(folder / "model.safetensors", tensors);
    writeConfig(folder.path(), "\"use_cache\": true", "\"tie_word_embeddings\": true");
    const auto error = errorOf([&] { loadStoredModel(folder.path()); });
    QVERIFY(error);
    QVERIFY2(std::string(error->what()).find("lm_head.weight") != std::string::npos, error->what());
}

void TestModelFiles::configsOfPython_data()
{
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* json) {
        QTest::newRow(name) << QString::fromUtf8(json);
    };
    row("Infinity", R"({"time_step_limit": [0.0, Infinity], "hidden_size": 16,
                        "num_hidden_layers": 2, "vocab_size": 32, "dtype": "float32"})");
    row("-Infinity and NaN", R"({"a": -Infinity, "b": NaN, "hidden_size": 16,
                                 "num_hidden_layers": 2, "vocab_size": 32})");
    row("in a string", R"({"note": "to Infinity \" and NaN", "hidden_size": 16,
                           "num_hidden_layers": 2, "vocab_size": 32, "torch_dtype": "float16"})");
    row("original", R"({"d_model": 16, "n_layer": 2, "vocab_size": 30, "ssm_cfg": {},
                        "rms_norm": true, "pad_vocab_size_multiple": 8})");
    row("original with extras", R"({"d_model": 16, "n_layer": 2, "vocab_size": 32,
        "ssm_cfg": {"layer": "Mamba1"}, "attn_layer_idx": [], "attn_cfg": {}, "d_intermediate": 0,
        "tie_embeddings": true})");
}

void TestModelFiles::configsOfPython()
{
    QFETCH(QString, text);
    const ModelConfigFile file = parseModelConfig(text.toStdString(), "config.json");
    QCOMPARE(file.config.dModel, 16);
    QCOMPARE(file.config.nLayers, 2);
    QCOMPARE(file.config.vocabSize, 32);
    QVERIFY(!file.hasConvBias.has_value());
}

void TestModelFiles::refusesConfigs_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* named, const std::string& json) {
        QTest::newRow(named) << QString::fromStdString(json) << QString::fromUtf8(named);
    };
    const std::string sizes = R"("hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 32)";
    row("hidden_act", "{" + sizes + R"(, "hidden_act": "gelu"})");
    row("layer_norm_epsilon", "{" + sizes + R"(, "layer_norm_epsilon": -1})");
    row("intermediate_size", "{" + sizes + R"(, "intermediate_size": 33})");
    row("mamba2", "{" + sizes + R"(, "model_type": "mamba2"})");
    row("num_hidden_layers", R"({"hidden_size": 16, "num_hidden_layers": 1e9, "vocab_size": 32})");
    row("vocab_size", R"({"hidden_size": 16, "num_hidden_layers": 2, "vocab_size": Infinity})");
    row("Mamba2",
        R"({"d_model": 16, "n_layer": 2, "vocab_size": 32, "ssm_cfg": {"layer": "Mamba2"}})");
    row("attn_layer_idx", R"({"d_model": 16, "n_layer": 2, "vocab_size": 32, "ssm_cfg": {},
                              "attn_layer_idx": [1]})");
    row("rms_norm", R"({"d_model": 16, "n_layer": 2, "vocab_size": 32, "rms_norm": false})");
    row("deeply",
        "{\"hidden_size\": " + std::string(200'000, '[') + std::string(200'000, ']') + "}");
    row("not valid JSON", "{\"hidden_size\": 16");
    row("no JSON object", "[]");
}

void TestModelFiles::refusesConfigs()
{
    QFETCH(QString, text);
    QFETCH(QString, named);
    const auto error = errorOf([&] { parseModelConfig(text.toStdString(), "config.json"); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY2(QString::fromUtf8(error->what()).contains(named), error->what());
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("config.json")),
             error->what());
}

void TestModelFiles::publishedSizes_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("layers");
    QTest::addColumn<qint64>("parameters");
    QTest::newRow("130m") << 768 << 24 << qint64{129'135'360};
    QTest::newRow("370m") << 1024 << 48 << qint64{371'516'416};
    QTest::newRow("790m") << 1536 << 48 << qint64{793'204'224};
    QTest::newRow("1.4b") << 2048 << 48 << qint64{1'372'178'432};
    QTest::newRow("2.8b") << 2560 << 64 << qint64{2'768'345'600};
}

void TestModelFiles::publishedSizes()
{
    QFETCH(int, width);
    QFETCH(int, layers);
    QFETCH(qint64, parameters);
    const std::string json = "{\"d_model\": " + std::to_string(width) +
                             ", \"n_layer\": " + std::to_string(layers) +
                             ", \"vocab_size\": 50277, \"ssm_cfg\": {}, \"rms_norm\": true,"
                             " \"residual_in_fp32\": true, \"fused_add_norm\": true,"
                             " \"pad_vocab_size_multiple\": 8}";
    const ModelConfigFile file = parseModelConfig(json, "config.json");
    QCOMPARE(file.config.vocabSize, 50280);
    QCOMPARE(TensorManifest(ModelDescription{file.config}).totalCount(), parameters);
}

void TestModelFiles::comparesTensorByTensor()
{
    const TemporaryFolder folder;
    StoredModel model = loadStoredModel(dataPath(kGood), WeightAccess::Writable);
    at::Tensor changed = model.weights.at("backbone.layers.1.mixer.D");
    changed[3] += 0.25;
    model.weights.erase(tensor_names::kFinalNorm);
    NamedTensors tensors(model.weights.begin(), model.weights.end());
    saveSafetensors(folder / "model.safetensors", tensors);
    writeFile(folder / "config.json", readFile(dataPath(kGood) / "config.json"));

    const ModelComparison same =
        compareStoredModels(dataPath(kGood), dataPath("damaged/00-good-original-bin"));
    QVERIFY(same.isComparable());
    QCOMPARE(same.maxDifference(), 0.0);
    const ModelComparison other = compareStoredModels(dataPath(kGood), folder.path());
    QVERIFY(!other.isComparable());
    QVERIFY(std::abs(other.maxDifference() - 0.25) < 1e-6); // of float32 sums
    for (const ComparedTensor& tensor : other.tensors) {
        QCOMPARE(tensor.isInSecond, tensor.name != tensor_names::kFinalNorm);
        const bool isTouched =
            tensor.name == tensor_names::kFinalNorm || tensor.name == "backbone.layers.1.mixer.D";
        QVERIFY2(tensor.hasEqualBits == !isTouched, tensor.name.c_str());
    }
}

void TestModelFiles::tokenizerFits_data()
{
    QTest::addColumn<int>("tokenizer");
    QTest::addColumn<int>("rows");
    QTest::addColumn<bool>("possible");
    QTest::addColumn<QString>("named"); // "": no warning
    const auto row = [](const char* name, int tokenizer, int rows, bool possible,
                        const char* named) {
        QTest::newRow(name) << tokenizer << rows << possible << QString::fromUtf8(named);
    };
    row("NeoX, padded", 50277, 50280, true, "");
    row("NeoX, bare", 50277, 50277, true, "");
    row("NeoX, padded to 64", 50277, 50304, true, "");
    row("GPT-2, bare", 50257, 50257, true, "");
    row("GPT-2, padded to 64", 50257, 50304, true, "");
    row("GPT-2 with NeoX weights", 50257, 50280, true, "EleutherAI/gpt-neox-20b (50277 entries)");
    row("NeoX with GPT-2 weights", 50277, 50257, false, "openai-community/gpt2 (50257 entries)");
    row("small ones", 280, 280, true, "");
    row("small ones, padded", 280, 288, true, "");
    row("too small a tokenizer", 300, 4096, true, "probably do not belong");
    row("too large a tokenizer", 4096, 300, false, "4096 entries");
}

void TestModelFiles::tokenizerFits()
{
    QFETCH(int, tokenizer);
    QFETCH(int, rows);
    QFETCH(bool, possible);
    QFETCH(QString, named);
    const TokenizerFit fit = judgeTokenizer(tokenizer, rows);
    QCOMPARE(fit.isPossible, possible);
    QCOMPARE(fit.warning.empty(), named.isEmpty());
    QVERIFY2(QString::fromStdString(fit.warning).contains(named), fit.warning.c_str());
}

void TestModelFiles::readoutStartsAsTheHead()
{
    const TemporaryFolder folder;
    copyModel(folder.path(), [](const std::string& name) { return name; });
    Config config = defaultConfig();
    config.model.type = "samba";
    config.model.readoutStride = 1;
    config.model.readoutHiddenDim = 8;
    config.pretrained.usePretrained = true;
    config.pretrained.modelName = folder.path().string();
    config.dataset.tokenizer = dataPath("damaged/00-good-tokenizer").string();
    // The small model has 32 rows only, too few for the tokenizer; that is found last.
    const auto error = errorOf([&] { makeInitialModel(config, {}, at::kCPU); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Config);

    config.pretrained.modelName = dataPath("models/mamba1-a/hf-fp16").string();
    const LoadedModel made = makeInitialModel(config, {}, at::kCPU);
    const at::Tensor readout = made.model->readoutHeadWeight();
    const at::Tensor head = made.model->headWeight();
    QVERIFY(at::equal(readout, head));
    QVERIFY(readout.const_data_ptr() != head.const_data_ptr());
    SAMBA_COMPARE_TENSORS(made.model->weights().at(tensor_names::kReadoutGain), at::ones({8, 64}),
                          0.0);
}

QTEST_GUILESS_MAIN(TestModelFiles)
#include "tst_model_files.moc"
