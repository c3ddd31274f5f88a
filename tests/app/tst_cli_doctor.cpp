#include "tests/app/cli_process.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;

namespace {

/// What a report says of a topic; null if nothing.
QJsonObject finding(const CliResult& result, const char* topic)
{
    const QJsonArray findings = result.json().object().value(QStringLiteral("findings")).toArray();
    for (const QJsonValue value : findings)
        if (value.toObject().value(QStringLiteral("topic")).toString() == QLatin1String(topic))
            return value.toObject();
    return {};
}

QString inUse(const CliResult& result, const char* topic)
{
    return finding(result, topic).value(QStringLiteral("in_use")).toString();
}

QString reason(const CliResult& result, const char* topic)
{
    return finding(result, topic).value(QStringLiteral("reason")).toString();
}

} // namespace

/// `doctor`: what is in use here, and why.
class TestCliDoctor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void describesTheMachine();
    void saysTheSameInWords();
    void reportsADeviceThatIsMissing();
    void explainsWhatIsNotUsed();

private:
    CliResult doctor(const QStringList& options = {})
    {
        return m_cli.run(QStringList{QStringLiteral("doctor")} + options);
    }

    const QString m_json = QStringLiteral("--json");
    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliDoctor::describesTheMachine()
{
    const CliResult result = doctor({m_json, QStringLiteral("--threads"), QStringLiteral("1")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.errors.isEmpty(), result.toText());
    const QString device = result.json().object().value(QStringLiteral("device")).toString();
    QVERIFY2(device == QLatin1String("cpu") || device.startsWith(QLatin1String("cuda:")),
             result.toText());
    QCOMPARE(inUse(result, "Device"), device);
    QVERIFY2(!reason(result, "Device").isEmpty(), result.toText());
    QVERIFY2(inUse(result, "Threads").startsWith(QLatin1String("1 of ")), result.toText());
    QVERIFY2(inUse(result, "Memory").contains(QLatin1String(" GiB of ")), result.toText());
    QVERIFY2(inUse(result, "Matrix products").startsWith(QLatin1String("LibTorch 2.")),
             result.toText());
    for (const char* topic : {"CPU kernels", "bfloat16"}) {
        QVERIFY2(!inUse(result, topic).isEmpty(), result.toText());
        QVERIFY2(reason(result, topic).endsWith(QLatin1Char('.')), result.toText());
    }
}

void TestCliDoctor::saysTheSameInWords()
{
    const QJsonArray findings =
        doctor({m_json}).json().object().value(QStringLiteral("findings")).toArray();
    const CliResult result = doctor();
    QVERIFY2(result.exitCode == 0, result.toText());
    QCOMPARE(result.output.count('\n'), findings.size());
    for (const QJsonValue value : findings)
        QVERIFY2(result.output.contains(
                     value.toObject().value(QStringLiteral("topic")).toString().toUtf8()),
                 result.toText());
}

void TestCliDoctor::reportsADeviceThatIsMissing()
{
    const QStringList cuda{QStringLiteral("--device"), QStringLiteral("cuda:99")};
    const CliResult result = doctor(cuda + QStringList{m_json});
    QVERIFY2(result.exitCode == 1, result.toText());
    QVERIFY2(result.json().object().value(QStringLiteral("device")).isNull(), result.toText());
    QCOMPARE(inUse(result, "Device"), QStringLiteral("none"));
    QVERIFY2(reason(result, "Device").contains(QLatin1String("'cuda:99' cannot be used: ")),
             result.toText());
    QVERIFY2(reason(result, "Device").contains(QLatin1String("Set the device to auto or cpu")),
             result.toText());

    const CliResult text = doctor(cuda);
    QVERIFY2(text.exitCode == 1, text.toText());
    QVERIFY2(text.output.contains("cuda:99"), text.toText());
}

void TestCliDoctor::explainsWhatIsNotUsed()
{
    const CliResult result = doctor({m_json});
    if (inUse(result, "Device") != QLatin1String("cpu"))
        QSKIP("this machine has a CUDA device");
    QCOMPARE(reason(result, "Device"), QStringLiteral("No CUDA device can be used: see CUDA."));
    QCOMPARE(inUse(result, "CUDA"), QStringLiteral("none"));
    QVERIFY2(reason(result, "CUDA").endsWith(QLatin1Char('.')), result.toText());

    const CliResult chosen = doctor({m_json, QStringLiteral("--device"), QStringLiteral("cpu")});
    QVERIFY2(chosen.exitCode == 0, chosen.toText());
    QCOMPARE(reason(chosen, "Device"), QStringLiteral("It was asked for."));
}

QTEST_GUILESS_MAIN(TestCliDoctor)
#include "tst_cli_doctor.moc"
