#include "engine/hub/hub_client.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/hub_server.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

using namespace samba;
using namespace samba::hub;
using namespace samba::test;

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr const char* kToken = "hf_secret_of_the_test";
const std::string kRepo = "models/owner/tiny";
const std::string kWeights = [] {
    std::string bytes;
    for (int i = 0; i < 1'000'000; ++i)
        bytes += static_cast<char>(i * 7 + i / 251);
    return bytes;
}();
const std::string kConfig = "{\"model_type\": \"mamba\"}";
const HubRepo kTiny{.name = "owner/tiny"};

/// A hub with a small model, and a cache that is empty at first.
struct Fixture {
    TemporaryFolder folder;
    HubServer server;
    HubSettings settings;

    Fixture()
    {
        server.addFile(kRepo, "README.md", "Not wanted.", false);
        server.addFile(kRepo, "config.json", kConfig, false);
        server.addFile(kRepo, "model.safetensors", kWeights, true);
        server.addFile(kRepo, "tokenizer.json", "{}", false);
        settings.cacheDir = folder / "cache";
        settings.endpoint = server.endpoint();
        settings.firstRetryDelay = 1ms;
        settings.retries = 3;
    }

    HubClient client() const { return HubClient(settings); }
    fs::path repoFolder() const { return settings.cacheDir / "models--owner--tiny"; }
    fs::path weightsBlob() const { return repoFolder() / "blobs" / hubChecksum(kWeights, true); }
    fs::path partialWeights() const { return weightsBlob().string() + ".incomplete"; }

    /// Whether the cache has the model, whole.
    bool hasModel() const
    {
        const auto found = HubCache(settings.cacheDir).findComplete(kTiny, modelFiles());
        return found && readFile(found->folder / "model.safetensors") == kWeights &&
               readFile(found->folder / "config.json") == kConfig;
    }
};

const DownloadObserver kGoOn = [](const DownloadState&) { return true; };

} // namespace

class TestHubClient : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void downloadsIntoTheLayoutOfPython();
    void usesTheCacheWithoutNetwork();
    void followsARevision();
    void takesANewerStateAndKeepsTheOld();
    void downloadsDatasets();
    void downloadsShardsWithChecksumsInTheirNames();
    void holdsFilesWithoutLinks();
    void resumesAfterBrokenConnections();
    void resumesWhatAnEarlierProgramLeft_data();
    void resumesWhatAnEarlierProgramLeft();
    void refusesWrongContent_data();
    void refusesWrongContent();
    void saysWhatTheServerSays_data();
    void saysWhatTheServerSays();
    void triesAgain_data();
    void triesAgain();
    void givesUpOnSilence_data();
    void givesUpOnSilence();
    void saysThatThereIsNoServer();
    void cancelsAndResumes();
    void keepsTheTokenFromOthers();
    void followsRedirectsOfTheHub();
    void refusesRedirectsToOtherProtocols();
    void refusesEndlessRedirects();
    void staysOfflineWhenTold();
    void refusesWhatDoesNotFitOnTheDisk();
    void servesTwoAtOnce();
    void refusesHostileListings();
    void saysThatACacheCannotBeWritten();
};

void TestHubClient::downloadsIntoTheLayoutOfPython()
{
    const Fixture f;
    std::vector<DownloadState> states;
    const auto snapshot = f.client().fetch(kTiny, modelFiles(), [&](const DownloadState& state) {
        states.push_back(state);
        return true;
    });
    QVERIFY(snapshot);
    QVERIFY(f.hasModel());
    QCOMPARE(snapshot->commit, std::string(40, 'a'));
    QCOMPARE(snapshot->folder, f.repoFolder() / "snapshots" / snapshot->commit);
    QCOMPARE(readFile(f.repoFolder() / "refs/main"), snapshot->commit);
    QCOMPARE(fs::read_symlink(snapshot->folder / "model.safetensors").string(),
             "../../blobs/" + hubChecksum(kWeights, true));
    QCOMPARE(fs::read_symlink(snapshot->folder / "config.json").string(),
             "../../blobs/" + hubChecksum(kConfig, false));
    QVERIFY(!fs::exists(snapshot->folder / "README.md"));
    QVERIFY(!fs::exists(f.partialWeights()));
    QVERIFY(readFile(f.settings.cacheDir / "CACHEDIR.TAG")
                .starts_with("Signature: 8a477f597d28d172789f06886806bc55"));

    const int64_t total = static_cast<int64_t>(kWeights.size() + kConfig.size() + 2);
    QVERIFY(!states.empty());
    QCOMPARE(states.back().doneBytes, total);
    QCOMPARE(states.back().totalBytes, total);
    for (size_t i = 1; i < states.size(); ++i)
        QVERIFY(states[i].doneBytes >= states[i - 1].doneBytes);
}

