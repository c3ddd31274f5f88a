// What is handed to Python's package wandb, and what a run does where it is missing, hangs or
// fails. The package is played by tests/data/fake_wandb; the real one has its test in
// tests/interop.

#include "engine/io/run_folder.h"
#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>
#include <QTest>

#include <filesystem>
#include <limits>
#include <optional>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace fs = std::filesystem;

namespace {

constexpr const char* kConfig = "model: {vocab_size: 0, d_model: 8, n_layers: 2, readout_stride: 1,"
                                " readout_hidden_dim: 4}\n"
                                "training: {batch_size: 1, seq_len: 8, logging_steps: 1,"
                                " eval_batches: 1, sample_steps: 0, threads: 1}\n"
                                "dataset: {name: text.txt, tokenizer: tokens}\n"
                                "logging: {project_name: owl}\n";

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

QStringList words(const char* line)
{
    return QString::fromLatin1(line).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

samba::StepMetrics stepMetrics(int64_t step, double loss)
{
    samba::StepMetrics metrics;
    metrics.step = step;
    metrics.main = loss;
    metrics.readout = kNaN;
    metrics.chunks.resize(2);
    metrics.chunks[1].hoyer = 0.25;
    return metrics;
}

/// A run of two steps with an evaluation and a sample, written by the one who writes runs.
void writeRun(const fs::path& dir, samba::RunOutcome outcome, double loss = 0.5)
{
    const auto folder = samba::RunFolder::create(dir, kConfig, "{\"program\": \"samba\"}");
    folder->begin(0, 2, false);
    folder->appendMetrics(stepMetrics(1, 1.5));
    folder->appendMetrics(stepMetrics(2, loss));
    samba::ValidationMetrics validation;
    validation.step = 1;
    validation.main = 2.5;
    folder->appendValidation(validation);
    folder->appendSample({2, "Once", " upon"});
    folder->finish(outcome, 2, {});
}

} // namespace

class TestWandbSync : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void sendsARun();
    void modeAndProjectCanBeChosen();
    void sameRunSameId();
    void failureIsToldByTheExitCode();
    void divergenceIsSent();
    void missingPackageIsNamed();
    void missingPythonIsNamed();
    void noRunIsRefused();
    void usageIsExplained();
    void liveRunIsFollowed();
    void liveRunGoesOnWithoutThePackage();
    void liveRunWaitsForNothing();
    void liveFailureIsToldOnce();

private:
    fs::path dir(const char* name) const { return *m_folder / name; }
    CliResult cli(const QStringList& arguments) const
    {
        return CliRunner(m_folder->path()).run(arguments);
    }
    QList<QJsonObject> calls(const char* name) const;
    void prepareTraining() const;
    CliResult train() const;

    std::optional<TemporaryFolder> m_folder;
};

void TestWandbSync::initTestCase()
{
    if (QStandardPaths::findExecutable(QStringLiteral("python3")).isEmpty())
        QSKIP("this system has no python3");
}

void TestWandbSync::init()
{
    m_folder.emplace();
    qputenv("SAMBA_PYTHON", "python3");
    qputenv("PYTHONPATH", SAMBA_TEST_DATA "/fake_wandb");
    qputenv("PYTHONDONTWRITEBYTECODE", "1");
    qputenv("FAKE_WANDB_LOG", QByteArray::fromStdString(dir("calls.jsonl").string()));
}

void TestWandbSync::cleanup()
{
    for (const char* name : {"FAKE_WANDB_HANGS_UNTIL", "FAKE_WANDB_FAILS", "WANDB_API_KEY"})
        qunsetenv(name);
    m_folder.reset();
}

/// What the stand-in was asked to do.
QList<QJsonObject> TestWandbSync::calls(const char* name) const
{
    QList<QJsonObject> found;
    QFile file(QString::fromStdString(dir("calls.jsonl").string()));
    if (!file.open(QFile::ReadOnly))
        return found;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QJsonObject call = QJsonDocument::fromJson(line).object();
        if (call.value(QLatin1String("call")).toString() == QLatin1String(name))
            found.append(call);
    }
    return found;
}

