// Model, Training, Runs and Log: each with its buttons, fed as the engine would feed them.

#include "tests/support/sample_events.h"
#include "tests/support/scripted_prompts.h"
#include "ui/log_panel.h"
#include "ui/model_panel.h"
#include "ui/runs_panel.h"
#include "ui/training_panel.h"
#include "ui/widgets/bar_list.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/number_tile.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QFrame>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QtTest>

#include <cmath>

using namespace samba::testing;
using namespace samba::ui;

namespace {

template <typename Widget>
Widget* find(const QWidget& panel, const char* name)
{
    return panel.findChild<Widget*>(QLatin1String(name));
}

samba::LogMessage line(samba::LogLevel level, const std::string& text)
{
    return {level, 1.7e9, text};
}

} // namespace

class PanelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void modelOffersWaysIn();
    void modelShowsItsCard();
    void modelRemembersRecent();
    void trainingSaysWhyItCannotStart();
    void trainingFollowsARun();
    void trainingSteers_data();
    void trainingSteers();
    void trainingShowsAStoredRun();
    void trainingShowsThePreparation();
    void resumedTrainingShowsItsEarlierPart();
    void trainingKeepsTheNewestSamples();
    void runsListAndOrder();
    void runsActOnTheSelection();
    void importedRunsAreReadOnly();
    void runsIgnoreAnswersOfOtherFolders();
    void logFiltersAndSearches();
    void logCopies();
    void logKeepsTheNewestLines();
    void messagesDoNotPileUp();
};

void PanelsTest::modelOffersWaysIn()
{
    ModelPanel panel;
    panel.show();
    const QSignalSpy commands(&panel, &ModelPanel::commandRequested);
    const QSignalSpy run(&panel, &ModelPanel::chooseRunRequested);
    const QSignalSpy fresh(&panel, &ModelPanel::newFromConfigRequested);
    find<QPushButton>(panel, "modelOpenBuiltin")->click();
    find<QPushButton>(panel, "modelOpenRun")->click();
    find<QPushButton>(panel, "modelNew")->click();
    QCOMPARE(commands.count(), 1);
    QCOMPARE(
        std::get<samba::LoadModel>(commands.front().front().value<samba::CommandBody>()).source,
        std::string("builtin"));
    QCOMPARE(run.count(), 1);
    QCOMPARE(fresh.count(), 1);
}

void PanelsTest::modelShowsItsCard()
{
    ModelPanel panel;
    panel.resize(300, 600);
    panel.show();
    panel.setLoading(true, QStringLiteral("Reading weights"));
    panel.showModel(sampleModel(), {"First warning.", "Second warning."});
    QCOMPARE(find<QLabel>(panel, "modelName")->text(), QStringLiteral("samba-tiny"));
    QCOMPARE(find<QLabel>(panel, "modelParameters")->text(), QStringLiteral("3.76 M"));
    QCOMPARE(find<BarList>(panel, "modelParts")->items().size(), 3);
    QCOMPARE(panel.findChildren<QFrame*>(QStringLiteral("modelWarning")).size(), 2);
    const auto* facts = find<FactGrid>(panel, "modelFacts");
    QVERIFY(facts->fact(QStringLiteral("Chunks")).contains(u'4'));
    QCOMPARE(facts->fact(QStringLiteral("Decoding state")), QStringLiteral("228 KiB"));
    // A plain Mamba afterwards leaves nothing of the Samba behind.
    samba::ModelInfo mamba = sampleModel();
    mamba.hasReadout = false;
    mamba.chunkCount = 0;
    mamba.readoutStride = 0;
    panel.showModel(mamba);
    QCOMPARE(panel.findChildren<QFrame*>(QStringLiteral("modelWarning")).size(), 0);
    QVERIFY(facts->fact(QStringLiteral("Chunks")).isEmpty());
    QCOMPARE(facts->fact(QStringLiteral("Readout")), QStringLiteral("none"));
    QVERIFY(!facts->fact(QStringLiteral("Convolution")).isEmpty());
    QVERIFY(facts->fact(QStringLiteral("Longest text")).isEmpty());
    samba::ModelInfo transformer = mamba;
    transformer.type = "transformer";
    transformer.dState = transformer.dConv = transformer.dtRank = 0;
    transformer.heads = 12;
    transformer.positions = 1024;
    panel.showModel(transformer);
    for (const char* name : {"SSM state", "Convolution", "Step rank"})
        QVERIFY2(facts->fact(QString::fromLatin1(name)).isEmpty(), name);
    QCOMPARE(facts->fact(QStringLiteral("Attention heads")), QStringLiteral("12"));
    QVERIFY(facts->fact(QStringLiteral("Longest text")).endsWith(QStringLiteral(" tokens")));
}