void TestHubClient::usesTheCacheWithoutNetwork()
{
    const Fixture f;
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    const size_t before = f.server.requests().size();
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QCOMPARE(f.server.requests().size(), before);

    // To ask for news takes one request, and changes nothing where there are none.
    const auto time = fs::last_write_time(f.repoFolder() / "refs/main");
    QVERIFY(f.client().pull(kTiny, modelFiles(), kGoOn));
    QCOMPARE(f.server.requests().size(), before + 1);
    QVERIFY(fs::last_write_time(f.repoFolder() / "refs/main") == time);
}

void TestHubClient::followsARevision()
{
    Fixture f;
    const std::string commit(40, 'a');
    const HubRepo pinned{.name = "owner/tiny", .revision = commit};
    QVERIFY(f.client().fetch(pinned, modelFiles(), kGoOn));
    QVERIFY(!fs::exists(f.repoFolder() / "refs/main"));
    f.settings.isOffline = true;
    QVERIFY(f.client().fetch(pinned, modelFiles(), kGoOn));
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
}

void TestHubClient::takesANewerStateAndKeepsTheOld()
{
    Fixture f;
    const auto old = f.client().fetch(kTiny, modelFiles(), kGoOn);
    f.server.setCommit(std::string(40, 'b'));
    f.server.addFile(kRepo, "config.json", "{\"new\": 1}", false);
    const auto cached = f.client().fetch(kTiny, modelFiles(), kGoOn);
    QCOMPARE(cached->commit, old->commit);
    const int bodies = f.server.count("GET", "/content/");
    const auto fresh = f.client().pull(kTiny, modelFiles(), kGoOn);
    QCOMPARE(fresh->commit, std::string(40, 'b'));
    QCOMPARE(readFile(fresh->folder / "config.json"), std::string("{\"new\": 1}"));
    QCOMPARE(readFile(fresh->folder / "model.safetensors"), kWeights);
    QCOMPARE(readFile(old->folder / "config.json"), kConfig);
    // The weights are the same blob.
    QCOMPARE(f.server.count("GET", "/content/"), bodies);
    QCOMPARE(readFile(f.repoFolder() / "refs/main"), fresh->commit);
}

void TestHubClient::downloadsDatasets()
{
    Fixture f;
    const std::string repo = "datasets/owner/texts";
    f.server.addFile(repo, "raw/train-00000-of-00001.parquet", kWeights, true);
    f.server.addFile(repo, "raw/test 1.txt", "one\n", false);
    f.server.addFile(repo, "empty.txt", "", false);
    const auto snapshot =
        f.client().fetch({.kind = RepoKind::Dataset, .name = "owner/texts"},
                         filesMatching({"raw/*.parquet", "raw/*.txt", "empty.txt"}), kGoOn);
    QVERIFY(snapshot);
    QCOMPARE(snapshot->folder,
             f.settings.cacheDir / "datasets--owner--texts/snapshots" / std::string(40, 'a'));
    QCOMPARE(readFile(snapshot->folder / "raw/train-00000-of-00001.parquet"), kWeights);
    QCOMPARE(readFile(snapshot->folder / "raw/test 1.txt"), std::string("one\n"));
    QCOMPARE(readFile(snapshot->folder / "empty.txt"), std::string());
    QCOMPARE(fs::read_symlink(snapshot->folder / "raw/test 1.txt").string(),
             "../../../blobs/" + hubChecksum("one\n", false));
}

