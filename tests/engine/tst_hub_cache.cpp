#include "engine/hub/hub_cache.h"
#include "engine/hub/hub_settings.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <algorithm>
#include <filesystem>
#include <map>

using namespace samba;
using namespace samba::hub;
using namespace samba::test;

namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

constexpr const char* kVariables[] = {"HF_HUB_CACHE",
                                      "HUGGINGFACE_HUB_CACHE",
                                      "HF_HOME",
                                      "XDG_CACHE_HOME",
                                      "HF_ENDPOINT",
                                      "HF_TOKEN",
                                      "HUGGING_FACE_HUB_TOKEN",
                                      "HF_TOKEN_PATH",
                                      "HF_HUB_DISABLE_IMPLICIT_TOKEN",
                                      "HF_HUB_OFFLINE",
                                      "TRANSFORMERS_OFFLINE",
                                      "HF_HUB_ETAG_TIMEOUT",
                                      "HF_HUB_DOWNLOAD_TIMEOUT",
                                      "HF_HUB_DISABLE_SYMLINKS",
                                      "SSL_CERT_FILE",
                                      "REQUESTS_CA_BUNDLE",
                                      "CURL_CA_BUNDLE"};

/// The settings that an environment with these variables and no others of the hub's leads to.
HubSettings settingsOf(const Variables& variables)
{
    for (const char* name : kVariables)
        qunsetenv(name);
    qputenv("HOME", "/home/somebody");
    qputenv("DATA_DISK", "/disk");
    for (const auto& [name, value] : variables)
        qputenv(name.c_str(), QByteArray::fromStdString(value));
    const HubSettings settings = HubSettings::fromEnvironment();
    for (const auto& [name, value] : variables)
        qunsetenv(name.c_str());
    return settings;
}

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

void link(const fs::path& name, const std::string& target)
{
    fs::create_directories(name.parent_path());
    fs::create_symlink(target, name);
}

} // namespace

Q_DECLARE_METATYPE(Variables)

class TestHubCache : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsTheCacheFolder_data();
    void findsTheCacheFolder();
    void readsSwitchesAndTimes();
    void refusesValuesThatCannotBe_data();
    void refusesValuesThatCannotBe();
    void findsTheToken();
    void readsNames_data();
    void readsNames();
    void choosesModelFiles_data();
    void choosesModelFiles();
    void choosesTokenizerAndPatterns();
    void findsSnapshots_data();
    void findsSnapshots();
    void ignoresWhatIsBroken();
};

void TestHubCache::findsTheCacheFolder_data()
{
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QString>("folder");
    QTest::newRow("nothing set") << Variables{} << "/home/somebody/.cache/huggingface/hub";
    QTest::newRow("XDG_CACHE_HOME")
        << Variables{{"XDG_CACHE_HOME", "/xdg"}} << "/xdg/huggingface/hub";
    QTest::newRow("HF_HOME before XDG_CACHE_HOME")
        << Variables{{"XDG_CACHE_HOME", "/xdg"}, {"HF_HOME", "/hf"}} << "/hf/hub";
    QTest::newRow("old name before HF_HOME")
        << Variables{{"HUGGINGFACE_HUB_CACHE", "/old"}, {"HF_HOME", "/hf"}} << "/old";
    QTest::newRow("HF_HUB_CACHE before all") << Variables{{"HF_HUB_CACHE", "/new"},
                                                          {"HUGGINGFACE_HUB_CACHE", "/old"},
                                                          {"HF_HOME", "/hf"}}
                                             << "/new";
    QTest::newRow("empty counts as none")
        << Variables{{"HF_HUB_CACHE", ""}, {"HF_HOME", "/hf"}} << "/hf/hub";
    QTest::newRow("home") << Variables{{"HF_HOME", "~/hf"}} << "/home/somebody/hf/hub";
    QTest::newRow("variables") << Variables{{"HF_HUB_CACHE", "$DATA_DISK/a/${DATA_DISK}b"}}
                               << "/disk/a//diskb";
    QTest::newRow("unknown variable stays")
        << Variables{{"HF_HUB_CACHE", "/a/$NOT_SET_HERE/${b"}} << "/a/$NOT_SET_HERE/${b";
}

void TestHubCache::findsTheCacheFolder()
{
    QFETCH(Variables, variables);
    QFETCH(QString, folder);
    QCOMPARE(QString::fromStdString(settingsOf(variables).cacheDir.string()), folder);
}