void TestWandbSync::sendsARun()
{
    writeRun(dir("run"), samba::RunOutcome::Finished);
    const CliResult result = cli(words("sync wandb run"));
    QVERIFY2(result.exitCode == 0, result.toText());

    const QJsonObject init = calls("init").value(0).value(QLatin1String("options")).toObject();
    QCOMPARE(init.value(QLatin1String("project")).toString(), QStringLiteral("owl"));
    QCOMPARE(init.value(QLatin1String("name")).toString(), QStringLiteral("run"));
    QCOMPARE(init.value(QLatin1String("dir")).toString(),
             QString::fromStdString(fs::canonical(dir("run")).string()));
    QVERIFY(init.value(QLatin1String("mode")).isNull()); // WANDB_MODE decides
    const QJsonObject config = init.value(QLatin1String("config")).toObject();
    QCOMPARE(config.value(QLatin1String("text")).toString(), QString::fromLatin1(kConfig));
    QVERIFY(
        config.value(QLatin1String("environment")).toObject().contains(QLatin1String("program")));

    QList<QJsonObject> logged;
    for (const QJsonObject& call : calls("log"))
        logged.append(call.value(QLatin1String("values")).toObject());
    QCOMPARE(logged.size(), 4);
    QCOMPARE(logged[0].value(QLatin1String("step")).toInt(), 1);
    QCOMPARE(logged[0].value(QLatin1String("loss/main")).toDouble(), 1.5);
    QCOMPARE(logged[0].value(QLatin1String("chunk1/hoyer")).toDouble(), 0.25);
    QVERIFY(!logged[0].contains(QLatin1String("loss/readout"))); // the model has none
    QCOMPARE(logged[1].value(QLatin1String("step")).toInt(), 1); // scalars of a step stand together
    QCOMPARE(logged[1].value(QLatin1String("validation/loss/main")).toDouble(), 2.5);
    QCOMPARE(logged[2].value(QLatin1String("step")).toInt(), 2);
    const QJsonObject sample = logged[3].value(QLatin1String("samples")).toArray().at(0).toObject();
    QCOMPARE(sample.value(QLatin1String("text")).toString(), QStringLiteral(" upon"));
    QCOMPARE(calls("finish").value(0).value(QLatin1String("exit_code")).toInt(-1), 0);
}

void TestWandbSync::modeAndProjectCanBeChosen()
{
    writeRun(dir("run"), samba::RunOutcome::Finished);
    const CliResult result = cli(words("sync wandb run --offline --project fox --python python3"));
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject init = calls("init").value(0).value(QLatin1String("options")).toObject();
    QCOMPARE(init.value(QLatin1String("project")).toString(), QStringLiteral("fox"));
    QCOMPARE(init.value(QLatin1String("mode")).toString(), QStringLiteral("offline"));
}

void TestWandbSync::sameRunSameId()
{
    writeRun(dir("one"), samba::RunOutcome::Finished);
    writeRun(dir("two"), samba::RunOutcome::Finished);
    QCOMPARE(cli(words("sync wandb one")).exitCode, 0);
    QCOMPARE(cli(words("sync wandb two")).exitCode, 0);
    fs::rename(dir("one"), dir("moved"));
    QCOMPARE(cli(words("sync wandb moved")).exitCode, 0);
    QStringList ids;
    for (const QJsonObject& call : calls("init")) {
        const QJsonObject options = call.value(QLatin1String("options")).toObject();
        QCOMPARE(options.value(QLatin1String("resume")).toString(), QStringLiteral("allow"));
        ids.append(options.value(QLatin1String("id")).toString());
    }
    QCOMPARE(ids.size(), 3);
    QCOMPARE(ids[0], ids[2]);
    QVERIFY(ids[0] != ids[1]);
}

void TestWandbSync::failureIsToldByTheExitCode()
{
    writeRun(dir("run"), samba::RunOutcome::Failed);
    QCOMPARE(cli(words("sync wandb run")).exitCode, 0);
    QCOMPARE(calls("finish").value(0).value(QLatin1String("exit_code")).toInt(-1), 1);
}

void TestWandbSync::divergenceIsSent()
{
    writeRun(dir("run"), samba::RunOutcome::Finished, kNaN);
    QCOMPARE(cli(words("sync wandb run")).exitCode, 0);
    // Python's JSON has a word for it that Qt's does not read.
    QVERIFY(samba::test::readFile(dir("calls.jsonl")).find("\"loss/main\": NaN") !=
            std::string::npos);
}

void TestWandbSync::missingPackageIsNamed()
{
    writeRun(dir("run"), samba::RunOutcome::Finished);
    qputenv("PYTHONPATH", "");
    writeFile(dir("python"), "#!/bin/sh\nexec python3 -S \"$@\"\n"); // without any packages
    fs::permissions(dir("python"), fs::perms::owner_all);
    qputenv("SAMBA_PYTHON", QByteArray::fromStdString(dir("python").string()));
    fs::create_directories(dir("wandb")); // a folder of that name is no package
    const CliResult result = cli(words("sync wandb run"));
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.errors.contains("wandb is not installed"), result.toText());
    QVERIFY2(result.errors.contains("-m pip install wandb"), result.toText());
    QVERIFY2(!result.errors.contains("Traceback"), result.toText());
}

