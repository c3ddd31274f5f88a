#include "engine/io/tensor_store.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <filesystem>

using namespace samba;
using namespace samba::test;

namespace {

/// Sound files that contradict the model, which this layer knows nothing of.
bool contradictsModelOnly(const QString& folder)
{
    const QStringList prefixes = {QStringLiteral("08-"), QStringLiteral("09-"),
                                  QStringLiteral("10-"), QStringLiteral("11-")};
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const QString& prefix) { return folder.startsWith(prefix); });
}

std::string bytesOf(const TensorView& tensor)
{
    return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

/// Copies a fixture folder, for tests that damage it.
void copyFolder(const std::string& fixture, const std::filesystem::path& target)
{
    std::filesystem::copy(dataPath(fixture), target, std::filesystem::copy_options::recursive);
}

} // namespace

class TestTensorStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void damagedFiles_data();
    void damagedFiles();
    void goodControlsAgreeByteForByte_data();
    void goodControlsAgreeByteForByte();
    void everyFolderFormHoldsTheSameWeights_data();
    void everyFolderFormHoldsTheSameWeights();
    void safetensorsComeBeforePickles();
    void refusesFolderWithoutModel();
    void refusesMissingFolder();
    void namesEveryMissingShard();
    void followsSymbolicLinks();
    void readsShardedPickles();
    void refusesBadIndex_data();
    void refusesBadIndex();
    void refusesIndexThatDisagreesWithShards_data();
    void refusesIndexThatDisagreesWithShards();
};

void TestTensorStore::initTestCase()
{
    for (const char* trace : {"/tmp/PWNED_samba", "/tmp/PWNED_samba_slip"}) {
        QVERIFY2(!std::filesystem::exists(trace), "a trace of an earlier run must be removed");
    }
}

void TestTensorStore::cleanup()
{
    for (const char* trace : {"/tmp/PWNED_samba", "/tmp/PWNED_samba_slip"}) {
        QVERIFY2(!std::filesystem::exists(trace), "a hostile file was executed or unpacked");
    }
}

void TestTensorStore::damagedFiles_data()
{
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QString>("fileToName");
    QTest::addColumn<QStringList>("hints");
    QFile manifest(QString::fromStdString(dataPath("damaged/manifest.json").string()));
    QVERIFY(manifest.open(QIODevice::ReadOnly));
    const QStringList kinds = {QStringLiteral("safetensors"), QStringLiteral("sharded"),
                               QStringLiteral("pytorch_model.bin")};
    const QJsonArray cases = QJsonDocument::fromJson(manifest.readAll()).array();
    for (const QJsonValue& value : cases) {
        const QJsonObject entry = value.toObject();
        if (!kinds.contains(entry[QStringLiteral("kind")].toString())) {
            continue;
        }
        const QString folder = entry[QStringLiteral("dir")].toString();
        QStringList hints;
        const QJsonArray hintArray = entry[QStringLiteral("error_hint_any_of")].toArray();
        for (const QJsonValue& hint : hintArray) {
            hints << hint.toString();
        }
        const QString expected = contradictsModelOnly(folder)
                                     ? QStringLiteral("accept")
                                     : entry[QStringLiteral("expect")].toString();
        QTest::newRow(qPrintable(folder))
            << expected << entry[QStringLiteral("error_names_file")].toString() << hints;
    }
}

