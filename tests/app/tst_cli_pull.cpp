#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/hub_server.h"
#include "tests/support/temporary_folder.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <csignal>
#include <filesystem>
#include <memory>

using namespace samba::test;

namespace fs = std::filesystem;

namespace {

constexpr const char* kToken = "hf_secret_of_the_test";
const std::string kRepo = "models/owner/stories";

QString text(const char* ascii)
{
    return QString::fromLatin1(ascii);
}

QStringList words(const char* line)
{
    return text(line).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

} // namespace

/// Published models through the command line. The shipped example plays one.
class TestCliPull : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void pullsAndGenerates();
    void downloadsWhatAModelSourceNames();
    void startsARunFromPublishedWeights();
    void anOriginalModelBringsItsTokenizer();
    void pullsTokenizersAndDatasets();
    void aLocalFolderComesFirst();
    void interruptKeepsWhatHasArrived();
    void twoAtOnce();
    void tellsWhatIsWrong_data();
    void tellsWhatIsWrong();
    void knowsWhatTheCacheHas();

private:
    std::string builtin(const char* name) const
    {
        return readFile(fs::path(SAMBA_SOURCE_DIR) / "resources/builtin" / name);
    }

    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<HubServer> m_server;
    std::unique_ptr<CliRunner> m_cli;
};

void TestCliPull::init()
{
    m_folder = std::make_unique<TemporaryFolder>();
    m_server = std::make_unique<HubServer>();
    m_server->addFile(kRepo, "config.json", builtin("checkpoint-best/config.json"), false);
    m_server->addFile(kRepo, "model.safetensors", builtin("checkpoint-best/model.safetensors"),
                      true);
    m_server->addFile(kRepo, "tokenizer.json", builtin("tokenizer.json"), false);
    m_cli = std::make_unique<CliRunner>(m_folder->path());
    m_cli->setVariable(text("HF_HUB_OFFLINE"), text("0"));
    m_cli->setVariable(text("HF_ENDPOINT"), QString::fromStdString(m_server->endpoint()));
    m_cli->setVariable(text("HF_TOKEN"), text(kToken));
}

void TestCliPull::cleanup()
{
    m_cli.reset();
    m_server.reset();
    m_folder.reset();
}

void TestCliPull::pullsAndGenerates()
{
    const CliResult pulled = m_cli->run(words("pull owner/stories --json"));
    QVERIFY2(pulled.exitCode == 0, pulled.toText());
    const QJsonObject json = pulled.json().object();
    QCOMPARE(json[text("commit")].toString(), QString(40, QLatin1Char('a')));
    QCOMPARE(json[text("files")].toArray().size(), 3);
    QVERIFY(QFileInfo::exists(json[text("folder")].toString() + text("/model.safetensors")));
    QVERIFY(json[text("folder")].toString().startsWith(
        QString::fromStdString((*m_folder / "hf/hub/models--owner--stories").string())));

    // What is here needs no network any more.
    m_cli->setVariable(text("HF_HUB_OFFLINE"), text("1"));
    const size_t before = m_server->requests().size();
    const CliResult again = m_cli->run(words("pull owner/stories"));
    QVERIFY2(again.exitCode == 0, again.toText());
    QCOMPARE(QString::fromUtf8(again.output).trimmed(), json[text("folder")].toString());
    const CliResult story = m_cli->run(words(
        "generate --model owner/stories --prompt Once --max-new-tokens 5 --temperature 0 --quiet"));
    QVERIFY2(story.exitCode == 0, story.toText());
    QVERIFY(!story.output.trimmed().isEmpty());
    QCOMPARE(m_server->requests().size(), before);
    QVERIFY2(!(pulled.toText() + again.toText() + story.toText()).contains(kToken),
             "the token is a secret");
}

void TestCliPull::downloadsWhatAModelSourceNames()
{
    const CliResult info = m_cli->run(words("info --model owner/stories --json"));
    QVERIFY2(info.exitCode == 0, info.toText());
    QCOMPARE(info.json().object()[text("name")].toString(), text("owner/stories"));
    QVERIFY(!m_server->requests().empty());
}

void TestCliPull::startsARunFromPublishedWeights()
{
    std::string story;
    for (int i = 0; i < 40; ++i)
        story += "The fox had a plan. The hen had another plan.\n\n";
    writeFile(*m_folder / "text.txt", story);
    writeFile(*m_folder / "config.yaml", "pretrained:\n"
                                         "  use_pretrained: true\n"
                                         "  model_name: owner/stories\n"
                                         "training:\n"
                                         "  batch_size: 1\n"
                                         "  seq_len: 16\n"
                                         "  max_steps: 1\n"
                                         "  threads: 1\n"
                                         "dataset:\n"
                                         "  name: text.txt\n"
                                         "  tokenizer: owner/stories\n");
    const CliResult run = m_cli->run(words("train --config config.yaml --output run"));
    QVERIFY2(run.exitCode == 0, run.toText());
    QVERIFY(fs::exists(*m_folder / "run/checkpoint-1/model.safetensors"));
    QCOMPARE(m_server->count("GET", "/content/"), 1);
}

void TestCliPull::anOriginalModelBringsItsTokenizer()
{
    const std::string repo = "models/state-spaces/mamba-130m";
    m_server->addFile(repo, "config.json", builtin("checkpoint-best/config.json"), false);
    m_server->addFile(repo, "pytorch_model.bin", "not looked at", true);
    m_server->addFile("models/EleutherAI/gpt-neox-20b", "tokenizer.json", builtin("tokenizer.json"),
                      false);
    m_server->addFile("models/EleutherAI/gpt-neox-20b", "model-00001-of-00046.safetensors",
                      "far too much", true);
    const CliResult pulled = m_cli->run(words("pull state-spaces/mamba-130m"));
    QVERIFY2(pulled.exitCode == 0, pulled.toText());
    QVERIFY(fs::exists(*m_folder / ("hf/hub/models--EleutherAI--gpt-neox-20b/snapshots/" +
                                    std::string(40, 'a') + "/tokenizer.json")));
    QCOMPARE(m_server->count("HEAD", "00046"), 0);
}