void TestHubCache::readsSwitchesAndTimes()
{
    using namespace std::chrono_literals;
    QCOMPARE(settingsOf({}).endpoint, std::string("https://huggingface.co"));
    QCOMPARE(settingsOf({{"HF_ENDPOINT", "https://hub.example/"}}).endpoint,
             std::string("https://hub.example"));

    QVERIFY(!settingsOf({}).isOffline);
    for (const char* yes : {"1", "on", "Yes", "TRUE"})
        QVERIFY2(settingsOf({{"HF_HUB_OFFLINE", yes}}).isOffline, yes);
    for (const char* no : {"0", "off", "2", "true "})
        QVERIFY2(!settingsOf({{"HF_HUB_OFFLINE", no}}).isOffline, no);
    QVERIFY(settingsOf({{"TRANSFORMERS_OFFLINE", "1"}}).isOffline);
    QVERIFY(settingsOf({{"HF_HUB_OFFLINE", ""}, {"TRANSFORMERS_OFFLINE", "1"}}).isOffline);
    QVERIFY(!settingsOf({{"HF_HUB_OFFLINE", "0"}, {"TRANSFORMERS_OFFLINE", "1"}}).isOffline);

    QVERIFY(settingsOf({}).metadataTimeout == 10s);
    QVERIFY(settingsOf({{"HF_HUB_ETAG_TIMEOUT", "3"}}).metadataTimeout == 3s);
    QVERIFY(settingsOf({{"HF_HUB_DOWNLOAD_TIMEOUT", "60"}}).downloadTimeout == 60s);
    QVERIFY(settingsOf({{"HF_HUB_DOWNLOAD_TIMEOUT", "0"}}).downloadTimeout == 10s);

    QVERIFY(!settingsOf({{"HF_HUB_DISABLE_SYMLINKS", "1"}}).usesSymlinks);
    QCOMPARE(settingsOf({{"REQUESTS_CA_BUNDLE", "/ca"}}).certificateFile, std::string("/ca"));
}

void TestHubCache::refusesValuesThatCannotBe_data()
{
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QString>("name");
    QTest::newRow("timeout") << Variables{{"HF_HUB_ETAG_TIMEOUT", "soon"}} << "HF_HUB_ETAG_TIMEOUT";
    QTest::newRow("negative") << Variables{{"HF_HUB_DOWNLOAD_TIMEOUT", "-1"}}
                              << "HF_HUB_DOWNLOAD_TIMEOUT";
    QTest::newRow("no scheme") << Variables{{"HF_ENDPOINT", "huggingface.co"}} << "HF_ENDPOINT";
    QTest::newRow("other scheme") << Variables{{"HF_ENDPOINT", "file:///etc"}} << "HF_ENDPOINT";
    QTest::newRow("token") << Variables{{"HF_TOKEN", "two words"}} << "token";
}

void TestHubCache::refusesValuesThatCannotBe()
{
    QFETCH(Variables, variables);
    QFETCH(QString, name);
    const auto error = errorOf([&] { settingsOf(variables); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Config);
    QVERIFY2(QString::fromUtf8(error->what()).contains(name), error->what());
    QVERIFY(!error->remedy().empty());
    QVERIFY(!QString::fromUtf8(error->what()).contains(QStringLiteral("two words")));
}

void TestHubCache::findsTheToken()
{
    const TemporaryFolder folder;
    writeFile(folder / "home/token", "hf_file\n");
    writeFile(folder / "elsewhere", "  hf_elsewhere  \n");
    const std::string home = (folder / "home").string();
    QCOMPARE(settingsOf({}).token, std::string());
    QCOMPARE(settingsOf({{"HF_HOME", home}}).token, std::string("hf_file"));
    QCOMPARE(
        settingsOf({{"HF_HOME", home}, {"HF_TOKEN_PATH", (folder / "elsewhere").string()}}).token,
        std::string("hf_elsewhere"));
    QCOMPARE(settingsOf({{"HF_HOME", home}, {"HUGGING_FACE_HUB_TOKEN", "hf_old"}}).token,
             std::string("hf_old"));
    QCOMPARE(settingsOf({{"HUGGING_FACE_HUB_TOKEN", "hf_old"}, {"HF_TOKEN", " hf_new\n"}}).token,
             std::string("hf_new"));
    QCOMPARE(settingsOf({{"HF_TOKEN", "hf_new"}, {"HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"}}).token,
             std::string());
}

void TestHubCache::readsNames_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("revision");
    const auto good = [](const char* text, const char* folder, const char* revision) {
        QTest::newRow(text) << text << folder << revision;
    };
    good("state-spaces/mamba-130m-hf", "models--state-spaces--mamba-130m-hf", "main");
    good("gpt2", "models--gpt2", "main");
    good("a/b@refs/pr/1", "models--a--b", "refs/pr/1");
    good("A.b_c/D-e.f@v1.0", "models--A.b_c--D-e.f", "v1.0");
    for (const char* bad :
         {"",      "/",    "a/",     "/a",      "a/b/c",      "a//b",          "./a",
          "../a",  "a/..", "a--b/c", "a/b.git", "-a/b",       "a/b-",          ".a/b",
          "a b/c", "a/b@", "a/b@..", "a/b@/x",  "a/b@x/../y", "caf\xc3\xa9/b", "~/a"})
        QTest::newRow(bad) << bad << ""
                           << "";
}