void TestTensorStore::damagedFiles()
{
    QFETCH(QString, expected);
    QFETCH(QString, fileToName);
    QFETCH(QStringList, hints);
    const auto folder = dataPath("damaged") / QTest::currentDataTag();
    const auto error = errorOf([&] {
        const TensorStore store = TensorStore::openFolder(folder);
        store.verifyChecksums();
    });
    if (expected == QStringLiteral("accept")) {
        QVERIFY2(!error, error ? error->what() : "");
        return;
    }
    if (expected == QStringLiteral("either") && !error) {
        return;
    }
    QVERIFY2(error, "a damaged file was accepted");
    QVERIFY(!error->remedy().empty());
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.contains(fileToName), error->what());
    const bool hintGiven = std::any_of(hints.begin(), hints.end(), [&](const QString& hint) {
        // The path alone must not satisfy the hint.
        QString cause = message;
        cause.remove(QString::fromStdString(folder.string()));
        cause.remove(fileToName);
        return cause.contains(hint, Qt::CaseInsensitive);
    });
    QVERIFY2(hintGiven, error->what());
}

void TestTensorStore::goodControlsAgreeByteForByte_data()
{
    QTest::addColumn<bool>("hasHead");
    QTest::newRow("00-good-sharded") << false;
    QTest::newRow("14-st-header-spaces") << false;
    QTest::newRow("00-good-hf-bin") << true;
    QTest::newRow("00-good-original-bin") << true;
}

void TestTensorStore::goodControlsAgreeByteForByte()
{
    QFETCH(bool, hasHead);
    const TensorStore wanted = TensorStore::openFolder(dataPath("damaged/00-good-safetensors"));
    const TensorStore got = TensorStore::openFolder(dataPath("damaged") / QTest::currentDataTag());
    QCOMPARE(got.tensors().size(), wanted.tensors().size() + (hasHead ? 1 : 0));
    for (const TensorView& tensor : wanted.tensors()) {
        const TensorView* other = got.find(tensor.name);
        if (other == nullptr) { // the original layout has the embedding in the singular
            other = got.find("backbone.embedding.weight");
            QCOMPARE(tensor.name, std::string("backbone.embeddings.weight"));
        }
        QVERIFY2(other != nullptr, tensor.name.c_str());
        QCOMPARE(other->shape, tensor.shape);
        QVERIFY(other->dtype == tensor.dtype);
        QVERIFY2(bytesOf(*other) == bytesOf(tensor), tensor.name.c_str());
    }
}

void TestTensorStore::everyFolderFormHoldsTheSameWeights_data()
{
    QTest::addColumn<QString>("mainFile");
    QTest::addColumn<int>("fileCount");
    QTest::addColumn<QString>("embedding");
    QTest::addColumn<bool>("hasHead");
    QTest::newRow("hf-safetensors") << QStringLiteral("model.safetensors") << 1
                                    << QStringLiteral("backbone.embeddings.weight") << false;
    QTest::newRow("hf-sharded") << QStringLiteral("model.safetensors.index.json") << 5
                                << QStringLiteral("backbone.embeddings.weight") << false;
    QTest::newRow("hf-bin") << QStringLiteral("pytorch_model.bin") << 1
                            << QStringLiteral("backbone.embeddings.weight") << true;
    QTest::newRow("original") << QStringLiteral("pytorch_model.bin") << 1
                              << QStringLiteral("backbone.embedding.weight") << true;
}

void TestTensorStore::everyFolderFormHoldsTheSameWeights()
{
    QFETCH(QString, mainFile);
    QFETCH(int, fileCount);
    QFETCH(QString, embedding);
    QFETCH(bool, hasHead);
    const auto models = dataPath("models/mamba1-a");
    const TensorStore wanted = TensorStore::openFile(models / "hf-safetensors/model.safetensors");
    const TensorStore got = TensorStore::openFolder(models / QTest::currentDataTag());
    got.verifyChecksums();

    QCOMPARE(got.mainFile().filename().string(), mainFile.toStdString());
    QCOMPARE(got.files().size(), static_cast<std::size_t>(fileCount));
    QCOMPARE(wanted.tensors().size(), std::size_t{82});
    QCOMPARE(got.tensors().size(), wanted.tensors().size() + (hasHead ? 1 : 0));
    for (const TensorView& tensor : wanted.tensors()) {
        const bool isEmbedding = tensor.name == "backbone.embeddings.weight";
        const std::string name = isEmbedding ? embedding.toStdString() : tensor.name;
        const TensorView* other = got.find(name);
        QVERIFY2(other != nullptr, name.c_str());
        QVERIFY(other->dtype == DType::F32);
        QCOMPARE(other->shape, tensor.shape);
        QVERIFY2(bytesOf(*other) == bytesOf(tensor), name.c_str());
    }
    if (hasHead) {
        // Tied: stored once.
        QCOMPARE(got.find("lm_head.weight")->bytes.data(),
                 got.find(embedding.toStdString())->bytes.data());
    }
}