void TestHubClient::downloadsShardsWithChecksumsInTheirNames()
{
    Fixture f;
    const std::vector<std::string> shards = {"data/train-00000-of-00002-2d5a1467fff1081b.parquet",
                                             "data/train-00001-of-00002-5852b56a2bd28fd9.parquet"};
    const HubRepo repo{.kind = RepoKind::Dataset, .name = "owner/tales"};
    const auto fetch = [&] { return f.client().fetch(repo, filesMatching({"data/*"}), kGoOn); };
    f.server.addFile("datasets/owner/tales", shards[0], "first", false);
    QVERIFY(errorOf(fetch)); // the second is not published yet
    f.server.addFile("datasets/owner/tales", shards[1], "second", false);
    const auto snapshot = fetch();
    QVERIFY(snapshot);
    QCOMPARE(readFile(snapshot->folder / shards[0]), std::string("first"));
    QCOMPARE(readFile(snapshot->folder / shards[1]), std::string("second"));
    // Found complete in the cache: nothing is asked for again.
    const size_t requests = f.server.requests().size();
    QVERIFY(fetch());
    QCOMPARE(f.server.requests().size(), requests);
}

void TestHubClient::holdsFilesWithoutLinks()
{
    Fixture f;
    f.settings.usesSymlinks = false;
    const auto snapshot = f.client().fetch(kTiny, modelFiles(), kGoOn);
    QVERIFY(f.hasModel());
    QVERIFY(!fs::is_symlink(snapshot->folder / "model.safetensors"));
    QVERIFY(!fs::exists(f.weightsBlob())); // not twice on the disk
}

