#include "engine/api/error.h"
#include "engine/api/run_history.h"
#include "engine/io/run_folder.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <cmath>
#include <fstream>
#include <limits>

using samba::RunFolder;
using samba::RunHistory;
using samba::RunOutcome;
using samba::RunState;
using samba::RunSummary;

namespace fs = std::filesystem;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

samba::StepMetrics stepMetrics(int64_t step)
{
    samba::StepMetrics metrics;
    metrics.step = step;
    metrics.tokens = step * 100;
    metrics.main = 1.0 / static_cast<double>(step);
    metrics.readout = kNaN;
    metrics.chunks.resize(2);
    metrics.chunks[1].nearZero = 0.5;
    return metrics;
}

samba::ValidationMetrics validationMetrics(int64_t step, double loss)
{
    samba::ValidationMetrics metrics;
    metrics.step = step;
    metrics.main = loss;
    return metrics;
}

void appendTo(const fs::path& file, const std::string& content)
{
    std::ofstream(file, std::ios::binary | std::ios::app) << content;
}

} // namespace

class TestRunHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void readsEverything();
    void readsARunBeingWritten();
    void statesFollowTheFolder();
    void listsNewestFirst();
    void listingAgreesWithReading();
    void listIsEmptyWithoutFolder();
    void damagedLineIsNamed();
    void damagedRunIsListed();
    void damagedFrameDoesNotHideTheRun();
    void noRunThrows();
    void exportsCsv();
    void exportsJson();

private:
    fs::path base() const { return fs::path(m_dir->path().toStdString()); }
    std::unique_ptr<RunFolder> create(const std::string& name) const
    {
        return RunFolder::create(base() / name, "model:\n  type: mamba\n",
                                 "{\"model\": {\"type\": \"samba\", \"parameters\": 123}}");
    }

    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestRunHistory::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestRunHistory::cleanup()
{
    m_dir.reset();
}

void TestRunHistory::readsEverything()
{
    const double before = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000 - 1;
    auto folder = create("one");
    folder->begin(0, 20, false);
    for (int64_t step = 1; step <= 3; ++step)
        folder->appendMetrics(stepMetrics(step));
    folder->appendValidation(validationMetrics(2, 2.0));
    folder->appendValidation(validationMetrics(3, 4.0));
    folder->appendSample({3, "Once \xFF", "upon\na time"});
    samba::ActivationFrame frame;
    for (const int64_t step : {2, 10}) {
        frame.step = step;
        folder->writeFrame(frame);
    }
    folder->beginCheckpoint(3);
    folder->commitCheckpoint(3);
    folder->finish(RunOutcome::Stopped, 3, "as asked");
    folder.reset();

    const RunHistory run = samba::readRun(base() / "one" / "");
    QCOMPARE(run.summary.name, std::string("one"));
    QCOMPARE(run.summary.state, RunState::Stopped);
    QCOMPARE(run.summary.modelType, std::string("samba"));
    QCOMPARE(run.summary.parameters, 123);
    QCOMPARE(run.summary.step, 3);
    QCOMPARE(run.summary.totalSteps, 20);
    QCOMPARE(run.summary.lastLoss, 1.0 / 3.0);
    QCOMPARE(run.summary.bestValidationLoss, 2.0);
    QVERIFY(run.summary.startedAt > before);
    QCOMPARE(run.configText, std::string("model:\n  type: mamba\n"));
    QCOMPARE(run.metrics.size(), size_t{3});
    QVERIFY(std::isnan(run.metrics[0].readout));
    QCOMPARE(run.metrics[2].chunks[1].nearZero, 0.5);
    QCOMPARE(run.validation.size(), size_t{2});
    QCOMPARE(run.samples.size(), size_t{1});
    QCOMPARE(run.samples[0].prompt, std::string("Once \xEF\xBF\xBD"));
    QCOMPARE(run.samples[0].text, std::string("upon\na time"));
    QCOMPARE(run.log.size(), size_t{2});
    QCOMPARE(run.log[0].kind, std::string("start"));
    QCOMPARE(run.log[1].kind, std::string("stop"));
    QCOMPARE(run.log[1].message, std::string("as asked"));
    QCOMPARE(run.checkpoints.size(), size_t{1});
    QCOMPARE(run.checkpoints[0].step, 3);
    QVERIFY(run.lastFrame);
    QCOMPARE(run.lastFrame->step, 10); // by number: "step-10" sorts before "step-2"
}

