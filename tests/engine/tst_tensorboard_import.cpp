#include "engine/api/error.h"
#include "engine/api/run_history.h"
#include "engine/io/run_folder.h"
#include "engine/io/tensorboard_file.h"
#include "engine/io/tensorboard_import.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <cmath>
#include <fstream>
#include <limits>
#include <optional>

using samba::RunHistory;
using samba::RunState;
using samba::RunSummary;
using samba::ScalarSeries;
using samba::TensorboardEvent;

namespace fs = std::filesystem;

namespace {

TensorboardEvent eventAt(int64_t step, double wallTime)
{
    TensorboardEvent event;
    event.step = step;
    event.wallTime = wallTime;
    return event;
}

/// An event file, written record by record.
class EventFile {
public:
    EventFile(const fs::path& folder, const std::string& name)
    {
        fs::create_directories(folder);
        m_file.open(folder / name, std::ios::binary);
        TensorboardEvent event = eventAt(0, 1000);
        event.fileVersion = "brain.Event:2";
        add(event);
    }

    EventFile& scalar(const std::string& tag, int64_t step, double value)
    {
        TensorboardEvent event = eventAt(step, 1000 + static_cast<double>(step));
        event.values.push_back({tag, value, {}});
        return add(event);
    }

    EventFile& text(const std::string& tag, int64_t step, const std::string& words)
    {
        TensorboardEvent event = eventAt(step, 1000);
        event.values.push_back({tag, {}, words});
        return add(event);
    }

    EventFile& restart(int64_t step)
    {
        TensorboardEvent event = eventAt(step, 5000);
        event.isSessionStart = true;
        return add(event);
    }

    EventFile& bytes(const std::string& content)
    {
        m_file << content << std::flush;
        return *this;
    }

private:
    EventFile& add(const TensorboardEvent& event)
    {
        return bytes(samba::tensorboardRecord(samba::encodeTensorboardEvent(event)));
    }

    std::ofstream m_file;
};

const RunSummary* find(const std::vector<RunSummary>& runs, const std::string& name)
{
    const auto found =
        std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return run.name == name; });
    return found == runs.end() ? nullptr : &*found;
}

std::vector<std::pair<int64_t, double>> pointsOf(const RunHistory& run, const std::string& tag)
{
    std::vector<std::pair<int64_t, double>> points;
    for (const ScalarSeries& series : run.scalars) {
        if (series.tag != tag)
            continue;
        for (const samba::ScalarPoint& point : series.points)
            points.emplace_back(point.step, point.value);
    }
    return points;
}

using Points = std::vector<std::pair<int64_t, double>>;

} // namespace

class TestTensorboardImport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder.emplace(); }

    void listsFoldersOfEventFiles();
    void ownRunsAreNoImports();
    void listsTheLossThatTellsMost_data();
    void listsTheLossThatTellsMost();
    void listsALongLogFromItsEnd();
    void damagedFilesAreListed();
    void readsScalarsByTag();
    void restartsReplaceWhatFollowed();
    void lastPointOfAStepCounts();
    void readsAGrowingFile();
    void textsAreSamples();
    void exportsCsv();
    void exportsJson();

private:
    fs::path base() const { return m_folder->path(); }

    std::optional<samba::test::TemporaryFolder> m_folder;
};

void TestTensorboardImport::listsFoldersOfEventFiles()
{
    EventFile(base() / "alone", "events.out.tfevents.1.host").scalar("loss", 4, 0.5);
    EventFile(base() / "trainer" / "runs" / "Nov28", "events.out.tfevents.1.host")
        .scalar("train/loss", 7, 0.25);
    EventFile(base() / ".hidden", "events.out.tfevents.1.host");
    EventFile(base() / "a" / "b" / "c" / "too deep", "events.out.tfevents.1.host");
    fs::create_directories(base() / "no run");
    const std::vector<RunSummary> runs = samba::listRuns(base());
    QCOMPARE(runs.size(), size_t{2});
    const RunSummary* alone = find(runs, "alone");
    QVERIFY(alone);
    QCOMPARE(alone->state, RunState::Imported);
    QCOMPARE(alone->path, base() / "alone");
    QCOMPARE(alone->step, 4);
    QCOMPARE(alone->lastLoss, 0.5);
    QCOMPARE(alone->startedAt, 1000.0);
    QVERIFY(std::isnan(alone->bestValidationLoss));
    QVERIFY(find(runs, "trainer/runs/Nov28"));

    // A folder that holds the files itself is one, too.
    const std::vector<RunSummary> itself = samba::listRuns(base() / "alone");
    QCOMPARE(itself.size(), size_t{1});
    QCOMPARE(itself[0].name, std::string("alone"));
}