void TestHubClient::resumesAfterBrokenConnections()
{
    Fixture f;
    // More breaks than attempts without progress are allowed: each of them got further.
    f.server.addFault(
        {.method = "GET", .pathContains = "/content/", .times = 6, .breakAfter = 100'000});
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
    std::vector<std::string> ranges;
    for (const HubRequest& request : f.server.requests())
        if (request.method == "GET" && request.path.starts_with("/content/"))
            ranges.push_back(request.headers.contains("range") ? request.headers.at("range") : "");
    QCOMPARE(ranges,
             (std::vector<std::string>{"", "bytes=100000-", "bytes=200000-", "bytes=300000-",
                                       "bytes=400000-", "bytes=500000-", "bytes=600000-"}));
}

void TestHubClient::resumesWhatAnEarlierProgramLeft_data()
{
    QTest::addColumn<QByteArray>("left");
    QTest::addColumn<bool>("ignoresRange");
    QTest::addColumn<int>("requests");
    const QByteArray whole(kWeights.data(), static_cast<qsizetype>(kWeights.size()));
    QTest::newRow("a part") << whole.left(300'000) << false << 1;
    QTest::newRow("all of it") << whole << false << 0;
    QTest::newRow("nothing yet") << QByteArray() << false << 1;
    QTest::newRow("too much") << whole + whole << false << 1;
    QTest::newRow("something else") << QByteArray(300'000, 'x') << false << 2;
    QTest::newRow("something else of the size") << QByteArray(whole.size(), 'x') << false << 1;
    QTest::newRow("a server without ranges") << whole.left(300'000) << true << 1;
}

void TestHubClient::resumesWhatAnEarlierProgramLeft()
{
    QFETCH(QByteArray, left);
    QFETCH(bool, ignoresRange);
    QFETCH(int, requests);
    Fixture f;
    writeFile(f.partialWeights(), left.toStdString());
    if (ignoresRange)
        f.server.addFault({.method = "GET", .pathContains = "/content/", .ignoresRange = true});
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
    QVERIFY(!fs::exists(f.partialWeights()));
    QCOMPARE(f.server.count("GET", "/content/"), requests);
}

void TestHubClient::refusesWrongContent_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<QString>("message");
    QTest::newRow("another content of the same size") << "content"
                                                      << "checksum";
    QTest::newRow("a file larger than announced") << "larger"
                                                  << "announced";
    QTest::newRow("a file smaller than announced") << "smaller"
                                                   << "announced";
    QTest::newRow("no checksum") << "etag"
                                 << "checksum";
    QTest::newRow("no list of files") << "listing"
                                      << "list of the files";
}

void TestHubClient::refusesWrongContent()
{
    QFETCH(QString, fault);
    QFETCH(QString, message);
    Fixture f;
    const int64_t size = static_cast<int64_t>(kWeights.size());
    if (fault == QLatin1String("content"))
        f.server.addFault({.method = "GET",
                           .pathContains = "/content/",
                           .times = 100,
                           .body = std::string(kWeights.size(), 'x')});
    else if (fault == QLatin1String("larger"))
        f.server.addFault(
            {.method = "HEAD", .pathContains = "safetensors", .claimedSize = size - 5});
    else if (fault == QLatin1String("smaller"))
        f.server.addFault(
            {.method = "HEAD", .pathContains = "safetensors", .claimedSize = size + 5});
    else if (fault == QLatin1String("etag"))
        f.server.addFault({.method = "HEAD",
                           .pathContains = "safetensors",
                           .status = 200,
                           .headers = {"X-Repo-Commit: " + std::string(40, 'a'), "ETag: \"../x\"",
                                       "X-Linked-Size: 5"}});
    else
        f.server.addFault({.method = "GET", .pathContains = "/api/", .status = 200});

    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY2(QString::fromUtf8(error->what()).contains(message), error->what());
    QVERIFY(!error->remedy().empty());
    // No reader ever sees the file.
    QVERIFY(!HubCache(f.settings.cacheDir).findComplete(kTiny, modelFiles()));
    QVERIFY(!fs::exists(f.weightsBlob()));
    // Once the server is well again, so is the download.
    if (fault == QLatin1String("content"))
        return;
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
}

void TestHubClient::saysWhatTheServerSays_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("code");
    QTest::addColumn<bool>("hasToken");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("remedy");
    QTest::newRow("unknown or private") << 401 << "RepoNotFound" << false << "no model 'owner/tiny'"
                                        << "set HF_TOKEN";
    QTest::newRow("unknown, with token") << 404 << "RepoNotFound" << true << "no model 'owner/tiny'"
                                         << "Check the name";
    QTest::newRow("bad token") << 401 << "" << true << "not accept your token"
                               << "settings/tokens";
    QTest::newRow("gated") << 403 << "GatedRepo" << true << "let in"
                           << "/owner/tiny";
    QTest::newRow("forbidden") << 403 << "" << true << "refuses access"
                               << "HF_TOKEN";
    QTest::newRow("no such revision") << 404 << "RevisionNotFound" << false << "no revision 'main'"
                                      << "/tree/main";
    QTest::newRow("too many requests") << 429 << "" << false << "too many requests"
                                       << "set HF_TOKEN";
    QTest::newRow("server trouble") << 500 << "" << false << "HTTP 500"
                                    << "later";
    QTest::newRow("gateway") << 503 << "" << false << "HTTP 503"
                             << "later";
    QTest::newRow("nonsense") << 418 << "" << false << "HTTP 418"
                              << "HF_ENDPOINT";
}

void TestHubClient::saysWhatTheServerSays()
{
    QFETCH(int, status);
    QFETCH(QString, code);
    QFETCH(bool, hasToken);
    QFETCH(QString, message);
    QFETCH(QString, remedy);
    Fixture f;
    f.settings.token = hasToken ? kToken : "";
    HubFault fault{.method = "GET", .pathContains = "/api/", .times = 100, .status = status};
    if (!code.isEmpty())
        fault.headers.push_back("X-Error-Code: " + code.toStdString());
    f.server.addFault(fault);
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Network);
    QVERIFY2(QString::fromUtf8(error->what()).contains(message), error->what());
    QVERIFY2(QString::fromStdString(error->remedy()).contains(remedy), error->remedy().c_str());
    QVERIFY(!QString::fromStdString(error->what() + error->remedy())
                 .contains(QString::fromUtf8(kToken)));
    QVERIFY(!fs::exists(f.settings.cacheDir)); // not a trace of what does not exist
}

void TestHubClient::triesAgain_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("status");
    for (const int status : {408, 429, 500, 502, 503, 504}) {
        const QByteArray number = QByteArray::number(status);
        QTest::newRow("list " + number) << "GET"
                                        << "/api/" << status;
        if (status != 429 && status != 503)
            continue;
        QTest::newRow("head " + number) << "HEAD"
                                        << "config.json" << status;
        QTest::newRow("file " + number) << "GET"
                                        << "/content/" << status;
    }
}

void TestHubClient::triesAgain()
{
    QFETCH(QString, method);
    QFETCH(QString, path);
    QFETCH(int, status);
    Fixture f;
    f.server.addFault({.method = method.toStdString(),
                       .pathContains = path.toStdString(),
                       .times = f.settings.retries,
                       .status = status,
                       .headers = {"Retry-After: 0"}});
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
}

void TestHubClient::givesUpOnSilence_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<qint64>("after");
    QTest::newRow("list of files") << "/api/" << qint64{0};
    QTest::newRow("file") << "/content/" << qint64{200'000};
}

void TestHubClient::givesUpOnSilence()
{
    QFETCH(QString, path);
    QFETCH(qint64, after);
    Fixture f;
    (after > 0 ? f.settings.downloadTimeout : f.settings.metadataTimeout) = 500ms;
    f.settings.retries = 1;
    // The list is no file: to say nothing at all is to redirect it to a file that stalls.
    if (path == QLatin1String("/api/"))
        f.server.addFault(
            {.method = "GET",
             .pathContains = "/api/",
             .times = 100,
             .redirect = f.server.endpoint() + "/content/" + hubChecksum(kWeights, true)});
    if (after > 0)
        f.server.addFault({.method = "GET", .pathContains = "/content/", .stallAfter = after});
    f.server.addFault(
        {.method = "GET", .pathContains = "/content/", .times = 100, .stallAfter = 0});
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Network);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("nothing for 0.5 seconds")),
             error->what());
    if (after > 0)
        QCOMPARE(fs::file_size(f.partialWeights()), uintmax_t(after));
}