void PanelsTest::modelRemembersRecent()
{
    ModelPanel panel;
    panel.setRecent({QStringLiteral("/data/runs/first")});
    const QSignalSpy commands(&panel, &ModelPanel::commandRequested);
    find<QMenu>(panel, "modelOpenMenu")->actions().back()->trigger();
    QCOMPARE(
        std::get<samba::LoadModel>(commands.front().front().value<samba::CommandBody>()).source,
        std::string("/data/runs/first"));
}

void PanelsTest::trainingSaysWhyItCannotStart()
{
    TrainingPanel panel;
    panel.show();
    const QSignalSpy started(&panel, &TrainingPanel::startRequested);
    const QSignalSpy edit(&panel, &TrainingPanel::editConfigRequested);
    panel.setStartable(QStringLiteral("a.yaml"),
                       QStringLiteral("The configuration has a problem."));
    QVERIFY(!find<QPushButton>(panel, "trainingEmptyStart")->isEnabled());
    QCOMPARE(find<QLabel>(panel, "trainingStartReason")->text(),
             QStringLiteral("The configuration has a problem."));
    panel.setStartable(QStringLiteral("a.yaml"), {});
    find<QPushButton>(panel, "trainingEmptyStart")->click();
    find<QPushButton>(panel, "trainingEditConfig")->click();
    QCOMPARE(started.count(), 1);
    QCOMPARE(edit.count(), 1);
}

void PanelsTest::trainingFollowsARun()
{
    TrainingPanel panel;
    panel.show();
    panel.setState(samba::EngineState::Training);
    panel.beginRun(sampleRunStarted("/data/runs/evening", 100));
    QCOMPARE(find<QLabel>(panel, "trainingRunName")->text(), QStringLiteral("evening"));
    panel.appendMetrics(sampleSteps(40, 100));
    panel.setProgress({"training", 40, 100, 5000, 61000});
    panel.appendValidation(sampleValidation(40, 100));
    panel.addCheckpoint({"/data/runs/evening/checkpoint-40", 40, true});
    panel.addSample(40, QStringLiteral("One"), QStringLiteral(" day"));
    QCOMPARE(find<QLabel>(panel, "trainingSteps")->text(), QStringLiteral("40 / 100 steps"));
    QCOMPARE(find<QLabel>(panel, "trainingRemaining")->text(), QStringLiteral("1 min 01 s left"));
    const auto* bar = find<QProgressBar>(panel, "trainingProgress");
    QCOMPARE(bar->value(), bar->maximum() * 40 / 100);
    for (const char* tile :
         {"trainingMainLoss", "trainingReadoutLoss", "trainingValidationLoss", "trainingNearZero"})
        QVERIFY2(find<NumberTile>(panel, tile)->value() != QStringLiteral("–"), tile);
    const auto* facts = find<FactGrid>(panel, "trainingFacts");
    QVERIFY(facts->fact(QStringLiteral("Last checkpoint")).contains(QStringLiteral("40, best")));
    QVERIFY(!facts->fact(QStringLiteral("Effective batch")).isEmpty());
    QCOMPARE(panel.findChildren<QFrame*>(QStringLiteral("trainingSample")).size(), 1);

    panel.setState(samba::EngineState::Paused);
    QCOMPARE(find<QLabel>(panel, "trainingState")->text(), QStringLiteral("paused"));
    panel.setState(samba::EngineState::Idle);
    panel.endRun({"/data/runs/evening", samba::RunOutcome::Stopped, 40, 2.1});
    QCOMPARE(find<QLabel>(panel, "trainingState")->text(), QStringLiteral("stopped"));
    QVERIFY(find<QPushButton>(panel, "trainingStart")->isVisible());
    QVERIFY(!find<QPushButton>(panel, "trainingStop")->isVisible());
    // A metric that a model does not have is shown as unknown, not as a number.
    samba::StepMetrics plain = sampleStep(41, 100);
    plain.readout = std::nan("");
    plain.chunks.clear();
    panel.appendMetrics({&plain, 1});
    QCOMPARE(find<NumberTile>(panel, "trainingReadoutLoss")->value(), QStringLiteral("–"));
    QCOMPARE(find<NumberTile>(panel, "trainingNearZero")->value(), QStringLiteral("–"));
}