void TestCliPull::pullsTokenizersAndDatasets()
{
    const CliResult tokenizer = m_cli->run(words("pull owner/stories --tokenizer"));
    QVERIFY2(tokenizer.exitCode == 0, tokenizer.toText());
    QCOMPARE(m_server->count("HEAD", "model.safetensors"), 0);
    const CliResult ids = m_cli->run(words("tokenizer encode --tokenizer owner/stories"), "fox");
    QVERIFY2(ids.exitCode == 0, ids.toText());

    const std::string repo = "datasets/owner/texts";
    m_server->addFile(repo, "README.md", "no data", false);
    m_server->addFile(repo, "a/train.txt", "one", false);
    m_server->addFile(repo, "b/train.txt", "two", true);
    const CliResult part = m_cli->run(words("pull owner/texts --dataset --files a/*.txt --json"));
    QVERIFY2(part.exitCode == 0, part.toText());
    QCOMPARE(part.json().object()[text("files")].toArray(), QJsonArray({text("a/train.txt")}));
    const CliResult all = m_cli->run(words("pull owner/texts --dataset --json"));
    QVERIFY2(all.exitCode == 0, all.toText());
    QCOMPARE(all.json().object()[text("files")].toArray(),
             QJsonArray({text("a/train.txt"), text("b/train.txt")}));
}

void TestCliPull::aLocalFolderComesFirst()
{
    fs::create_directories(*m_folder / "owner/stories");
    for (const char* name : {"config.json", "model.safetensors"})
        writeFile(*m_folder / (std::string("owner/stories/") + name),
                  builtin((std::string("checkpoint-best/") + name).c_str()));
    const CliResult info = m_cli->run(words("info --model owner/stories --json"));
    QVERIFY2(info.exitCode == 0, info.toText());
    QVERIFY(m_server->requests().empty());
}

void TestCliPull::interruptKeepsWhatHasArrived()
{
    m_server->addFault({.method = "GET", .pathContains = "/content/", .stallAfter = 50'000});
    QProcess process;
    m_cli->start(process, words("pull owner/stories"));
    const fs::path partial =
        *m_folder /
        ("hf/hub/models--owner--stories/blobs/" +
         hubChecksum(builtin("checkpoint-best/model.safetensors"), true) + ".incomplete");
    std::error_code error;
    QTRY_VERIFY_WITH_TIMEOUT(fs::file_size(partial, error) == 50'000, 60'000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    const CliResult interrupted = CliRunner::finish(process);
    QVERIFY2(interrupted.exitCode == 130, interrupted.toText());
    QVERIFY2(interrupted.errors.contains("interrupted"), interrupted.toText());
    QCOMPARE(fs::file_size(partial), uintmax_t{50'000});

    const CliResult resumed = m_cli->run(words("pull owner/stories"));
    QVERIFY2(resumed.exitCode == 0, resumed.toText());
    bool hasResumed = false;
    for (const HubRequest& request : m_server->requests())
        hasResumed |=
            request.headers.contains("range") && request.headers.at("range") == "bytes=50000-";
    QVERIFY(hasResumed);
}

void TestCliPull::twoAtOnce()
{
    QProcess first;
    QProcess second;
    m_cli->start(first, words("pull owner/stories"));
    m_cli->start(second, words("pull owner/stories"));
    const CliResult one = CliRunner::finish(first);
    const CliResult two = CliRunner::finish(second);
    QVERIFY2(one.exitCode == 0, one.toText());
    QVERIFY2(two.exitCode == 0, two.toText());
    QCOMPARE(one.output, two.output);
    QCOMPARE(m_server->count("GET", "/content/"), 1);
}

void TestCliPull::tellsWhatIsWrong_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, const char* line, int exitCode, const char* message) {
        QTest::newRow(name) << words(line) << exitCode << QByteArray(message);
    };
    row("unknown model", "pull owner/nothing", 1, "no model 'owner/nothing'");
    row("unknown revision", "pull owner/stories --revision v9", 1, "no revision 'v9'");
    row("no such files", "pull owner/stories --files *.gguf", 1, "has no *.gguf");
    row("no name", "pull", 2, "NAME");
    row("impossible name", "pull a/b/c", 2, "owner/name");
    row("both kinds", "pull owner/stories --dataset --tokenizer", 2, "exclude");
    row("a folder that is not there", "info --model runs/typo", 1, "no folder 'runs/typo'");
}

void TestCliPull::tellsWhatIsWrong()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, message);
    const CliResult result = m_cli->run(arguments);
    QCOMPARE(result.exitCode, exitCode);
    QVERIFY2(result.errors.contains(message), result.toText());
    QVERIFY2(result.output.isEmpty(), result.toText());
}

void TestCliPull::knowsWhatTheCacheHas()
{
    QVERIFY(m_cli->run(words("pull owner/stories")).exitCode == 0);
    m_server->addFault({.method = "GET", .pathContains = "/api/", .times = 100, .status = 401});
    const CliResult refused = m_cli->run(words("pull owner/stories"));
    QCOMPARE(refused.exitCode, 1);
    QVERIFY2(refused.errors.contains("can be used as it is"), refused.toText());
    QVERIFY2(!refused.errors.contains(kToken), "the token is a secret");
}

QTEST_GUILESS_MAIN(TestCliPull)
#include "tst_cli_pull.moc"
