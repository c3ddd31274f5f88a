#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <array>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

QString text(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

std::string numbered(int count)
{
    std::string lines;
    for (int i = 0; i < count; ++i)
        lines += "the thing in the house number " + std::to_string(i) + "\n<|endoftext|>\n";
    return lines;
}

QJsonObject split(const CliResult& result, int index)
{
    return result.json().object().value(QStringLiteral("splits")).toArray().at(index).toObject();
}

QString cacheState(const QJsonObject& split)
{
    return split.value(QStringLiteral("cache"))
        .toObject()
        .value(QStringLiteral("state"))
        .toString();
}

} // namespace

/// `data`: what a data set holds, its tokens, its first batch.
class TestCliData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void describesAndPrepares();
    void showsTheFirstBatch();
    void readsTheConfiguration();
    void survivesTwoProcesses();
    void survivesKills();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();

private:
    QStringList arguments(const char* verb, const QString& data,
                          const QStringList& more = {}) const;

    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<CliRunner> m_cli;
};

void TestCliData::init()
{
    m_folder = std::make_unique<TemporaryFolder>();
    m_cli = std::make_unique<CliRunner>(m_folder->path());
    writeFile(*m_folder / "set/train.txt", numbered(100));
    writeFile(*m_folder / "set/valid.txt", numbered(10));
    writeFile(*m_folder / "set/test.txt", numbered(7));
}

QStringList TestCliData::arguments(const char* verb, const QString& data,
                                   const QStringList& more) const
{
    return QStringList{QStringLiteral("data"),
                       QLatin1String(verb),
                       QStringLiteral("--data"),
                       data,
                       QStringLiteral("--tokenizer"),
                       text(samba::test::dataPath("tokenization/00-good-tokenizer"))} +
           more;
}

void TestCliData::describesAndPrepares()
{
    const QStringList info = arguments("info", QStringLiteral("set"), {QStringLiteral("--json")});
    CliResult result = m_cli->run(info);
    QVERIFY2(result.exitCode == 0, result.toText());
    for (int i = 0; i < 3; ++i) {
        QCOMPARE(cacheState(split(result, i)), QStringLiteral("missing"));
        QVERIFY(split(result, i).value(QStringLiteral("tokens")).isNull());
    }

    result = m_cli->run(arguments("prepare", QStringLiteral("set"), {QStringLiteral("--json")}));
    QVERIFY2(result.exitCode == 0, result.toText());
    const std::array<const char*, 3> names = {"train", "validation", "test"};
    const std::array<int, 3> documents = {100, 10, 7};
    for (int i = 0; i < 3; ++i) {
        const auto at = static_cast<std::size_t>(i);
        QCOMPARE(split(result, i).value(QStringLiteral("name")).toString(),
                 QLatin1String(names[at]));
        QCOMPARE(split(result, i).value(QStringLiteral("documents")).toInt(), documents[at]);
        QVERIFY(split(result, i).value(QStringLiteral("tokens")).toInt() > documents[at]);
        QCOMPARE(cacheState(split(result, i)), QStringLiteral("ready"));
    }
    const int tokens = split(result, 2).value(QStringLiteral("tokens")).toInt();
    QCOMPARE(split(m_cli->run(info), 2).value(QStringLiteral("tokens")).toInt(), tokens);

    writeFile(*m_folder / "set/test.txt", numbered(8));
    result = m_cli->run(info);
    QCOMPARE(cacheState(split(result, 0)), QStringLiteral("ready"));
    QCOMPARE(cacheState(split(result, 2)), QStringLiteral("stale"));

    const CliResult table = m_cli->run(arguments("info", QStringLiteral("set")));
    QVERIFY2(table.output.contains("<|endoftext|>"), table.toText());
    QVERIFY2(table.output.contains("stale"), table.toText());
}