void TestHubClient::saysThatThereIsNoServer()
{
    Fixture f;
    {
        const HubServer gone;
        f.settings.endpoint = gone.endpoint();
    }
    const auto refused = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(refused);
    QVERIFY2(QString::fromUtf8(refused->what()).contains(QStringLiteral("cannot be reached")),
             refused->what());
    f.settings.endpoint = "http://no-such-host.invalid";
    const auto unknown = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(unknown);
    QVERIFY2(QString::fromUtf8(unknown->what()).contains(QStringLiteral("cannot be")),
             unknown->what());
    QVERIFY(!unknown->remedy().empty());
}

void TestHubClient::cancelsAndResumes()
{
    Fixture f;
    f.server.addFault({.method = "GET", .pathContains = "/content/", .stallAfter = 300'000});
    const auto cancelled = f.client().fetch(
        kTiny, modelFiles(), [](const DownloadState& state) { return state.doneBytes < 300'000; });
    QVERIFY(!cancelled);
    QCOMPARE(fs::file_size(f.partialWeights()), uintmax_t{300'000});
    QVERIFY(!fs::exists(f.repoFolder() / "refs/main"));

    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
    QCOMPARE(f.server.requests().back().method, std::string("GET"));
    bool hasResumed = false;
    for (const HubRequest& request : f.server.requests())
        hasResumed |=
            request.headers.contains("range") && request.headers.at("range") == "bytes=300000-";
    QVERIFY(hasResumed);
    // At once, too.
    int calls = 0;
    QVERIFY(!f.client().pull(kTiny, modelFiles(), [&](const DownloadState&) {
        ++calls;
        return false;
    }));
    QCOMPARE(calls, 1);
}

void TestHubClient::keepsTheTokenFromOthers()
{
    Fixture f;
    HubServer other;
    other.addFile(kRepo, "model.safetensors", kWeights, true);
    f.server.setContentServer(other.endpoint());
    f.settings.token = kToken;
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
    QVERIFY(!f.server.requests().empty());
    for (const HubRequest& request : f.server.requests())
        QCOMPARE(request.headers.at("authorization"), "Bearer " + std::string(kToken));
    QCOMPARE(other.requests().size(), size_t{1});
    for (const HubRequest& request : other.requests())
        for (const auto& [name, value] : request.headers)
            QVERIFY2(value.find(kToken) == std::string::npos, name.c_str());
}

void TestHubClient::followsRedirectsOfTheHub()
{
    // A repository that has moved: the hub redirects within itself, and the headers wanted are
    // those of the new place.
    Fixture f;
    const std::string moved = "models/new/place";
    f.server.addFile(moved, "config.json", kConfig, false);
    for (const char* method : {"HEAD", "GET"})
        f.server.addFault(
            {.method = method,
             .pathContains = "/owner/tiny/resolve/" + std::string(40, 'a') + "/config.json",
             .redirect = "/new/place/resolve/" + std::string(40, 'a') + "/config.json"});
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.hasModel());
}

void TestHubClient::refusesRedirectsToOtherProtocols()
{
    Fixture f;
    f.server.addFault({.method = "GET", .pathContains = "/api/", .redirect = "file:///etc/passwd"});
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Network);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("not followed")),
             error->what());
}

void TestHubClient::refusesEndlessRedirects()
{
    Fixture f;
    f.server.addFault({.method = "GET",
                       .pathContains = "/api/",
                       .times = 1000,
                       .redirect = "/api/models/owner/tiny/revision/main"});
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("without end")),
             error->what());
    QVERIFY(f.server.requests().size() <= 20);
}