void PanelsTest::trainingSteers_data()
{
    QTest::addColumn<QByteArray>("button");
    QTest::addColumn<int>("state");
    QTest::addColumn<size_t>("command");
    const auto row = [](const char* name, const char* button, samba::EngineState state,
                        const samba::CommandBody& command) {
        QTest::newRow(name) << QByteArray(button) << static_cast<int>(state) << command.index();
    };
    row("pause", "trainingPause", samba::EngineState::Training, samba::PauseTraining{});
    row("resume", "trainingPause", samba::EngineState::Paused, samba::ContinueTraining{});
    row("stop", "trainingStop", samba::EngineState::Training, samba::StopTraining{});
    row("stop while paused", "trainingStop", samba::EngineState::Paused, samba::StopTraining{});
    row("checkpoint", "trainingCheckpoint", samba::EngineState::Training, samba::CheckpointNow{});
}

void PanelsTest::trainingSteers()
{
    QFETCH(QByteArray, button);
    QFETCH(int, state);
    QFETCH(size_t, command);
    TrainingPanel panel;
    panel.show();
    panel.beginRun(sampleRunStarted("/data/runs/evening", 100));
    panel.setState(static_cast<samba::EngineState>(state));
    const QSignalSpy commands(&panel, &TrainingPanel::commandRequested);
    find<QPushButton>(panel, button.constData())->click();
    QCOMPARE(commands.count(), 1);
    QCOMPARE(commands.front().front().value<samba::CommandBody>().index(), command);
    panel.setState(samba::EngineState::Stopping);
    QVERIFY(!find<QPushButton>(panel, button.constData())->isEnabled());
}

void PanelsTest::trainingShowsAStoredRun()
{
    TrainingPanel panel;
    panel.show();
    panel.showRun(sampleHistory("/data/runs/stored", 400));
    QCOMPARE(find<QLabel>(panel, "trainingRunName")->text(), QStringLiteral("stored"));
    QCOMPARE(find<QLabel>(panel, "trainingState")->text(), QStringLiteral("finished"));
    QCOMPARE(panel.findChildren<QFrame*>(QStringLiteral("trainingSample")).size(), 2);
    panel.beginRun(sampleRunStarted("/data/runs/live", 100));
    QCOMPARE(panel.findChildren<QFrame*>(QStringLiteral("trainingSample")).size(), 0);
    panel.showRun(sampleHistory("/data/runs/stored", 400));
    QCOMPARE(find<QLabel>(panel, "trainingRunName")->text(), QStringLiteral("live"));
}

void PanelsTest::trainingShowsThePreparation()
{
    TrainingPanel panel;
    panel.show();
    panel.setState(samba::EngineState::Preparing);
    QVERIFY(find<QPushButton>(panel, "trainingStop")->isVisible());
    QVERIFY(!find<QPushButton>(panel, "trainingCheckpoint")->isEnabled());
    panel.setProgress({"tokenizing", 1, 4, 0, std::nan("")});
    QCOMPARE(find<QLabel>(panel, "trainingSteps")->text(), QStringLiteral("Tokenizing"));
    const auto* bar = find<QProgressBar>(panel, "trainingProgress");
    QCOMPARE(bar->value(), bar->maximum() / 4);
    // Refused: back to where a run can be started.
    panel.setState(samba::EngineState::Idle);
    QVERIFY(find<QPushButton>(panel, "trainingEmptyStart")->isVisible());
}

void PanelsTest::resumedTrainingShowsItsEarlierPart()
{
    TrainingPanel panel;
    panel.show();
    samba::RunStarted started = sampleRunStarted("/data/runs/stored", 800);
    started.isResumed = true;
    started.firstStep = 400;
    panel.setState(samba::EngineState::Training);
    panel.beginRun(started);
    panel.addSample(500, QStringLiteral("One"), QStringLiteral(" day"));
    for (int times = 0; times < 2; ++times) {
        panel.showRun(sampleHistory("/data/runs/stored", 400));
        QCOMPARE(panel.findChildren<QFrame*>(QStringLiteral("trainingSample")).size(), 3);
    }
    QVERIFY(find<NumberTile>(panel, "trainingMainLoss")->value() != QStringLiteral("–"));
    QCOMPARE(find<QLabel>(panel, "trainingState")->text(), QStringLiteral("training"));
}

void PanelsTest::trainingKeepsTheNewestSamples()
{
    TrainingPanel panel;
    panel.beginRun(sampleRunStarted("/data/runs/long", 100));
    for (int step = 1; step <= 60; ++step)
        panel.addSample(step, QStringLiteral("One"), QStringLiteral(" day"));
    const auto samples = panel.findChildren<QFrame*>(QStringLiteral("trainingSample"));
    QCOMPARE(samples.size(), 50);
}

