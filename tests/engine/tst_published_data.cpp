#include "engine/api/error.h"
#include "engine/hub/published_data.h"
#include "engine/text/corpus.h"
#include "tests/support/documents.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

using namespace samba;
using samba::test::dataPath;
using samba::test::datasetOf;
using samba::test::errorOf;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

const std::string kCommit(40, 'a');

DatasetConfig dataset(const std::string& name, const std::string& configName = {})
{
    DatasetConfig config = datasetOf(name);
    config.configName = configName;
    return config;
}

} // namespace

/// Data sets by their published names, from a cache and without a network.
class TestPublishedData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void findsPublishedNames_data();
    void findsPublishedNames();
    void readsWikitext();
    void leavesLocalNamesAlone();
    void takesTheConfigurationsFolder();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();

private:
    /// A file of a data set in the cache.
    void add(const std::string& repo, const std::string& file, const std::string& content);
    hub::HubClient hub() const;

    std::unique_ptr<TemporaryFolder> m_folder;
};

void TestPublishedData::add(const std::string& repo, const std::string& file,
                            const std::string& content)
{
    const auto folder = *m_folder / ("datasets--" + repo);
    writeFile(folder / "refs/main", kCommit);
    writeFile(folder / "snapshots" / kCommit / file, content);
}

hub::HubClient TestPublishedData::hub() const
{
    hub::HubSettings settings;
    settings.cacheDir = m_folder->path();
    settings.isOffline = true;
    return hub::HubClient(settings);
}

void TestPublishedData::init()
{
    m_folder = std::make_unique<TemporaryFolder>();
    for (const std::string split : {"train", "validation", "test"}) {
        const std::string file = "wikitext-2-raw-v1/" + split + "-00000-of-00001.parquet";
        add("Salesforce--wikitext", file, test::readFile(dataPath("parquet/" + file)));
    }
    add("Salesforce--wikitext", "README.md", "about it");
    for (const char* shard : {"0-of-00002-0a1b", "1-of-00002-2c3d"})
        add("roneneldan--TinyStories", std::string("data/train-0000") + shard + ".parquet",
            test::readFile(dataPath("parquet/documents.parquet")));
    add("roneneldan--TinyStories", "TinyStories-train.txt", "not this one");
    add("somebody--plain", "train.jsonl", "{\"text\": \"one\"}\n");
    add("somebody--torn", "data/train-00000-of-00002.parquet", "half of it");
}

void TestPublishedData::findsPublishedNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("configName");
    QTest::addColumn<QString>("folder");
    const auto row = [](const char* name, const char* configName, const char* folder) {
        QTest::addRow("%s %s", name, configName)
            << QString::fromLatin1(name) << QString::fromLatin1(configName)
            << QString::fromLatin1(folder);
    };
    row("wikitext", "wikitext-2-raw-v1", "wikitext-2-raw-v1");
    row("Salesforce/wikitext", "wikitext-2-raw-v1", "wikitext-2-raw-v1");
    row("wikitext-2-raw-v1", "", "wikitext-2-raw-v1");
    row("tinystories", "", "data");
    row("TinyStories", "", "data");
    row("roneneldan/TinyStories", "", "data");
    row("somebody/plain", "", kCommit.c_str());
}

void TestPublishedData::findsPublishedNames()
{
    QFETCH(QString, name);
    QFETCH(QString, configName);
    QFETCH(QString, folder);
    const auto located =
        hub::locateDataset(dataset(name.toStdString(), configName.toStdString()), hub());
    QVERIFY(located);
    const std::filesystem::path path = located->name;
    QVERIFY(std::filesystem::is_directory(path));
    const auto last = path.has_filename() ? path.filename() : path.parent_path().filename();
    QCOMPARE(QString::fromStdString(last.string()), folder);
    QVERIFY(openDocuments(*located, Split::Train)->next());
}

void TestPublishedData::readsWikitext()
{
    const auto located = hub::locateDataset(dataset("wikitext", "wikitext-2-raw-v1"), hub());
    QVERIFY(located);
    const auto piece = openDocuments(*located, Split::Test)->next();
    QVERIFY(piece && piece->endsDocument);
    QCOMPARE(QString::fromStdString(piece->text.substr(0, 20)),
             QStringLiteral(" \n = The test part ="));
}

void TestPublishedData::leavesLocalNamesAlone()
{
    const std::string file = (*m_folder / "here.txt").string();
    writeFile(file, "text");
    for (const std::string& name : {std::string("stories"), file, std::string("nowhere.txt")})
        QCOMPARE(hub::locateDataset(dataset(name, "x"), hub())->name, name);
}

void TestPublishedData::takesTheConfigurationsFolder()
{
    const auto local = dataPath("parquet").string();
    QCOMPARE(hub::locateDataset(dataset(local, "wikitext-2-raw-v1"), hub())->name,
             (dataPath("parquet") / "wikitext-2-raw-v1").string());
    QCOMPARE(hub::locateDataset(dataset(local, "none"), hub())->name, local);
}

void TestPublishedData::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("named");
    QTest::newRow("no configuration")
        << QStringLiteral("wikitext") << QStringLiteral("none is named");
    QTest::newRow("not there") << QStringLiteral("books/novels")
                               << QStringLiteral("'books/novels'");
    QTest::newRow("a shard is missing")
        << QStringLiteral("somebody/torn") << QStringLiteral("'somebody/torn'");
}

void TestPublishedData::saysWhatIsWrong()
{
    QFETCH(QString, name);
    QFETCH(QString, named);
    const auto error = errorOf([&] { hub::locateDataset(dataset(name.toStdString()), hub()); });
    QVERIFY(error);
    QVERIFY2(QString::fromUtf8(error->what()).contains(named), error->what());
    QVERIFY(!error->remedy().empty());
}

QTEST_GUILESS_MAIN(TestPublishedData)
#include "tst_published_data.moc"