void TestCliData::showsTheFirstBatch()
{
    const QStringList more{QStringLiteral("--batch"), QStringLiteral("--set"),
                           QStringLiteral("training.seq_len=16"), QStringLiteral("--set"),
                           QStringLiteral("training.batch_size=3")};
    const CliResult result = m_cli->run(
        arguments("info", QStringLiteral("set"), more + QStringList{QStringLiteral("--json")}));
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject batch = result.json().object().value(QStringLiteral("batch")).toObject();
    const QJsonArray rows = batch.value(QStringLiteral("rows")).toArray();
    QCOMPARE(rows.size(), 3);
    for (const QJsonValue& row : rows) {
        const QJsonArray texts = row.toObject().value(QStringLiteral("texts")).toArray();
        QCOMPARE(texts.size(), 17);
        QCOMPARE(row.toObject().value(QStringLiteral("ids")).toArray().size(), 17);
        QString joined;
        for (const QJsonValue& piece : texts)
            joined += piece.toString();
        // Where the separator's line was, the end-of-text token stands.
        QString whole = QString::fromStdString(numbered(100));
        whole.replace(QStringLiteral("\n<|endoftext|>\n"), QStringLiteral("<|endoftext|>"));
        QVERIFY2(whole.contains(joined), qPrintable(joined));
    }
    const CliResult shown = m_cli->run(arguments("info", QStringLiteral("set"), more));
    QVERIFY2(shown.output.contains("Sequence 3 of 3, 16 tokens to predict"), shown.toText());
}

void TestCliData::readsTheConfiguration()
{
    writeFile(*m_folder / "c.yaml", "dataset:\n  name: set\n  tokenizer: nowhere\n");
    const CliResult result = m_cli->run(
        {QStringLiteral("data"), QStringLiteral("info"), QStringLiteral("--config"),
         QStringLiteral("c.yaml"), QStringLiteral("--tokenizer"),
         text(samba::test::dataPath("tokenization/00-good-tokenizer")), QStringLiteral("--json")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QCOMPARE(result.json().object().value(QStringLiteral("name")).toString(),
             QStringLiteral("set"));
}

void TestCliData::survivesTwoProcesses()
{
    writeFile(*m_folder / "big.txt", numbered(60'000));
    std::array<QProcess, 3> processes;
    for (QProcess& process : processes)
        m_cli->start(process,
                     arguments("prepare", QStringLiteral("big.txt"), {QStringLiteral("--json")}));
    QByteArray first;
    for (QProcess& process : processes) {
        const CliResult result = CliRunner::finish(process);
        QVERIFY2(result.exitCode == 0, result.toText());
        if (first.isEmpty())
            first = result.output;
        QCOMPARE(result.output, first);
    }
    const CliResult after =
        m_cli->run(arguments("info", QStringLiteral("big.txt"), {QStringLiteral("--json")}));
    QCOMPARE(after.output, first);
}

void TestCliData::survivesKills()
{
    writeFile(*m_folder / "big.txt", numbered(60'000));
    for (int kill = 0; kill < 5; ++kill) {
        QProcess process;
        m_cli->start(process, arguments("prepare", QStringLiteral("big.txt")));
        // Somewhere in the middle of it, later each time; how far it gets does not matter.
        process.waitForFinished(20 * kill);
        process.kill();
        process.waitForFinished();
        const CliResult result =
            m_cli->run(arguments("info", QStringLiteral("big.txt"), {QStringLiteral("--json")}));
        QVERIFY2(result.exitCode == 0, result.toText());
        const QString state = cacheState(split(result, 0));
        QVERIFY(state == QStringLiteral("missing") || state == QStringLiteral("ready"));
    }
    const CliResult result =
        m_cli->run(arguments("prepare", QStringLiteral("big.txt"), {QStringLiteral("--json")}));
    QVERIFY2(result.exitCode == 0, result.toText());
    const int documents = split(result, 0).value(QStringLiteral("documents")).toInt() +
                          split(result, 1).value(QStringLiteral("documents")).toInt();
    QCOMPARE(documents, 60'000);
}

void TestCliData::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("content");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("broken JSON line")
        << QStringLiteral("bad.jsonl") << QStringLiteral("{\"text\": \"a\"}\n{\n")
        << QByteArray("bad.jsonl':2:");
    QTest::newRow("no Parquet") << QStringLiteral("bad.parquet") << QStringLiteral("hello there")
                                << QByteArray("no Parquet file");
    QTest::newRow("empty") << QStringLiteral("bad.txt") << QString() << QByteArray("is empty");
}

void TestCliData::saysWhatIsWrong()
{
    QFETCH(QString, file);
    QFETCH(QString, content);
    QFETCH(QByteArray, named);
    writeFile(*m_folder / file.toStdString(), content.toStdString());
    const CliResult result = m_cli->run(arguments("prepare", file));
    QVERIFY2(result.exitCode == 1 || result.exitCode == 2, result.toText());
    QVERIFY2(result.errors.startsWith("samba-cli: error: "), result.toText());
    QVERIFY2(result.errors.contains(named), result.toText());
}

QTEST_GUILESS_MAIN(TestCliData)
#include "tst_cli_data.moc"