void TestTensorStore::safetensorsComeBeforePickles()
{
    const TemporaryFolder folder;
    copyFolder("damaged/00-good-hf-bin", folder / "m");
    std::filesystem::copy_file(dataPath("damaged/00-good-safetensors/model.safetensors"),
                               folder / "m/model.safetensors");
    QCOMPARE(TensorStore::openFolder(folder / "m").mainFile(), folder / "m/model.safetensors");
}

void TestTensorStore::refusesFolderWithoutModel()
{
    const TemporaryFolder folder;
    const auto error = errorOf([&] { TensorStore::openFolder(folder.path()); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::File);
    QVERIFY(std::string(error->what()).find("model.safetensors") != std::string::npos);
}

void TestTensorStore::refusesMissingFolder()
{
    const TemporaryFolder folder;
    const auto error = errorOf([&] { TensorStore::openFolder(folder / "none"); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::File);
    QVERIFY(std::string(error->what()).find("none") != std::string::npos);
}

void TestTensorStore::namesEveryMissingShard()
{
    const TemporaryFolder folder;
    copyFolder("models/mamba1-a/hf-sharded", folder / "m");
    std::filesystem::remove(folder / "m/model-00002-of-00005.safetensors");
    std::filesystem::remove(folder / "m/model-00004-of-00005.safetensors");
    const auto error = errorOf([&] { TensorStore::openFolder(folder / "m"); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::File);
    const std::string message = error->what();
    QVERIFY2(message.find("model-00002-of-00005") != std::string::npos, message.c_str());
    QVERIFY2(message.find("model-00004-of-00005") != std::string::npos, message.c_str());
    QVERIFY2(message.find("model-00003-of-00005") == std::string::npos, message.c_str());
}

void TestTensorStore::followsSymbolicLinks()
{
    // The Hugging Face cache keeps the files elsewhere and links to them.
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "snapshot");
    for (const auto& entry :
         std::filesystem::directory_iterator(dataPath("damaged/00-good-sharded"))) {
        std::filesystem::create_symlink(entry.path(),
                                        folder / "snapshot" / entry.path().filename());
    }
    QCOMPARE(TensorStore::openFolder(folder / "snapshot").tensors().size(), std::size_t{22});
}

void TestTensorStore::readsShardedPickles()
{
    const TemporaryFolder folder;
    copyFolder("damaged/00-good-hf-bin", folder / "m");
    std::filesystem::rename(folder / "m/pytorch_model.bin",
                            folder / "m/pytorch_model-00001-of-00001.bin");
    const auto shard = TensorStore::openFile(folder / "m/pytorch_model-00001-of-00001.bin");
    std::string map;
    for (const TensorView& tensor : shard.tensors()) {
        map +=
            (map.empty() ? "\"" : ",\"") + tensor.name + "\":\"pytorch_model-00001-of-00001.bin\"";
    }
    writeFile(folder / "m/pytorch_model.bin.index.json", R"({"weight_map":{)" + map + "}}");
    const TensorStore store = TensorStore::openFolder(folder / "m");
    QCOMPARE(store.tensors().size(), std::size_t{23});
    store.verifyChecksums();
}

void TestTensorStore::refusesBadIndex_data()
{
    QTest::addColumn<QByteArray>("index");
    QTest::addColumn<QString>("word");
    const auto row = [](const char* name, const QByteArray& index, const char* word) {
        QTest::newRow(name) << index << QString::fromUtf8(word);
    };
    const auto shard = [](const char* file) {
        return QByteArray(R"({"weight_map":{"a":")") + file + "\"}}";
    };
    row("empty", "", "JSON");
    row("cut", R"({"weight_map":{"a")", "JSON");
    row("list", "[]", "JSON object");
    row("NUL", QByteArray("{}\0x", 4), "NUL");
    row("no weight_map", "{}", "weight_map");
    row("empty weight_map", R"({"weight_map":{}})", "weight_map");
    row("weight_map elsewhere", R"({"x":{"weight_map":{"a":"b.safetensors"}}})", "weight_map");
    row("weight_map is a list", R"({"weight_map":["a"]})", "weight_map");
    row("weight_map is text", R"({"weight_map":"a"})", "weight_map");
    row("two weight_maps", R"({"weight_map":{"a":"b"},"weight_map":{"c":"d"}})", "two weight_map");
    row("shard is a number", R"({"weight_map":{"a":1}})", "'a'");
    row("shard is an object", R"({"weight_map":{"a":{}}})", "'a'");
    row("tensor twice", R"({"weight_map":{"a":"b","a":"b"}})", "twice");
    row("parent", shard("../b.safetensors"), "plain file name");
    row("two dots", shard(".."), "plain file name");
    row("absolute", shard("/etc/hostname"), "plain file name");
    row("subfolder", shard("x/b.safetensors"), "plain file name");
    row("backslash", shard("..\\\\b.safetensors"), "plain file name");
    row("NUL in the name", shard("b\\u0000.safetensors"), "plain file name");
    row("no name", shard(""), "plain file name");
    row("deep nesting", R"({"x":)" + QByteArray("[").repeated(200000), "JSON");
}

void TestTensorStore::refusesBadIndex()
{
    QFETCH(QByteArray, index);
    QFETCH(QString, word);
    const TemporaryFolder folder;
    writeFile(folder / "model.safetensors.index.json", index.toStdString());
    const auto error = errorOf([&] { TensorStore::openFolder(folder.path()); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::Format);
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.contains(QStringLiteral("model.safetensors.index.json")), error->what());
    QVERIFY2(message.contains(word), error->what());
}

void TestTensorStore::refusesIndexThatDisagreesWithShards_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QString>("word");
    QTest::newRow("a tensor the shard lacks")
        << QByteArray("\"backbone.norm_f.weight\"") << QByteArray("\"backbone.norm_g.weight\"")
        << QStringLiteral("backbone.norm_g.weight");
    QTest::newRow("a tensor in another shard")
        << QByteArray("\"backbone.norm_f.weight\": \"model-00002")
        << QByteArray("\"backbone.norm_f.weight\": \"model-00001")
        << QStringLiteral("backbone.norm_f.weight");
    QTest::newRow("a tensor the index lacks")
        << QByteArray(",\n    \"backbone.norm_f.weight\": \"model-00002-of-00002.safetensors\"")
        << QByteArray() << QStringLiteral("backbone.norm_f.weight");
}

void TestTensorStore::refusesIndexThatDisagreesWithShards()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QString, word);
    const TemporaryFolder folder;
    copyFolder("damaged/00-good-sharded", folder / "m");
    const auto indexPath = folder / "m/model.safetensors.index.json";
    QByteArray index = QByteArray::fromStdString(readFile(indexPath));
    QVERIFY(index.contains(before));
    writeFile(indexPath, index.replace(before, after).toStdString());
    const auto error = errorOf([&] { TensorStore::openFolder(folder / "m"); });
    QVERIFY(error);
    QVERIFY2(QString::fromUtf8(error->what()).contains(word), error->what());
}

QTEST_GUILESS_MAIN(TestTensorStore)
#include "tst_tensor_store.moc"