void TestTensorboardImport::ownRunsAreNoImports()
{
    samba::RunFolder::create(base() / "ours", "model:\n  type: mamba\n", "{}")->begin(0, 1, false);
    QVERIFY(!samba::tensorboardFiles(base() / "ours").empty());
    const std::vector<RunSummary> runs = samba::listRuns(base());
    QCOMPARE(runs.size(), size_t{1});
    QCOMPARE(runs[0].state, RunState::Interrupted);
}

void TestTensorboardImport::listsTheLossThatTellsMost_data()
{
    QTest::addColumn<QStringList>("tags");
    QTest::addColumn<int>("wanted"); // its place among the tags, -1: none
    const auto row = [](const char* name, const QStringList& tags, int wanted) {
        QTest::newRow(name) << tags << wanted;
    };
    row("ours", {QStringLiteral("loss"), QStringLiteral("loss/main"), QStringLiteral("a loss")}, 1);
    row("trainer", {QStringLiteral("eval/loss"), QStringLiteral("train/loss")}, 1);
    row("capital",
        {QStringLiteral("Loss/test"), QStringLiteral("Train Loss"), QStringLiteral("lr")}, 1);
    row("short", {QStringLiteral("loss_of_something"), QStringLiteral("loss")}, 1);
    row("none", {QStringLiteral("val_loss"), QStringLiteral("accuracy")}, -1);
}

void TestTensorboardImport::listsTheLossThatTellsMost()
{
    QFETCH(QStringList, tags);
    QFETCH(int, wanted);
    EventFile file(base() / "run", "events.out.tfevents.1");
    for (int i = 0; i < tags.size(); ++i)
        file.scalar(tags[i].toStdString(), 1, i);
    const RunSummary listed = samba::listRuns(base()).at(0);
    const RunSummary read = samba::readRun(base() / "run").summary;
    for (double loss : {listed.lastLoss, read.lastLoss}) {
        QCOMPARE(std::isnan(loss), wanted < 0);
        if (wanted >= 0)
            QCOMPARE(loss, static_cast<double>(wanted));
    }
}

void TestTensorboardImport::listsALongLogFromItsEnd()
{
    EventFile file(base() / "run", "events.out.tfevents.1");
    for (int64_t step = 1; step <= 20000; ++step)
        file.scalar("train/loss", step, static_cast<double>(step));
    // A restart that has logged nothing yet must not hide what was logged before.
    EventFile(base() / "run", "events.out.tfevents.2");
    QVERIFY(fs::file_size(base() / "run" / "events.out.tfevents.1") > 700000);
    const RunSummary run = samba::listRuns(base()).at(0);
    QCOMPARE(run.step, 20000);
    QCOMPARE(run.lastLoss, 20000.0);
    QCOMPARE(run.startedAt, 1000.0);
}

void TestTensorboardImport::damagedFilesAreListed()
{
    EventFile(base() / "bad", "events.out.tfevents.1").bytes(std::string(100, 'x'));
    const std::vector<RunSummary> runs = samba::listRuns(base());
    QCOMPARE(runs.size(), size_t{1});
    QCOMPARE(runs[0].name, std::string("bad"));
    QCOMPARE(runs[0].state, RunState::Imported);
    try {
        (void)samba::readRun(base() / "bad");
        QFAIL("nothing was thrown");
    } catch (const samba::Error& error) {
        QCOMPARE(error.kind(), samba::ErrorKind::Format);
        QVERIFY2(QByteArray(error.what()).contains("events.out.tfevents.1"), error.what());
    }
}

void TestTensorboardImport::readsScalarsByTag()
{
    EventFile(base() / "run", "events.out.tfevents.1")
        .scalar("train/loss", 1, 4)
        .scalar("lr", 1, 0.5)
        .scalar("train/loss", 2, std::numeric_limits<double>::infinity());
    const RunHistory run = samba::readRun(base() / "run");
    QCOMPARE(run.summary.state, RunState::Imported);
    QCOMPARE(run.summary.step, 2);
    QCOMPARE(run.scalars.size(), size_t{2});
    QCOMPARE(run.scalars[0].tag, std::string("lr"));
    QCOMPARE(run.scalars[0].points[0].wallTime, 1001.0);
    QCOMPARE(pointsOf(run, "train/loss"),
             (Points{{1, 4}, {2, std::numeric_limits<double>::infinity()}}));
    QVERIFY(run.metrics.empty() && run.validation.empty() && run.checkpoints.empty());
    QVERIFY(run.configText.empty());
}

