#include "tests/app/cli_process.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;

/// What samba-cli says to a command line that it cannot follow, and to the questions about itself.
class TestCliUsage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refusesMisuse_data();
    void refusesMisuse();
    void printsHelp_data();
    void printsHelp();
    void printsVersion();
    void acceptsGlobalOptionsOnEitherSide();
    void endsQuietlyWhenNobodyReads();

private:
    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliUsage::refusesMisuse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("message");

    const auto row = [](const char* name, const char* arguments, int exitCode,
                        const char* message) {
        QTest::newRow(name) << QString::fromLatin1(arguments).split(QLatin1Char(' '),
                                                                    Qt::SkipEmptyParts)
                            << exitCode << QByteArray(message);
    };
    row("nothing", "", 2, "Name what samba-cli shall do");
    row("unknown command", "trian", 2,
        "\"trian\" is no command of samba-cli.\n  Did you mean train?");
    row("unknown command far off", "xyzzyx", 2, "See samba-cli --help.");
    row("command missing below", "tokenizer", 2, "Commands: train, encode, decode, speed");
    row("unknown command below", "config chek", 2, "Did you mean check?");
    row("unknown option", "train --confg x", 2, "has no option --confg.\n  Did you mean --config?");
    row("unknown option with value", "generate --model x --temprature=1", 2,
        "Did you mean --temperature?");
    row("slip in a required option", "eval --modle x --data y", 2, "Did you mean --model?");
    row("required option missing", "eval --data y", 2, "--model is required");
    row("option without its value", "generate --model", 2, "--model needs a value.");
    row("word too many", "runs a b", 2, "does not know what to do with \"b\"");
    row("number in words", "train --max-steps many", 2, "--max-steps must be a whole number");
    row("number with a tail", "train --max-steps 10x", 2, "not \"10x\"");
    row("number with a fraction", "train --max-steps 1.5", 2, "not \"1.5\"");
    row("steps below one", "train --max-steps 0", 2, "from 1 to");
    row("number too large", "train --max-steps 99999999999999999999", 2, "a whole number");
    row("hexadecimal", "generate --model x --seed 0x10", 2, "not \"0x10\"");
    row("infinite temperature", "generate --model x --temperature inf", 2, "not \"inf\"");
    row("negative temperature", "generate --model x --temperature -1", 2, "from 0 to 100");
    row("top-p of zero", "generate --model x --top-p 0", 2, "> 0 and <= 1");
    row("threads", "--threads -2 runs", 2, "--threads must be a whole number from 0");
    row("device", "--device tpu runs", 2, "auto, cpu, cuda or cuda:N, not \"tpu\"");
    row("device without a number", "--device cuda: runs", 2, "not \"cuda:\"");
    row("no configuration", "train", 2, "Name one with --config");
    row("configuration missing", "train --config nowhere.yaml", 2, "'nowhere.yaml'");
    row("configuration to show missing", "config show nowhere.yaml", 2, "'nowhere.yaml'");
    row("bad assignment", "config show --set training.lr=fast", 2, "--set: error: training.lr: ");
    row("unknown key", "config show --set training.lrr=1", 2, "did you mean training.lr?");
    row("assignment without a value", "config show --set training.lr", 2, "has no value");
    row("resume with changes", "train --resume r --set training.lr=1", 2,
        "--set cannot change a run that is resumed");
    row("resume of nothing", "train --resume nowhere", 1, "is no run");
    row("no model", "generate --model nowhere --prompt x", 1, "There is no model at 'nowhere'");
    row("no built-in example", "generate --model builtin --prompt x", 1, "built-in example");
    row("dialogue with a prompt", "generate --model x --interactive --prompt y", 2,
        "--interactive and --prompt exclude each other");
    row("other picture", "inspect --model x --text y --output z.gif", 2,
        "must end in .png or .json");
    row("threshold of zero", "inspect --model x --text y --output z.png --threshold 0", 2,
        "--threshold must be a number > 0");
    row("info about nothing", "info", 2, "either --model or --config");
    row("info about two things", "info --model a --config b", 2, "either --model or --config");
    row("info with --set on a model", "info --model a --set training.lr=1", 2, "--set");
    row("no folder of runs", "runs nowhere", 1, "There is no folder 'nowhere'");
    row("no tokenizer", "tokenizer encode --tokenizer nowhere", 1, "nowhere");
    row("vocabulary too small", "tokenizer train --data x --output y --vocab-size 256", 2,
        "from 257");
    row("data of nothing", "data info", 2, "either --data or --config");
    row("data without a verb", "data", 2, "Commands: info, prepare");
    row("estimate of nothing", "estimate", 2, "--config");
    row("no data", "tokenizer train --data nowhere --output y", 2, "nowhere");
}

void TestCliUsage::refusesMisuse()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, message);
    const CliResult result = m_cli.run(arguments);
    QVERIFY2(result.exitCode == exitCode, result.toText());
    QVERIFY2(result.errors.startsWith("samba-cli: error: "), result.toText());
    QVERIFY2(result.errors.contains(message), result.toText());
    QVERIFY2(result.output.isEmpty(), result.toText());
    // Standard error is no terminal here.
    QVERIFY2(!result.errors.contains('\x1b'), result.toText());
}

void TestCliUsage::printsHelp_data()
{
    QTest::addColumn<QString>("command");
    for (const char* command : {"",
                                "train",
                                "generate",
                                "eval",
                                "bench",
                                "inspect",
                                "info",
                                "tokenizer",
                                "tokenizer train",
                                "tokenizer encode",
                                "tokenizer decode",
                                "tokenizer speed",
                                "data",
                                "data info",
                                "data prepare",
                                "doctor",
                                "estimate",
                                "config",
                                "config check",
                                "config show",
                                "config reference",
                                "runs",
                                "runs export",
                                "sync",
                                "sync wandb"})
        QTest::newRow(*command ? command : "samba-cli") << QString::fromLatin1(command);
}

void TestCliUsage::printsHelp()
{
    QFETCH(QString, command);
    const CliResult result = m_cli.run(command.split(QLatin1Char(' '), Qt::SkipEmptyParts) +
                                       QStringList{QStringLiteral("--help")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.output.contains(("samba-cli " + command.toLatin1()).trimmed()),
             result.toText());
    QVERIFY2(result.output.contains("Example"), result.toText());
    QVERIFY2(result.errors.isEmpty(), result.toText());
}

void TestCliUsage::printsVersion()
{
    const CliResult result = m_cli.run({QStringLiteral("--version")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.output.startsWith("samba-cli " SAMBA_VERSION), result.output.constData());
    QCOMPARE(result.output.count('\n'), 1);
}

void TestCliUsage::acceptsGlobalOptionsOnEitherSide()
{
    const QString quiet = QStringLiteral("--quiet");
    const QString runs = QStringLiteral("runs");
    QVERIFY(m_cli.run({runs}).errors.contains("There are no runs"));
    QVERIFY(m_cli.run({quiet, runs}).errors.isEmpty());
    QVERIFY(m_cli.run({runs, quiet}).errors.isEmpty());
}

void TestCliUsage::endsQuietlyWhenNobodyReads()
{
    QProcess process;
    m_cli.start(process, {QStringLiteral("config"), QStringLiteral("reference")});
    process.closeReadChannel(QProcess::StandardOutput);
    const CliResult result = CliRunner::finish(process);
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.errors.isEmpty(), result.toText());
}

QTEST_GUILESS_MAIN(TestCliUsage)
#include "tst_cli_usage.moc"