void TestRunHistory::readsARunBeingWritten()
{
    const auto folder = create("one");
    folder->begin(0, 20, false);
    folder->appendMetrics(stepMetrics(1));
    appendTo(base() / "one" / "metrics.jsonl", "{\"step\": 2, \"loss/ma");
    const RunHistory run = samba::readRun(base() / "one");
    QCOMPARE(run.summary.state, RunState::Running);
    QCOMPARE(run.metrics.size(), size_t{1});
    QVERIFY(std::isnan(run.summary.bestValidationLoss));
    QVERIFY(!run.lastFrame);
    QCOMPARE(samba::listRuns(base()).at(0).step, 1);
}

void TestRunHistory::statesFollowTheFolder()
{
    const auto state = [&] { return samba::listRuns(base()).at(0).state; };
    auto folder = create("one");
    QCOMPARE(state(), RunState::Running);
    folder.reset();
    QCOMPARE(state(), RunState::Interrupted);

    const std::pair<RunOutcome, RunState> outcomes[] = {
        {RunOutcome::Finished, RunState::Finished},
        {RunOutcome::Stopped, RunState::Stopped},
        {RunOutcome::Failed, RunState::Failed},
    };
    for (const auto& [outcome, wanted] : outcomes) {
        folder = RunFolder::open(base() / "one");
        folder->begin(0, 1, true);
        folder.reset();
        QCOMPARE(state(), RunState::Interrupted); // the earlier outcome no longer holds
        folder = RunFolder::open(base() / "one");
        folder->finish(outcome, 1, {});
        folder.reset();
        QCOMPARE(state(), wanted);
    }
}

void TestRunHistory::listsNewestFirst()
{
    for (const char* name : {"b", "a", "c"})
        create(name)->begin(0, 1, false);
    fs::create_directories(base() / "no run");
    appendTo(base() / "file", "x");
    QStringList names;
    for (const RunSummary& run : samba::listRuns(base()))
        names << QString::fromStdString(run.name);
    QCOMPARE(names, QStringList({QStringLiteral("c"), QStringLiteral("a"), QStringLiteral("b")}));
}

void TestRunHistory::listingAgreesWithReading()
{
    auto folder = create("one");
    folder->begin(0, 7, false);
    for (int64_t step = 1; step <= 500; ++step)
        folder->appendMetrics(stepMetrics(step));
    folder->appendValidation(validationMetrics(500, 1.25));
    const RunSummary listed = samba::listRuns(base()).at(0);
    const RunSummary read = samba::readRun(base() / "one").summary;
    QCOMPARE(listed.path, read.path);
    QCOMPARE(listed.name, read.name);
    QCOMPARE(listed.state, read.state);
    QCOMPARE(listed.modelType, read.modelType);
    QCOMPARE(listed.parameters, read.parameters);
    QCOMPARE(listed.startedAt, read.startedAt);
    QCOMPARE(listed.step, read.step);
    QCOMPARE(listed.totalSteps, read.totalSteps);
    QCOMPARE(listed.lastLoss, read.lastLoss);
    QCOMPARE(listed.bestValidationLoss, read.bestValidationLoss);
}

void TestRunHistory::listIsEmptyWithoutFolder()
{
    QVERIFY(samba::listRuns(base() / "nothing").empty());
    QVERIFY(samba::listCheckpoints(base() / "nothing").empty());
}

void TestRunHistory::damagedLineIsNamed()
{
    create("one")->appendMetrics(stepMetrics(1));
    appendTo(base() / "one" / "metrics.jsonl", "{\"step\": oops}\n");
    try {
        (void)samba::readRun(base() / "one");
        QFAIL("nothing was thrown");
    } catch (const samba::Error& error) {
        QCOMPARE(error.kind(), samba::ErrorKind::Format);
        QVERIFY2(QByteArray(error.what()).contains("metrics.jsonl' is damaged in line 2"),
                 error.what());
    }
}