void PanelsTest::runsListAndOrder()
{
    ScriptedPrompts prompts;
    RunsPanel panel(prompts);
    panel.resize(300, 500);
    panel.show();
    const QSignalSpy listed(&panel, &RunsPanel::listRequested);
    panel.setFolder(QStringLiteral("/data/runs"));
    QCOMPARE(listed.count(), 1);
    QVERIFY(find<QPushButton>(panel, "runsEmptyStart")->isVisible());
    panel.showRuns(QStringLiteral("/data/runs"), sampleRuns("/data/runs"));
    const QAbstractItemModel* model = find<QListView>(panel, "runsView")->model();
    QCOMPARE(model->rowCount(), 5);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("samba-evening"));
    find<QComboBox>(panel, "runsOrder")->setCurrentIndex(1);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("samba-tiny"));
    QCOMPARE(model->index(4, 0).data().toString(), QStringLiteral("samba-lr-too-high"));
    find<QComboBox>(panel, "runsOrder")->setCurrentIndex(2);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("mamba-baseline"));
    find<QToolButton>(panel, "runsRefresh")->click();
    QCOMPARE(listed.count(), 2);
    prompts.folder = QStringLiteral("/elsewhere");
    find<QToolButton>(panel, "runsChooseFolder")->click();
    QCOMPARE(panel.folder(), QStringLiteral("/elsewhere"));
    QCOMPARE(listed.count(), 3);
}

void PanelsTest::runsActOnTheSelection()
{
    ScriptedPrompts prompts;
    RunsPanel panel(prompts);
    panel.show();
    panel.setFolder(QStringLiteral("/data/runs"));
    panel.showRuns(QStringLiteral("/data/runs"), sampleRuns("/data/runs"));
    auto* view = find<QListView>(panel, "runsView");
    auto* open = find<QPushButton>(panel, "runsOpen");
    auto* resume = find<QPushButton>(panel, "runsResume");
    auto* load = find<QPushButton>(panel, "runsLoadModel");
    QVERIFY(!open->isEnabled());

    view->setCurrentIndex(view->model()->index(2, 0)); // stopped
    QVERIFY(open->isEnabled() && resume->isEnabled() && load->isEnabled());
    const QString path = QStringLiteral("/data/runs/mamba-baseline");
    QCOMPARE(panel.selectedRun(), path);
    const QSignalSpy opened(&panel, &RunsPanel::openRequested);
    const QSignalSpy commands(&panel, &RunsPanel::commandRequested);
    const QSignalSpy manager(&panel, &RunsPanel::showInFileManagerRequested);
    const QSignalSpy exported(&panel, &RunsPanel::exportRequested);
    open->click();
    QCOMPARE(opened.front().front().toString(), path);
    resume->click();
    load->click();
    QCOMPARE(
        std::get<samba::ResumeTraining>(commands.at(0).front().value<samba::CommandBody>()).runDir,
        path.toStdString());
    QCOMPARE(std::get<samba::LoadModel>(commands.at(1).front().value<samba::CommandBody>()).source,
             path.toStdString());
    find<QAction>(panel, "runsShowInFileManager")->trigger();
    QCOMPARE(manager.count(), 1);
    find<QAction>(panel, "runsExportCsv")->trigger();
    QCOMPARE(exported.count(), 0); // the person gave no file
    prompts.fileToSave = QStringLiteral("/tmp/out.json");
    find<QAction>(panel, "runsExportJson")->trigger();
    QCOMPARE(exported.count(), 1);
    QCOMPARE(exported.front().at(1).toString(), QStringLiteral("/tmp/out.json"));

    panel.setBusy(true);
    QVERIFY(open->isEnabled() && !resume->isEnabled() && !load->isEnabled());
    panel.setBusy(false);
    view->setCurrentIndex(view->model()->index(0, 0)); // running, perhaps elsewhere
    QVERIFY(!resume->isEnabled());
    view->setCurrentIndex(view->model()->index(1, 0)); // finished
    QVERIFY(!resume->isEnabled());
    // A refresh keeps the selection.
    panel.showRuns(QStringLiteral("/data/runs"), sampleRuns("/data/runs"));
    QCOMPARE(panel.selectedRun(), QStringLiteral("/data/runs/samba-tiny"));
}