void TestWandbSync::missingPythonIsNamed()
{
    writeRun(dir("run"), samba::RunOutcome::Finished);
    const CliResult result = cli(words("sync wandb run --python /no/such/python"));
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.errors.contains("/no/such/python"), result.toText());
}

void TestWandbSync::noRunIsRefused()
{
    const CliResult result = cli(words("sync wandb nowhere"));
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.errors.contains("nowhere' is no run"), result.toText());
}

void TestWandbSync::usageIsExplained()
{
    QCOMPARE(cli(words("sync")).exitCode, 2);
    QCOMPARE(cli(words("sync wandb")).exitCode, 2);
    const CliResult help = cli(words("sync wandb --help"));
    QCOMPARE(help.exitCode, 0);
    QVERIFY2(help.output.contains("--offline"), help.toText());
}

void TestWandbSync::prepareTraining() const
{
    std::string story;
    for (int i = 0; i < 60; ++i)
        story += "The fox number " + std::to_string(i % 7) + " ran over the hill.\n";
    writeFile(dir("text.txt"), story);
    writeFile(dir("config.yaml"), std::string(kConfig));
    const CliResult made =
        cli(words("tokenizer train --data text.txt --vocab-size 270 --output tokens"));
    QVERIFY2(made.exitCode == 0, made.toText());
}

CliResult TestWandbSync::train() const
{
    return cli(words("train --config config.yaml --max-steps 5 --output run --set "
                     "logging.use_wandb=true"));
}

void TestWandbSync::liveRunIsFollowed()
{
    prepareTraining();
    qputenv("WANDB_API_KEY", "secret-of-mine");
    const CliResult result = train();
    QVERIFY2(result.exitCode == 0, result.toText());
    QTRY_COMPARE_WITH_TIMEOUT(calls("finish").size(), 1, 60'000);
    QList<int> steps;
    for (const QJsonObject& call : calls("log")) {
        const QJsonObject values = call.value(QLatin1String("values")).toObject();
        if (values.contains(QLatin1String("loss/main")))
            steps.append(values.value(QLatin1String("step")).toInt());
    }
    QCOMPARE(steps, (QList<int>{1, 2, 3, 4, 5}));
    QCOMPARE(calls("finish").value(0).value(QLatin1String("exit_code")).toInt(-1), 0);
    QVERIFY(fs::exists(dir("run/wandb.log")));
    // The key goes nowhere but into the helper's environment.
    QVERIFY(!(result.output + result.errors).contains("secret-of-mine"));
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(dir("run"))) {
        if (entry.is_regular_file())
            QVERIFY(samba::test::readFile(entry.path()).find("secret-of-mine") ==
                    std::string::npos);
    }
}

void TestWandbSync::liveRunGoesOnWithoutThePackage()
{
    prepareTraining();
    qputenv("SAMBA_PYTHON", "/no/such/python");
    const CliResult result = train();
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.errors.contains("/no/such/python"), result.toText());
    QVERIFY2(result.output.contains("finished at step 5"), result.toText());
    QVERIFY(samba::test::readFile(dir("run/events.jsonl")).find("/no/such/python") !=
            std::string::npos);
}

void TestWandbSync::liveRunWaitsForNothing()
{
    prepareTraining();
    const QByteArray release = QByteArray::fromStdString(dir("release").string());
    qputenv("FAKE_WANDB_HANGS_UNTIL", release);
    const CliResult result = train();
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY(calls("init").isEmpty()); // the run is over, and the package still hangs
    writeFile(dir("release"), "");
    QTRY_COMPARE_WITH_TIMEOUT(calls("finish").size(), 1, 60'000);
    QVERIFY(calls("log").size() >= 5); // a record a step, and the evaluations
}

void TestWandbSync::liveFailureIsToldOnce()
{
    prepareTraining();
    qputenv("FAKE_WANDB_FAILS", "No API key configured.");
    QProcess process;
    const CliRunner runner(m_folder->path());
    runner.start(process, words("train --config config.yaml --max-steps 100000000 --output run "
                                "--set logging.use_wandb=true"));
    QVERIFY(CliRunner::waitForError(process, "wandb: No API key configured."));
    process.terminate();
    const CliResult result = CliRunner::finish(process);
    QCOMPARE(result.exitCode, 130); // a clean checkpoint: the run went on until it was stopped
    QCOMPARE(result.errors.count("No API key configured."), 1);
    QVERIFY2(result.errors.contains("samba-cli sync wandb "), result.toText());
}

QTEST_GUILESS_MAIN(TestWandbSync)
#include "tst_wandb_sync.moc"