void TestHubClient::staysOfflineWhenTold()
{
    Fixture f;
    f.settings.isOffline = true;
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("HF_HUB_OFFLINE")),
             error->what());
    QVERIFY(f.server.requests().empty());

    f.settings.isOffline = false;
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    const size_t before = f.server.requests().size();
    f.settings.isOffline = true;
    QVERIFY(f.client().fetch(kTiny, modelFiles(), kGoOn));
    QVERIFY(f.client().pull(kTiny, modelFiles(), kGoOn));
    QCOMPARE(f.server.requests().size(), before);
}

void TestHubClient::refusesWhatDoesNotFitOnTheDisk()
{
    Fixture f;
    f.server.addFault(
        {.method = "HEAD", .pathContains = "safetensors", .claimedSize = int64_t{1} << 60});
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::File);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("1073741824.00 GiB")),
             error->what());
    QCOMPARE(f.server.count("GET", "resolve"), 0);
}

void TestHubClient::servesTwoAtOnce()
{
    Fixture f;
    f.server.addFault({.method = "GET", .pathContains = "/content/", .breakAfter = 400'000});
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            // An own open file each, as processes have: that is what the lock is between.
            if (f.client().fetch(kTiny, modelFiles(), kGoOn))
                ++done;
        });
    for (std::thread& thread : threads)
        thread.join();
    QCOMPARE(done.load(), 4);
    QVERIFY(f.hasModel());
    QCOMPARE(f.server.count("GET", "/content/"), 2); // the broken one and the rest of it
}

void TestHubClient::refusesHostileListings()
{
    Fixture f;
    f.server.addFile(kRepo, "../../../evil.txt", "evil", false);
    f.server.addFile(kRepo, "/abs.txt", "evil", false);
    const FileChoice everything{
        "files", [](const std::vector<std::string>& names) { return std::optional(names); }};
    const auto snapshot = f.client().fetch(kTiny, everything, kGoOn);
    QVERIFY(snapshot);
    QCOMPARE(snapshot->files, (std::vector<std::string>{"README.md", "config.json",
                                                        "model.safetensors", "tokenizer.json"}));
}

void TestHubClient::saysThatACacheCannotBeWritten()
{
    Fixture f;
    writeFile(f.folder / "file", "no folder");
    f.settings.cacheDir = f.folder / "file";
    const auto error = errorOf([&] { f.client().fetch(kTiny, modelFiles(), kGoOn); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::File);
    QVERIFY2(QString::fromStdString(error->remedy()).contains(QStringLiteral("HF_HUB_CACHE")),
             error->remedy().c_str());
}

QTEST_GUILESS_MAIN(TestHubClient)
#include "tst_hub_client.moc"