void PanelsTest::importedRunsAreReadOnly()
{
    ScriptedPrompts prompts;
    RunsPanel panel(prompts);
    panel.show();
    panel.setFolder(QStringLiteral("/data/runs"));
    panel.showRuns(QStringLiteral("/data/runs"), {sampleImportedRun("/data/runs/other").summary});
    auto* view = find<QListView>(panel, "runsView");
    view->setCurrentIndex(view->model()->index(0, 0));
    QVERIFY(find<QPushButton>(panel, "runsOpen")->isEnabled());
    QVERIFY(find<QPushButton>(panel, "runsMore")->isEnabled()); // its metrics can be exported
    QVERIFY(!find<QPushButton>(panel, "runsResume")->isEnabled());
    QVERIFY(!find<QPushButton>(panel, "runsLoadModel")->isEnabled());
    const QString description =
        view->model()->index(0, 0).data(Qt::AccessibleDescriptionRole).toString();
    QVERIFY2(description.startsWith(QStringLiteral("imported, loss 2.4")), qPrintable(description));
    QVERIFY2(!description.contains(u'/'), qPrintable(description)); // the end is not known
}

void PanelsTest::runsIgnoreAnswersOfOtherFolders()
{
    ScriptedPrompts prompts;
    RunsPanel panel(prompts);
    panel.setFolder(QStringLiteral("/new"));
    panel.showRuns(QStringLiteral("/old"), sampleRuns("/old"));
    QCOMPARE(find<QListView>(panel, "runsView")->model()->rowCount(), 0);
}

void PanelsTest::logFiltersAndSearches()
{
    LogPanel panel;
    panel.show();
    const std::vector<samba::LogMessage> lines = {
        line(samba::LogLevel::Debug, "detail"), line(samba::LogLevel::Info, "Wrote a checkpoint"),
        line(samba::LogLevel::Warning, "Slow disk"), line(samba::LogLevel::Error, "Disk full")};
    panel.append(lines);
    const QAbstractItemModel* model = find<QListView>(panel, "logView")->model();
    QCOMPARE(model->rowCount(), 3);
    auto* level = find<QComboBox>(panel, "logLevel");
    level->setCurrentIndex(0);
    QCOMPARE(model->rowCount(), 4);
    level->setCurrentIndex(2);
    QCOMPARE(model->rowCount(), 2);
    find<QLineEdit>(panel, "logSearch")->setText(QStringLiteral("FULL"));
    QCOMPARE(model->rowCount(), 1);
    find<QToolButton>(panel, "logClear")->click();
    QCOMPARE(model->rowCount(), 0);
}

void PanelsTest::logCopies()
{
    LogPanel panel;
    const std::vector<samba::LogMessage> lines = {line(samba::LogLevel::Info, "first"),
                                                  line(samba::LogLevel::Error, "second")};
    panel.append(lines);
    find<QToolButton>(panel, "logCopy")->click();
    const QStringList copied = QGuiApplication::clipboard()->text().split(u'\n');
    QCOMPARE(copied.size(), 2);
    QVERIFY(copied[1].contains(QStringLiteral("error")) &&
            copied[1].endsWith(QStringLiteral("second")));
}

void PanelsTest::logKeepsTheNewestLines()
{
    LogPanel panel;
    std::vector<samba::LogMessage> lines;
    for (int number = 0; number < 30'000; ++number)
        lines.push_back(line(samba::LogLevel::Info, std::to_string(number)));
    panel.append(std::span(lines).first(15'000));
    panel.append(std::span(lines).subspan(15'000));
    const QAbstractItemModel* model = find<QListView>(panel, "logView")->model();
    QCOMPARE(model->rowCount(), 20'000);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("10000"));
    QCOMPARE(model->index(19'999, 0).data().toString(), QStringLiteral("29999"));
}

void PanelsTest::messagesDoNotPileUp()
{
    QWidget window;
    MessageBar bar(&window);
    window.show();
    QVERIFY(!bar.isVisible());
    bar.showMessage(MessageBar::Kind::Error, QStringLiteral("One."), QStringLiteral("Mend it."));
    QVERIFY(bar.isVisible());
    bar.showMessage(MessageBar::Kind::Error, QStringLiteral("Two."), {});
    QCOMPARE(bar.sentence(), QStringLiteral("Two."));
    QVERIFY(find<QPushButton>(bar, "messageBarLog")->text().contains(u'1'));
    QVERIFY(!find<QLabel>(bar, "messageBarRemedy")->isVisible());
    const QSignalSpy log(&bar, &MessageBar::logRequested);
    find<QPushButton>(bar, "messageBarLog")->click();
    QCOMPARE(log.count(), 1);
    find<QToolButton>(bar, "messageBarDismiss")->click();
    QVERIFY(!bar.isVisible());
}

QTEST_MAIN(PanelsTest)
#include "tst_panels.moc"
