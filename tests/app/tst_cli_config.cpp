#include "engine/api/config_schema.h"
#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

QString configsPath(const QString& file = {})
{
    return QStringLiteral(SAMBA_SOURCE_DIR "/configs/") + file;
}

/// The parameters that `info --json` counts.
QJsonObject parametersOf(const CliResult& result)
{
    return result.json().object().value(QStringLiteral("parameters")).toObject();
}

qint64 count(const QJsonObject& parameters, const char* part)
{
    return parameters.value(QLatin1String(part)).toInteger(-1);
}

} // namespace

/// `config` and `info --config`: what the program says of configurations without using them.
class TestCliConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void checksShippedFiles_data();
    void checksShippedFiles();
    void reportsProblemsWithTheirPlace();
    void reportsProblemsAsJson();
    void showsTheEffectiveConfiguration();
    void showRoundTrips();
    void printsTheReference();
    void countsParameters_data();
    void countsParameters();
    void countsWithAssignments();
    void dryRunTrainsNothing();

private:
    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliConfig::checksShippedFiles_data()
{
    QTest::addColumn<QString>("file");
    const QStringList files = QDir(configsPath()).entryList({QStringLiteral("*.yaml")});
    QVERIFY(!files.isEmpty());
    for (const QString& file : files)
        QTest::newRow(qPrintable(file)) << configsPath(file);
}

void TestCliConfig::checksShippedFiles()
{
    QFETCH(QString, file);
    const CliResult result = m_cli.run({QStringLiteral("config"), QStringLiteral("check"), file});
    QVERIFY2(result.exitCode == 0, result.toText());
    QCOMPARE(result.output, file.toUtf8() + ": ok\n");

    const CliResult info = m_cli.run(
        {QStringLiteral("info"), QStringLiteral("--config"), file, QStringLiteral("--json")});
    QVERIFY2(info.exitCode == 0, info.toText());
    const QJsonObject parameters = parametersOf(info);
    QVERIFY(count(parameters, "total") > 0);
    QCOMPARE(count(parameters, "backbone") + count(parameters, "readout"),
             count(parameters, "total"));
}

void TestCliConfig::reportsProblemsWithTheirPlace()
{
    writeFile(m_folder / "good.yaml", "training:\n  lr: 0.001\n");
    writeFile(m_folder / "bad.yaml", "training:\n  lr: -1\n  batchsize: 4\n");
    const CliResult result = m_cli.run({QStringLiteral("config"), QStringLiteral("check"),
                                        QStringLiteral("good.yaml"), QStringLiteral("bad.yaml")});
    QVERIFY2(result.exitCode == 2, result.toText());
    const QList<QByteArray> lines = result.output.split('\n');
    QCOMPARE(lines.size(), 4); // the last one is empty
    QCOMPARE(lines[0], QByteArray("good.yaml: ok"));
    QVERIFY2(lines[1].startsWith("bad.yaml:2:7: error: training.lr: "), result.toText());
    QVERIFY2(lines[2].startsWith("bad.yaml:3:3: error: training.batchsize: "), result.toText());
    QVERIFY2(lines[2].contains("training.batch_size"), result.toText());
}

void TestCliConfig::reportsProblemsAsJson()
{
    writeFile(m_folder / "bad.yaml", "training:\n  lr: -1\n");
    const CliResult result = m_cli.run({QStringLiteral("config"), QStringLiteral("check"),
                                        QStringLiteral("--json"), QStringLiteral("bad.yaml")});
    QVERIFY2(result.exitCode == 2, result.toText());
    const QJsonObject file = result.json().array().at(0).toObject();
    QCOMPARE(file.value(QStringLiteral("valid")).toBool(true), false);
    const QJsonObject issue = file.value(QStringLiteral("issues")).toArray().at(0).toObject();
    QCOMPARE(issue.value(QStringLiteral("line")).toInt(), 2);
    QCOMPARE(issue.value(QStringLiteral("column")).toInt(), 7);
    QCOMPARE(issue.value(QStringLiteral("key")).toString(), QStringLiteral("training.lr"));
}