void TestHubCache::readsNames()
{
    QFETCH(QString, text);
    QFETCH(QString, folder);
    QFETCH(QString, revision);
    const auto repo = parseRepo(RepoKind::Model, text.toStdString());
    QCOMPARE(repo.has_value(), !folder.isEmpty());
    if (!repo)
        return;
    QCOMPARE(QString::fromStdString(repo->folderName()), folder);
    QCOMPARE(QString::fromStdString(repo->revision), revision);
    QCOMPARE(QString::fromStdString(repo->text()), text);
}

void TestHubCache::choosesModelFiles_data()
{
    QTest::addColumn<QStringList>("offered");
    QTest::addColumn<QStringList>("chosen");
    const auto row = [](const char* name, const QString& offered, const QString& chosen) {
        const auto words = [](const QString& text) {
            return text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        };
        QTest::newRow(name) << words(offered) << words(chosen);
    };
    const auto text = [](const char* words) { return QString::fromUtf8(words); };
    row("safetensors before bin",
        text("README.md config.json model.safetensors pytorch_model.bin tokenizer.json"),
        text("config.json model.safetensors tokenizer.json"));
    row("the original form", text(".gitattributes README.md config.json pytorch_model.bin"),
        text("config.json pytorch_model.bin"));
    row("shards",
        text("config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors "
             "model.safetensors.index.json generation_config.json"),
        text("config.json generation_config.json model-00001-of-00002.safetensors "
             "model-00002-of-00002.safetensors model.safetensors.index.json"));
    row("a shard is missing: the other form",
        text("config.json model-00001-of-00002.safetensors model.safetensors.index.json "
             "pytorch_model.bin"),
        text("config.json pytorch_model.bin"));
    row("shards without index", text("config.json pytorch_model-00001-of-00001.bin"), QString());
    row("no configuration", text("model.safetensors"), QString());
    row("no weights", text("config.json tokenizer.json"), QString());
    row("other files of the tokenizer",
        text("config.json model.safetensors vocab.json merges.txt tokenizer_config.json "
             "special_tokens_map.json flax_model.msgpack"),
        text("config.json merges.txt model.safetensors special_tokens_map.json "
             "tokenizer_config.json vocab.json"));
}

std::vector<std::string> toNames(const QStringList& list)
{
    std::vector<std::string> names;
    for (const QString& name : list)
        names.push_back(name.toStdString());
    return names;
}

void TestHubCache::choosesModelFiles()
{
    QFETCH(QStringList, offered);
    QFETCH(QStringList, chosen);
    auto names = modelFiles().choose(toNames(offered));
    QCOMPARE(names.has_value(), !chosen.isEmpty());
    if (!names)
        return;
    std::ranges::sort(*names);
    QCOMPARE(*names, toNames(chosen));
}

void TestHubCache::choosesTokenizerAndPatterns()
{
    const std::vector<std::string> offered = {
        "README.md",
        "merges.txt",
        "raw/test-00000-of-00001.parquet",
        "raw/train-00000-of-00002.parquet",
        "raw/train-00001-of-00002.parquet",
        "raw/deeper/x.parquet",
        "broken/train-00000-of-00002.parquet",
        "hashed/train-00000-of-00002-0a1b.parquet",
        "hashed/train-00001-of-00002-2c3d.parquet",
        "torn/train-00001-of-00002-0a1b.parquet",
        "torn/train-00001-of-00002-2c3d.parquet",
        "vocab.json",
    };
    QCOMPARE(tokenizerFiles().choose(offered).value(),
             (std::vector<std::string>{"vocab.json", "merges.txt"}));
    QVERIFY(!tokenizerFiles().choose({"vocab.json"}));
    QCOMPARE(filesMatching({"raw/*.parquet"}).choose(offered).value(),
             (std::vector<std::string>{"raw/test-00000-of-00001.parquet",
                                       "raw/train-00000-of-00002.parquet",
                                       "raw/train-00001-of-00002.parquet"}));
    QCOMPARE(filesMatching({"README.md", "raw/te*"}).choose(offered).value(),
             (std::vector<std::string>{"README.md", "raw/test-00000-of-00001.parquet"}));
    QVERIFY(!filesMatching({"README.md", "nothing*"}).choose(offered));
    QVERIFY(!filesMatching({"broken/*"}).choose(offered));
    QCOMPARE(filesMatching({"hashed/*"}).choose(offered).value().size(), 2U);
    QVERIFY(!filesMatching({"torn/*"}).choose(offered));
}