void TestTensorboardImport::restartsReplaceWhatFollowed()
{
    EventFile(base() / "run", "events.out.tfevents.1")
        .scalar("loss", 1, 1)
        .scalar("loss", 2, 2)
        .scalar("loss", 3, 3)
        .scalar("gone", 3, 3)
        .text("words", 3, "gone");
    EventFile(base() / "run", "events.out.tfevents.2").restart(3).scalar("loss", 4, 40);
    const RunHistory run = samba::readRun(base() / "run");
    QCOMPARE(pointsOf(run, "loss"), (Points{{1, 1}, {2, 2}, {4, 40}}));
    QCOMPARE(run.scalars.size(), size_t{1});
    QVERIFY(run.samples.empty());
}

void TestTensorboardImport::lastPointOfAStepCounts()
{
    // A program that was restarted without saying so.
    EventFile(base() / "run", "events.out.tfevents.1")
        .scalar("loss", 1, 1)
        .scalar("loss", 2, 2)
        .scalar("loss", 3, 3);
    EventFile(base() / "run", "events.out.tfevents.2").scalar("loss", 2, 20).scalar("loss", 4, 40);
    QCOMPARE(pointsOf(samba::readRun(base() / "run"), "loss"),
             (Points{{1, 1}, {2, 20}, {3, 3}, {4, 40}}));
}

void TestTensorboardImport::readsAGrowingFile()
{
    EventFile file(base() / "run", "events.out.tfevents.1");
    file.scalar("loss", 1, 1);
    file.bytes("\x1f\0\0");
    QCOMPARE(pointsOf(samba::readRun(base() / "run"), "loss"), (Points{{1, 1}}));
}

void TestTensorboardImport::textsAreSamples()
{
    EventFile(base() / "run", "events.out.tfevents.1").text("story", 5, "Once upon a time");
    const RunHistory run = samba::readRun(base() / "run");
    QCOMPARE(run.samples.size(), size_t{1});
    QCOMPARE(run.samples[0].step, 5);
    QCOMPARE(run.samples[0].prompt, std::string("story: "));
    QCOMPARE(run.samples[0].text, std::string("Once upon a time"));
}

void TestTensorboardImport::exportsCsv()
{
    EventFile(base() / "run", "events.out.tfevents.1")
        .scalar("a, \"b\"", 2, 0.5)
        .scalar("loss", 1, 1)
        .scalar("loss", 2, std::numeric_limits<double>::quiet_NaN());
    QCOMPARE(samba::metricsAsCsv(samba::readRun(base() / "run")),
             std::string("step,\"a, \"\"b\"\"\",loss\n1,,1\n2,0.5,NaN\n"));
}

void TestTensorboardImport::exportsJson()
{
    EventFile(base() / "run", "events.out.tfevents.1")
        .scalar("a \"b\"", 2, 0.5)
        .scalar("loss", 1, 1)
        .scalar("loss", 2, std::numeric_limits<double>::quiet_NaN());
    const std::string text = samba::metricsAsJson(samba::readRun(base() / "run"));
    QJsonParseError error;
    const QJsonObject json =
        QJsonDocument::fromJson(QByteArray::fromStdString(text), &error).object();
    QCOMPARE(error.error, QJsonParseError::NoError);
    const QJsonObject scalars = json.value(QLatin1String("scalars")).toObject();
    QCOMPARE(scalars.keys(), QStringList({QStringLiteral("a \"b\""), QStringLiteral("loss")}));
    const QJsonArray loss = scalars.value(QLatin1String("loss")).toArray();
    QCOMPARE(loss.size(), 2);
    QCOMPARE(loss[0].toObject().value(QLatin1String("step")).toInt(), 1);
    QCOMPARE(loss[0].toObject().value(QLatin1String("wall_time")).toDouble(), 1001.0);
    QCOMPARE(loss[0].toObject().value(QLatin1String("value")).toDouble(), 1.0);
    QCOMPARE(loss[1].toObject().value(QLatin1String("value")).toString(), QStringLiteral("NaN"));
}

QTEST_GUILESS_MAIN(TestTensorboardImport)
#include "tst_tensorboard_import.moc"