void TestCliConfig::showsTheEffectiveConfiguration()
{
    writeFile(m_folder / "mine.yaml", "training:\n  learning_rate: 0.25\n");
    const CliResult result =
        m_cli.run({QStringLiteral("config"), QStringLiteral("show"), QStringLiteral("mine.yaml"),
                   QStringLiteral("--set"), QStringLiteral("model.n_layers=7")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.output.contains("\n  lr: 0.25\n"), result.toText());
    QVERIFY2(result.output.contains("\n  n_layers: 7\n"), result.toText());
    QVERIFY2(result.output.contains("\n  d_model: 768\n"), result.toText());
}

void TestCliConfig::showRoundTrips()
{
    const QStringList show{QStringLiteral("config"), QStringLiteral("show"),
                           configsPath(QStringLiteral("tiny_cpu.yaml"))};
    const CliResult yaml = m_cli.run(show);
    QVERIFY2(yaml.exitCode == 0, yaml.toText());
    writeFile(m_folder / "shown.yaml", yaml.output.toStdString());
    const QStringList asJson{QStringLiteral("--json")};
    const CliResult before = m_cli.run(show + asJson);
    const CliResult after = m_cli.run(QStringList{QStringLiteral("config"), QStringLiteral("show"),
                                                  QStringLiteral("shown.yaml")} +
                                      asJson);
    QVERIFY2(before.json().isObject(), before.toText());
    QCOMPARE(after.output, before.output);
}

void TestCliConfig::printsTheReference()
{
    const CliResult result = m_cli.run({QStringLiteral("config"), QStringLiteral("reference")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QCOMPARE(result.output, QByteArray::fromStdString(samba::configReferenceMarkdown()));
}

void TestCliConfig::countsParameters_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<qint64>("backbone");
    QTest::addColumn<qint64>("readout");
    QTest::addColumn<qint64>("embedding");

    // The backbone is the published Mamba-130m. The readout adds query and key (768 * 512 each),
    // gains (6 * 768), a norm (768) and its own projection (50280 * 768).
    const qint64 readout = 2 * 768 * 512 + 6 * 768 + 768 + 50280 * 768;
    const qint64 embedding = 50280 * 768;
    QTest::newRow("mamba") << QStringLiteral("mamba_130m.yaml") << qint64{129'135'360} << qint64{0}
                           << embedding;
    QTest::newRow("samba") << QStringLiteral("samba_130m.yaml") << qint64{129'135'360} << readout
                           << embedding;
    // A layer: 12 * 192^2 of products, 9 * 192 + 4 * 192 of biases and norms; a norm at the end.
    const qint64 positions = (4096 + 512) * 192;
    const qint64 layers = 6 * (12 * 192 * 192 + 13 * 192) + 2 * 192;
    QTest::newRow("transformer") << QStringLiteral("transformer_cpu.yaml") << positions + layers
                                 << qint64{0} << positions;
}

void TestCliConfig::countsParameters()
{
    QFETCH(QString, file);
    QFETCH(qint64, backbone);
    QFETCH(qint64, readout);
    QFETCH(qint64, embedding);
    const CliResult result = m_cli.run({QStringLiteral("info"), QStringLiteral("--config"),
                                        configsPath(file), QStringLiteral("--json")});
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject parameters = parametersOf(result);
    QCOMPARE(count(parameters, "backbone"), backbone);
    QCOMPARE(count(parameters, "readout"), readout);
    QCOMPARE(count(parameters, "total"), backbone + readout);
    QCOMPARE(count(parameters, "embedding"), embedding);
    QCOMPARE(count(parameters, "embedding") + count(parameters, "layers"), backbone);
}

void TestCliConfig::countsWithAssignments()
{
    const QStringList info{QStringLiteral("info"), QStringLiteral("--config"),
                           configsPath(QStringLiteral("samba_130m.yaml")), QStringLiteral("--set"),
                           QStringLiteral("model.type=mamba")};
    const CliResult json = m_cli.run(info + QStringList{QStringLiteral("--json")});
    QVERIFY2(json.exitCode == 0, json.toText());
    QCOMPARE(count(parametersOf(json), "total"), qint64{129'135'360});
    const CliResult table = m_cli.run(info);
    QVERIFY2(table.output.contains("129,135,360"), table.toText());
}

void TestCliConfig::dryRunTrainsNothing()
{
    writeFile(m_folder / "text.txt", "Once upon a time there was a fox.\n");
    const QStringList train{QStringLiteral("train"), QStringLiteral("--dry-run"),
                            QStringLiteral("--config"),
                            configsPath(QStringLiteral("tiny_cpu.yaml"))};
    const CliResult result = m_cli.run(train + QStringList{QStringLiteral("--set"),
                                                           QStringLiteral("dataset.name=text.txt"),
                                                           QStringLiteral("--json")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY(count(parametersOf(result), "total") > 0);
    QVERIFY(!std::filesystem::exists(m_folder / "runs"));

    const CliResult noData = m_cli.run(
        train + QStringList{QStringLiteral("--set"), QStringLiteral("dataset.name=nowhere.txt")});
    QVERIFY2(noData.exitCode == 2, noData.toText());
    QVERIFY2(noData.errors.contains("nowhere.txt"), noData.toText());
}

QTEST_GUILESS_MAIN(TestCliConfig)
#include "tst_cli_config.moc"
