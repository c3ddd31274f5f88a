#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

/// `tokenizer`: training one, and text through it in both directions.
class TestCliTokenizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void writesWhereItIsTold();
    void warnsOfASmallText();
    void jsonLinesRoundTrip();
    void plainTextRoundTrips_data();
    void plainTextRoundTrips();
    void answersLineByLine();
    void refusesBadInput_data();
    void refusesBadInput();

private:
    CliResult tokenizer(const char* verb, const QByteArray& input, bool isJsonLines) const;

    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliTokenizer::initTestCase()
{
    std::string text;
    for (int i = 0; i < 60; ++i)
        text += "The fox number " + std::to_string(i) + " ran over the hill to the other foxes.\n";
    writeFile(m_folder / "text.txt", text);
    const CliResult result =
        m_cli.run({QStringLiteral("tokenizer"), QStringLiteral("train"), QStringLiteral("--data"),
                   QStringLiteral("text.txt"), QStringLiteral("--vocab-size"),
                   QStringLiteral("290"), QStringLiteral("--output"), QStringLiteral("tokens")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QCOMPARE(result.output, QByteArray("tokens/tokenizer.json\n"));
}

CliResult TestCliTokenizer::tokenizer(const char* verb, const QByteArray& input,
                                      bool isJsonLines) const
{
    QStringList arguments{QStringLiteral("tokenizer"), QLatin1String(verb),
                          QStringLiteral("--tokenizer"), QStringLiteral("tokens")};
    if (isJsonLines)
        arguments << QStringLiteral("--jsonl");
    return m_cli.run(arguments, input);
}

void TestCliTokenizer::writesWhereItIsTold()
{
    const CliResult result =
        m_cli.run({QStringLiteral("tokenizer"), QStringLiteral("train"), QStringLiteral("--data"),
                   QStringLiteral("text.txt"), QStringLiteral("--vocab-size"),
                   QStringLiteral("290"), QStringLiteral("--output"),
                   QStringLiteral("new/folder/mine.json"), QStringLiteral("--json")});
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject json = result.json().object();
    QCOMPARE(json.value(QStringLiteral("path")).toString(), QStringLiteral("new/folder/mine.json"));
    QCOMPARE(json.value(QStringLiteral("vocab_size")).toInt(), 290);
    QCOMPARE(samba::test::readFile(m_folder / "new/folder/mine.json"),
             samba::test::readFile(m_folder / "tokens/tokenizer.json"));
}

void TestCliTokenizer::warnsOfASmallText()
{
    writeFile(m_folder / "small.txt", "aa aa\n");
    const CliResult result =
        m_cli.run({QStringLiteral("tokenizer"), QStringLiteral("train"), QStringLiteral("--data"),
                   QStringLiteral("small.txt"), QStringLiteral("--vocab-size"),
                   QStringLiteral("4000"), QStringLiteral("--output"), QStringLiteral("small")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.errors.contains("warning: The text gave only 25"), result.toText());
}

void TestCliTokenizer::jsonLinesRoundTrip()
{
    const QByteArray lines = "\"The fox\"\n\"\"\n\"two\\nlines\\t\\\"quoted\\\"\"\n"
                             "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa6\x8a\"\n";
    const CliResult ids = tokenizer("encode", lines, true);
    QVERIFY2(ids.exitCode == 0, ids.toText());
    QCOMPARE(ids.output.count('\n'), 4);
    const QJsonDocument first = QJsonDocument::fromJson(ids.output.left(ids.output.indexOf('\n')));
    QVERIFY2(first.isArray() && !first.array().isEmpty(), ids.toText());
    QVERIFY2(ids.output.contains("\n[]\n"), ids.toText());

    const CliResult text = tokenizer("decode", ids.output, true);
    QVERIFY2(text.exitCode == 0, text.toText());
    QCOMPARE(text.output, lines);
}

void TestCliTokenizer::plainTextRoundTrips_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("word") << QByteArray("fox");
    QTest::newRow("line end kept") << QByteArray("The fox ran.\n");
    QTest::newRow("several lines") << QByteArray("a\n\n  b\tc \n");
    QTest::newRow("beyond ASCII") << QByteArray("na\xc3\xafve \xf0\x9f\xa6\x8a");
}

void TestCliTokenizer::plainTextRoundTrips()
{
    QFETCH(QByteArray, text);
    const CliResult ids = tokenizer("encode", text, false);
    QVERIFY2(ids.exitCode == 0, ids.toText());
    QCOMPARE(ids.output.count('\n'), 1);
    const CliResult back = tokenizer("decode", ids.output, false);
    QVERIFY2(back.exitCode == 0, back.toText());
    QCOMPARE(back.output, text);
}

void TestCliTokenizer::answersLineByLine()
{
    // A program at the other end of the pipe may wait for each answer.
    QProcess process;
    m_cli.start(process, {QStringLiteral("tokenizer"), QStringLiteral("encode"),
                          QStringLiteral("--tokenizer"), QStringLiteral("tokens"),
                          QStringLiteral("--jsonl")});
    for (int i = 0; i < 3; ++i) {
        process.write("\"fox\"\n");
        while (!process.canReadLine())
            QVERIFY(process.waitForReadyRead(60'000));
        QVERIFY(process.readLine().startsWith('['));
    }
    process.closeWriteChannel();
    QCOMPARE(CliRunner::finish(process).exitCode, 0);
}

void TestCliTokenizer::refusesBadInput_data()
{
    QTest::addColumn<QByteArray>("verb");
    QTest::addColumn<bool>("isJsonLines");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("no JSON") << QByteArray("encode") << true << QByteArray("\"a\"\nhello\n")
                             << QByteArray("Line 2 of standard input is no JSON.");
    QTest::newRow("no string") << QByteArray("encode") << true << QByteArray("[1]\n")
                               << QByteArray("Line 1 of standard input is no JSON string.");
    QTest::newRow("no array") << QByteArray("decode") << true << QByteArray("\"a\"\n")
                              << QByteArray("is no JSON array of token ids");
    QTest::newRow("no id") << QByteArray("decode") << true << QByteArray("[1.5]\n")
                           << QByteArray("is no JSON array of token ids");
    QTest::newRow("id too large") << QByteArray("decode") << true << QByteArray("[290]\n")
                                  << QByteArray("290");
    QTest::newRow("word") << QByteArray("decode") << false << QByteArray("1 two 3\n")
                          << QByteArray("\"two\" is no token id");
}

void TestCliTokenizer::refusesBadInput()
{
    QFETCH(QByteArray, verb);
    QFETCH(bool, isJsonLines);
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, message);
    const CliResult result = tokenizer(verb.constData(), input, isJsonLines);
    QVERIFY2(result.exitCode == 1 || result.exitCode == 2, result.toText());
    QVERIFY2(result.errors.startsWith("samba-cli: error: "), result.toText());
    QVERIFY2(result.errors.contains(message), result.toText());
}

QTEST_GUILESS_MAIN(TestCliTokenizer)
#include "tst_cli_tokenizer.moc"
