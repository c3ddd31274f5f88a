#include "tests/app/cli_process.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <cmath>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;

namespace {

QStringList words(const char* text)
{
    return QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

QJsonObject onlyObject(const QJsonDocument& document)
{
    return document.array().size() == 1 ? document.array().first().toObject() : QJsonObject();
}

} // namespace

/// samba-cli bench on toy sizes: what it measures is not looked at, how it says it is.
class TestCliBench : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsAll();
    void measures_data();
    void measures();
    void printsATable();
    void refusesUnknownNames_data();
    void refusesUnknownNames();
    void refusesADeviceThatIsNotThere();

private:
    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliBench::listsAll()
{
    const CliResult text = m_cli.run(words("bench --list"));
    QVERIFY2(text.exitCode == 0, text.toText());
    const CliResult json = m_cli.run(words("bench --list --json"));
    QVERIFY2(json.exitCode == 0, json.toText());
    const QJsonArray list = json.json().array();
    QVERIFY(list.size() > 20);
    for (const QJsonValue& entry : list)
        QVERIFY2(text.output.contains(entry[QLatin1String("name")].toString().toUtf8()),
                 text.toText());
}

void TestCliBench::measures_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("unit");
    // Every benchmark that there is.
    const QJsonArray list = m_cli.run(words("bench --list --json")).json().array();
    QVERIFY(!list.isEmpty());
    for (const QJsonValue& entry : list) {
        const QString name = entry[QLatin1String("name")].toString();
        const QString group = name.section(QLatin1Char('.'), 0, 0);
        const char* unit = group == QLatin1String("train")    ? "s"
                           : group == QLatin1String("memory") ? "MB"
                           : group == QLatin1String("scan") || group == QLatin1String("conv")
                               ? "ms"
                               : "tokens/s";
        QTest::newRow(qPrintable(name)) << name << QString::fromLatin1(unit);
    }
}

void TestCliBench::measures()
{
    QFETCH(QString, name);
    QFETCH(QString, unit);
    const CliResult result = m_cli.run(words("bench --tiny --repeats 1 --json") << name);
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject measured = onlyObject(result.json());
    QCOMPARE(measured[QLatin1String("name")].toString(), name);
    QCOMPARE(measured[QLatin1String("unit")].toString(), unit);
    QCOMPARE(measured[QLatin1String("repeats")].toInt(), 1);
    QCOMPARE(measured[QLatin1String("spread")].toDouble(-1), 0.0);
    QVERIFY(measured[QLatin1String("rivalNote")].isString());
    QVERIFY(!measured[QLatin1String("limitNote")].toString().isEmpty());
    // Said to be quiet or why not.
    QCOMPARE(measured[QLatin1String("quiet")].toBool(),
             measured[QLatin1String("loadNote")].toString().isEmpty());
    const double value = measured[QLatin1String("value")].toDouble();
    const double limit = measured[QLatin1String("limit")].toDouble();
    const double ratio = measured[QLatin1String("ratio")].toDouble();
    QVERIFY2(limit > 0, result.output);
    const double wanted = unit.endsWith(QLatin1String("/s")) ? value / limit : limit / value;
    if (name.startsWith(QLatin1String("memory.inference")))
        return; // a toy disappears in what the process holds anyway
    QVERIFY2(value > 0, result.output);
    QVERIFY2(std::abs(ratio - wanted) <= 1e-9 * std::abs(wanted), result.output);
}

void TestCliBench::printsATable()
{
    const CliResult result = m_cli.run(words("bench --tiny --repeats 2 conv scan.forward"));
    QVERIFY2(result.exitCode == 0, result.toText());
    for (const char* part :
         {"Benchmark", "Ratio", "conv.forward", "conv.backward", "scan.forward", "the limit is"})
        QVERIFY2(result.output.contains(part), result.toText());
    // A group brings no benchmark that was not meant.
    QVERIFY2(!result.output.contains("decode.f32"), result.toText());
    // The machine's limits, measured in this run.
    QVERIFY2(result.errors.contains("GB/s") && result.errors.contains("GFLOP/s"), result.toText());
}

void TestCliBench::refusesUnknownNames_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("slip") << "bench decode.int9" << QByteArray("the nearest is decode.int");
    QTest::newRow("group") << "bench scna" << QByteArray("the nearest is scan.");
    QTest::newRow("one of several") << "bench scan.forward trian" << QByteArray("\"trian\"");
    QTest::newRow("in a list") << "bench --list prefil" << QByteArray("the nearest is prefill.");
    QTest::newRow("repeats") << "bench --repeats 0" << QByteArray("--repeats must be");
}

void TestCliBench::refusesUnknownNames()
{
    QFETCH(QString, arguments);
    QFETCH(QByteArray, message);
    const CliResult result = m_cli.run(words(qPrintable(arguments)));
    QVERIFY2(result.exitCode == 2, result.toText());
    QVERIFY2(result.errors.contains(message), result.toText());
    QVERIFY2(result.output.isEmpty(), result.toText());
}

void TestCliBench::refusesADeviceThatIsNotThere()
{
    const CliResult result = m_cli.run(words("bench --tiny --device cuda:99 scan.forward"));
    QVERIFY2(result.exitCode == 1, result.toText());
    QVERIFY2(result.errors.contains("The device 'cuda:99' cannot be used"), result.toText());
    QVERIFY2(result.output.isEmpty(), result.toText());
}

QTEST_GUILESS_MAIN(TestCliBench)
#include "tst_cli_bench.moc"