void TestHubCache::findsSnapshots_data()
{
    QTest::addColumn<bool>("hasLinks");
    QTest::newRow("links into blobs") << true;
    QTest::newRow("files themselves") << false;
}

void TestHubCache::findsSnapshots()
{
    QFETCH(bool, hasLinks);
    const TemporaryFolder folder;
    const fs::path repo = folder / "models--state-spaces--mamba-130m-hf";
    const fs::path snapshot = repo / "snapshots" / kCommit;
    writeFile(repo / "refs/main", kCommit);
    if (hasLinks) {
        writeFile(repo / "blobs/aa", "{}");
        link(snapshot / "config.json", "../../blobs/aa");
        // Newer versions share large files between repositories: one link more.
        writeFile(folder / "blobs/cc/ccdd", "weights");
        link(repo / "blobs/bb", "../../blobs/cc/ccdd");
        link(snapshot / "model.safetensors", "../../blobs/bb");
        writeFile(repo / "blobs/ee", "text");
        link(snapshot / "data/a.txt", "../../../blobs/ee");
    } else {
        writeFile(snapshot / "config.json", "{}");
        writeFile(snapshot / "model.safetensors", "weights");
        writeFile(snapshot / "data/a.txt", "text");
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
        if (entry.is_directory() && !entry.is_symlink())
            fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::remove);

    const HubCache cache(folder.path());
    const HubRepo main{.name = "state-spaces/mamba-130m-hf"};
    for (const HubRepo& repoName :
         {main, HubRepo{.name = "state-spaces/mamba-130m-hf", .revision = kCommit}}) {
        const auto found = cache.findComplete(repoName, modelFiles());
        QVERIFY(found);
        QCOMPARE(found->folder, snapshot);
        QCOMPARE(found->commit, kCommit);
        QCOMPARE(found->files, (std::vector<std::string>{"model.safetensors", "config.json"}));
        QCOMPARE(readFile(found->folder / "model.safetensors"), std::string("weights"));
    }
    QVERIFY(cache.findComplete(main, filesMatching({"data/*.txt"})));
    QVERIFY(!cache.findComplete(main, tokenizerFiles()));
    QVERIFY(!cache.find({.name = "state-spaces/mamba-370m-hf"}));
    QVERIFY(!cache.find({.name = "state-spaces/mamba-130m-hf", .revision = "v2"}));
    QVERIFY(!cache.find({.kind = RepoKind::Dataset, .name = "state-spaces/mamba-130m-hf"}));

    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
        if (entry.is_directory() && !entry.is_symlink())
            fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
}

void TestHubCache::ignoresWhatIsBroken()
{
    const TemporaryFolder folder;
    const fs::path repo = folder / "models--a--b";
    writeFile(repo / "refs/main", kCommit + "\n");
    writeFile(repo / "snapshots" / kCommit / "config.json", "{}");
    link(repo / "snapshots" / kCommit / "model.safetensors", "../../blobs/gone");
    const HubCache cache(folder.path());
    QCOMPARE(cache.find({.name = "a/b"})->files, (std::vector<std::string>{"config.json"}));
    QVERIFY(!cache.findComplete({.name = "a/b"}, modelFiles()));

    writeFile(repo / "refs/evil", "../../../../etc");
    QVERIFY(!cache.find({.name = "a/b", .revision = "evil"}));
    writeFile(repo / "refs/empty", "");
    QVERIFY(!cache.find({.name = "a/b", .revision = "empty"}));
    QVERIFY(!HubCache(folder / "nothing").find({.name = "a/b"}));
}

QTEST_GUILESS_MAIN(TestHubCache)
#include "tst_hub_cache.moc"