void TestRunHistory::damagedRunIsListed()
{
    create("one")->begin(0, 1, false);
    create("two")->begin(0, 1, false);
    appendTo(base() / "two" / "metrics.jsonl", "oops\n");
    QCOMPARE(samba::listRuns(base()).size(), size_t{2});
}

void TestRunHistory::damagedFrameDoesNotHideTheRun()
{
    const auto folder = create("one");
    samba::ActivationFrame frame;
    frame.step = 5;
    folder->writeFrame(frame);
    appendTo(base() / "one" / "activations" / "step-6.frame", "SAMBAFR1");
    QCOMPARE(samba::readRun(base() / "one").lastFrame->step, 5);
}

void TestRunHistory::noRunThrows()
{
    QVERIFY_EXCEPTION_THROWN((void)samba::readRun(base()), samba::Error);
    QVERIFY_EXCEPTION_THROWN((void)samba::readRun(base() / "nothing"), samba::Error);
}

void TestRunHistory::exportsCsv()
{
    RunHistory run;
    run.metrics = {stepMetrics(1), stepMetrics(2)};
    run.metrics[1].chunks.clear();
    run.validation = {validationMetrics(2, 0.1), validationMetrics(3, 0.2)};
    const fs::path file = base() / "a.csv";
    samba::exportMetricsCsv(run, file);
    QFile csv(QString::fromStdString(file.string()));
    QVERIFY(csv.open(QFile::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 4);
    const QList<QByteArray> header = lines[0].split(',');
    for (const QByteArray& line : lines)
        QCOMPARE(line.split(',').size(), header.size());
    const auto cell = [&](int row, const char* column) {
        return lines[row].split(',').at(header.indexOf(column));
    };
    QCOMPARE(cell(1, "step"), QByteArray("1"));
    QCOMPARE(cell(1, "tokens"), QByteArray("100"));
    QCOMPARE(cell(1, "loss/main"), QByteArray("1"));
    QCOMPARE(cell(1, "loss/readout"), QByteArray("NaN"));
    QCOMPARE(cell(1, "chunk1/near_zero"), QByteArray("0.5"));
    QCOMPARE(cell(1, "validation/loss/main"), QByteArray());
    QCOMPARE(cell(2, "chunk1/near_zero"), QByteArray());
    QCOMPARE(cell(2, "validation/loss/main"), QByteArray("0.1"));
    QCOMPARE(cell(3, "step"), QByteArray("3"));
    QCOMPARE(cell(3, "loss/main"), QByteArray());
}

void TestRunHistory::exportsJson()
{
    RunHistory run;
    run.summary.name = "a \"run\"";
    run.configText = "a: b\n";
    run.metrics = {stepMetrics(1), stepMetrics(2)};
    const fs::path file = base() / "a.json";
    samba::exportMetricsJson(run, file);
    QFile in(QString::fromStdString(file.string()));
    QVERIFY(in.open(QFile::ReadOnly));
    QJsonParseError error;
    const QJsonObject json = QJsonDocument::fromJson(in.readAll(), &error).object();
    QCOMPARE(error.error, QJsonParseError::NoError);
    QCOMPARE(json.value(QLatin1String("name")).toString(), QLatin1String("a \"run\""));
    QCOMPARE(json.value(QLatin1String("config")).toString(), QLatin1String("a: b\n"));
    const QJsonArray metrics = json.value(QLatin1String("metrics")).toArray();
    QCOMPARE(metrics.size(), 2);
    QCOMPARE(metrics[1].toObject().value(QLatin1String("loss/main")).toDouble(), 0.5);
    QVERIFY(json.value(QLatin1String("validation")).toArray().isEmpty());

    QVERIFY_EXCEPTION_THROWN(samba::exportMetricsJson(run, base() / "no folder" / "a.json"),
                             samba::Error);
}

QTEST_GUILESS_MAIN(TestRunHistory)
#include "tst_run_history.moc"
