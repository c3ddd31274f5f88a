// The whole window without an engine: commands are caught, events are fed.

#include "tests/support/sample_events.h"
#include "tests/support/scripted_prompts.h"
#include "ui/chat_turn.h"
#include "ui/main_window.h"
#include "ui/theme.h"
#include "ui/widgets/code_editor.h"
#include "ui/widgets/dock_title_bar.h"
#include "ui/widgets/gui_latency.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/number_tile.h"

#include <QAction>
#include <QDialog>
#include <QDockWidget>
#include <QLabel>
#include <QListView>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

using namespace samba::testing;
using namespace samba::ui;

namespace {

const QStringList kDocks = {QStringLiteral("model"),    QStringLiteral("runs"),
                            QStringLiteral("training"), QStringLiteral("plots"),
                            QStringLiteral("heatmap"),  QStringLiteral("config"),
                            QStringLiteral("chat"),     QStringLiteral("log")};

} // namespace

class MainWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void hasEveryPanel();
    void everyEmptyViewOffersAWayOn();
    void actionsSendCommands_data();
    void actionsSendCommands();
    void everyActionCanBeReached();
    void shortcutsAreNotShared();
    void everyButtonHasAName();
    void startsTheEditorsText();
    void startsInAFixedFolder();
    void showsWhyItCannotStart();
    void showsTheModel();
    void showsErrorsWithARemedy();
    void failedGenerationEndsItsTurn();
    void escapeStopsTheGeneration();
    void loadsAndRemembersModels();
    void storedRunIsNotMixedWithTheLiveOne();
    void ignoresALateRun();
    void resumedRunContinuesItsCurves();
    void closingWhileTraining_data();
    void closingWhileTraining();
    void closingWithUnsavedText();
    void remembersTheLayout();
    void resetsTheLayout();
    void switchesTheTheme();
    void helpListsShortcuts();
    void takesAFloodOfEvents();

private:
    template <typename Widget>
    Widget* find(const char* name)
    {
        return m_window->findChild<Widget*>(QLatin1String(name));
    }
    QDockWidget* dock(const QString& name)
    {
        return m_window->findChild<QDockWidget*>(QStringLiteral("dock_") + name);
    }
    void makeWindow()
    {
        m_commands.clear();
        m_window = std::make_unique<MainWindow>(m_prompts, *m_settings);
        connect(m_window.get(), &MainWindow::commandRequested, this,
                [this](const samba::CommandBody& command) { m_commands.push_back(command); });
        m_window->show();
    }
    template <typename... Events>
    void feed(const Events&... events)
    {
        samba::EventBatch batch;
        (batch.events.push_back(events), ...);
        m_window->applyBatch(batch);
    }
    void beginRun()
    {
        feed(samba::StateChanged{samba::EngineState::Training, ""},
             sampleRunStarted("/data/runs/evening", 100));
    }
    void endRun()
    {
        feed(samba::StateChanged{samba::EngineState::Idle, ""},
             samba::RunFinished{"/data/runs/evening", samba::RunOutcome::Stopped, 40, 2.0});
    }

    ScriptedPrompts m_prompts;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    std::vector<samba::CommandBody> m_commands;
};

void MainWindowTest::initTestCase()
{
    ThemeController::instance().apply(ThemeChoice::Light);
}

void MainWindowTest::init()
{
    m_prompts = {};
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("window.ini")),
                                             QSettings::IniFormat);
    makeWindow();
}

void MainWindowTest::cleanup()
{
    m_window.reset();
}

void MainWindowTest::hasEveryPanel()
{
    for (const QString& name : kDocks) {
        QVERIFY2(dock(name) != nullptr, qPrintable(name));
        m_window->raisePanel(name);
        QTRY_VERIFY2(!dock(name)->visibleRegion().isEmpty(), qPrintable(name));
        // Tabs say the name; only docks on their own have a title bar.
        const bool isAlone = name == QLatin1String("training") || name == QLatin1String("chat");
        const auto* title = static_cast<DockTitleBar*>(dock(name)->titleBarWidget());
        QTRY_COMPARE(title->isFolded(), !isAlone);
    }
}

void MainWindowTest::everyEmptyViewOffersAWayOn()
{
    for (const char* button :
         {"modelOpenBuiltin", "trainingEmptyStart", "chatOpenModel", "runsEmptyStart"})
        QVERIFY2(find<QPushButton>(button) != nullptr, button);
    find<QPushButton>("chatOpenModel")->click();
    QCOMPARE(std::get<samba::LoadModel>(m_commands.front()).source, std::string("builtin"));
    find<QPushButton>("trainingEmptyStart")->click();
    QVERIFY(std::holds_alternative<samba::StartTraining>(m_commands.back()));
}

void MainWindowTest::actionsSendCommands_data()
{
    QTest::addColumn<QByteArray>("action");
    QTest::addColumn<size_t>("command");
    QTest::addColumn<int>("state");
    const auto row = [](const char* action, const samba::CommandBody& command,
                        samba::EngineState state = samba::EngineState::Idle) {
        QTest::newRow(action) << QByteArray(action) << command.index() << static_cast<int>(state);
    };
    row("actionOpenBuiltin", samba::LoadModel{});
    row("actionNewModel", samba::NewModel{});
    row("actionStart", samba::StartTraining{});
    row("actionPause", samba::PauseTraining{}, samba::EngineState::Training);
    row("actionStop", samba::StopTraining{}, samba::EngineState::Training);
    row("actionCheckpoint", samba::CheckpointNow{}, samba::EngineState::Training);
}

void MainWindowTest::actionsSendCommands()
{
    QFETCH(QByteArray, action);
    QFETCH(size_t, command);
    QFETCH(int, state);
    if (static_cast<samba::EngineState>(state) == samba::EngineState::Training)
        beginRun();
    m_commands.clear();
    find<QAction>(action.constData())->trigger();
    QCOMPARE(m_commands.size(), size_t{1});
    QCOMPARE(m_commands.front().index(), command);
}

void MainWindowTest::everyActionCanBeReached()
{
    const auto* bar = find<QMenuBar>("menuBar");
    QVERIFY(bar->actions().size() >= 6);
    for (const QAction* menu : bar->actions()) {
        QVERIFY2(menu->text().contains(u'&'), qPrintable(menu->text()));
        QVERIFY(!menu->menu()->actions().isEmpty());
    }
}

void MainWindowTest::shortcutsAreNotShared()
{
    QHash<QString, QString> owners;
    for (const QAction* action : m_window->actions()) {
        for (const QKeySequence& key : action->shortcuts()) {
            const QString text = key.toString();
            QVERIFY2(!owners.contains(text),
                     qPrintable(text + u' ' + owners.value(text) + u' ' + action->text()));
            owners.insert(text, action->text());
        }
    }
    for (const char* key : {"F1", "F5", "Esc", "Ctrl+Return", "Ctrl+S", "Ctrl+O", "Ctrl+Q"})
        QVERIFY2(owners.contains(QLatin1String(key)), key);
}

void MainWindowTest::everyButtonHasAName()
{
    for (const QAbstractButton* button : m_window->findChildren<QAbstractButton*>()) {
        const bool isQtsOwn =
            button->objectName().startsWith(QLatin1String("qt_")) ||
            button->metaObject()->className() == QByteArray("QLineEditIconButton");
        if (isQtsOwn || button->inherits("QMenuBarExtension"))
            continue;
        QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(),
                 qPrintable(QString::fromLatin1(button->metaObject()->className()) + u' ' +
                            button->objectName()));
    }
}

void MainWindowTest::startsTheEditorsText()
{
    QVERIFY(m_window->openConfig(QStringLiteral(SAMBA_SOURCE_DIR "/configs/tiny_cpu.yaml")));
    QVERIFY(m_window->windowTitle().contains(QStringLiteral("tiny_cpu.yaml")));
    m_window->startTraining();
    const auto& start = std::get<samba::StartTraining>(m_commands.back());
    QCOMPARE(QString::fromStdString(start.configText),
             find<CodeEditor>("configText")->toPlainText());
    QCOMPARE(start.configName, std::string("tiny_cpu.yaml"));
    QVERIFY(start.outputDir.empty());
}

void MainWindowTest::startsInAFixedFolder()
{
    m_window->setOutputFolder(m_folder->path(), true);
    m_window->startTraining();
    const auto& start = std::get<samba::StartTraining>(m_commands.back());
    QVERIFY(QString::fromStdString(start.outputDir).startsWith(m_folder->path()));
}

void MainWindowTest::showsWhyItCannotStart()
{
    find<CodeEditor>("configText")->replaceText(QStringLiteral("model:\n  n_layers: no\n"));
    QTRY_VERIFY(!find<QPushButton>("trainingEmptyStart")->isEnabled());
    m_commands.clear();
    m_window->startTraining();
    QVERIFY(m_commands.empty());
    QTRY_VERIFY(!dock(QStringLiteral("config"))->visibleRegion().isEmpty());
}

void MainWindowTest::showsTheModel()
{
    feed(samba::StateChanged{samba::EngineState::Loading, "Reading weights"});
    QCOMPARE(find<QLabel>("headerState")->text(), QStringLiteral("loading"));
    QVERIFY(find<QLabel>("statusState")->text().contains(QStringLiteral("Reading weights")));
    feed(samba::ModelLoaded{sampleModel(), {}}, samba::StateChanged{samba::EngineState::Idle, ""});
    QCOMPARE(find<QLabel>("headerModel")->text(), QStringLiteral("samba-tiny"));
    QCOMPARE(find<QLabel>("statusDevice")->text(), QStringLiteral("CPU"));
    m_window->setMemory(512.0 * 1024 * 1024);
    QCOMPARE(find<QLabel>("statusMemory")->text(), QStringLiteral("512 MiB"));
}

void MainWindowTest::showsErrorsWithARemedy()
{
    feed(samba::ErrorRaised{3, samba::ErrorKind::File, "The folder is gone.", "Choose another."});
    const auto* bar = find<MessageBar>("messageBar");
    QVERIFY(bar->isVisible());
    QCOMPARE(bar->sentence(), QStringLiteral("The folder is gone."));
    QCOMPARE(bar->remedy(), QStringLiteral("Choose another."));
    const QAbstractItemModel* log = find<QListView>("logView")->model();
    QCOMPARE(log->index(log->rowCount() - 1, 0).data().toString(),
             QStringLiteral("The folder is gone. Choose another."));
    find<QPushButton>("messageBarLog")->click();
    QTRY_VERIFY(!dock(QStringLiteral("log"))->visibleRegion().isEmpty());
}

void MainWindowTest::failedGenerationEndsItsTurn()
{
    feed(samba::ModelLoaded{sampleModel(), {}});
    find<QPlainTextEdit>("chatPrompt")->setPlainText(QStringLiteral("A fox"));
    find<QAction>("actionGenerate")->trigger();
    m_window->noteCommand(9, m_commands.back());
    feed(samba::ErrorRaised{9, samba::ErrorKind::InvalidArgument, "Too long.", ""});
    QVERIFY(find<QPushButton>("chatGenerate")->isVisible());
    // A refused command says so.
    find<QAction>("actionGenerate")->trigger();
    m_window->noteCommand(0, m_commands.back());
    QVERIFY(find<QPushButton>("chatGenerate")->isVisible());
    QVERIFY(find<MessageBar>("messageBar")->isVisible());
}

void MainWindowTest::escapeStopsTheGeneration()
{
    auto* stop = find<QAction>("actionStopGeneration");
    QVERIFY(!stop->isEnabled());
    feed(samba::ModelLoaded{sampleModel(), {}});
    find<QPlainTextEdit>("chatPrompt")->setPlainText(QStringLiteral("A fox"));
    find<QPushButton>("chatGenerate")->click();
    m_window->noteCommand(9, m_commands.back());
    QCOMPARE(stop->shortcut(), QKeySequence(Qt::Key_Escape));
    QVERIFY(stop->isEnabled());
    stop->trigger();
    QVERIFY(std::holds_alternative<samba::CancelGeneration>(m_commands.back()));
    feed(samba::GenerationText{9, " ran", 1},
         samba::GenerationFinished{9, samba::GenerationEnd::Cancelled, 2, 1, 3, 50, 1, false, {}});
    QVERIFY(!stop->isEnabled());
    QCOMPARE(m_window->findChildren<ChatTurn*>().back()->generated(), QStringLiteral(" ran"));
}

void MainWindowTest::loadsAndRemembersModels()
{
    m_prompts.folder = QStringLiteral("/data/models/mamba-130m");
    find<QAction>("actionOpenModelFolder")->trigger();
    QCOMPARE(std::get<samba::LoadModel>(m_commands.back()).source,
             std::string("/data/models/mamba-130m"));
    m_window->noteCommand(1, m_commands.back());
    feed(samba::ModelLoaded{sampleModel(), {}});
    QVERIFY(m_window->close());
    makeWindow();
    const QMenu* menu = find<QMenu>("modelOpenMenu");
    QCOMPARE(menu->actions().back()->text(), QStringLiteral("mamba-130m"));
}

void MainWindowTest::storedRunIsNotMixedWithTheLiveOne()
{
    QSignalSpy requested(m_window.get(), &MainWindow::runRequested);
    beginRun();
    m_window->openRun(QStringLiteral("/data/runs/stored"));
    m_window->showRun(sampleHistory("/data/runs/stored", 400));
    auto* live = find<QAction>("actionShowLive");
    QVERIFY(live->isEnabled());
    // The live run's numbers go to its own panel, not into the stored curves.
    samba::EventBatch batch;
    batch.metrics = sampleSteps(5, 100);
    m_window->applyBatch(batch);
    QVERIFY(find<NumberTile>("trainingMainLoss")->value() != QStringLiteral("–"));
    requested.clear();
    live->trigger();
    QCOMPARE(requested.front().front().toString(), QStringLiteral("/data/runs/evening"));
    m_window->showRun(sampleHistory("/data/runs/evening", 5));
    QVERIFY(!live->isEnabled());
}

void MainWindowTest::ignoresALateRun()
{
    m_window->openRun(QStringLiteral("/data/runs/first"));
    m_window->openRun(QStringLiteral("/data/runs/second"));
    m_window->showRun(sampleHistory("/data/runs/first", 400));
    QVERIFY(find<QLabel>("trainingRunName")->text().isEmpty());
    m_window->showRun(sampleHistory("/data/runs/second", 400));
    QCOMPARE(find<QLabel>("trainingRunName")->text(), QStringLiteral("second"));
}

void MainWindowTest::resumedRunContinuesItsCurves()
{
    const QSignalSpy requested(m_window.get(), &MainWindow::runRequested);
    samba::RunStarted started = sampleRunStarted("/data/runs/evening", 100);
    started.isResumed = true;
    started.firstStep = 40;
    feed(started);
    QCOMPARE(requested.count(), 1);
    QCOMPARE(find<QLabel>("trainingRunName")->text(), QStringLiteral("evening"));
    QCOMPARE(find<QLabel>("trainingSteps")->text(), QStringLiteral("40 / 100 steps"));
}

void MainWindowTest::closingWhileTraining_data()
{
    QTest::addColumn<bool>("stops");
    QTest::newRow("cancel") << false;
    QTest::newRow("stop and close") << true;
}

void MainWindowTest::closingWhileTraining()
{
    QFETCH(bool, stops);
    beginRun();
    m_commands.clear();
    m_prompts.trainingAnswer =
        stops ? UserPrompts::TrainingAnswer::StopAndClose : UserPrompts::TrainingAnswer::Cancel;
    QVERIFY(!m_window->close());
    QCOMPARE(m_prompts.asked, QStringList{QStringLiteral("training")});
    QCOMPARE(m_commands.size(), size_t{stops ? 1U : 0U});
    QVERIFY(m_window->isVisible());
    // Asked once: a second attempt while the run is ending waits for its end.
    QVERIFY(!m_window->close());
    QCOMPARE(m_prompts.asked.size(), stops ? 1 : 2);
    endRun();
    QCOMPARE(m_window->isVisible(), !stops);
}

void MainWindowTest::closingWithUnsavedText()
{
    find<CodeEditor>("configText")->replaceText(QStringLiteral("model:\n  d_model: 32\n"));
    QVERIFY(m_window->isWindowModified());
    m_prompts.unsavedAnswer = UserPrompts::UnsavedAnswer::Cancel;
    QVERIFY(!m_window->close());
    m_prompts.unsavedAnswer = UserPrompts::UnsavedAnswer::Discard;
    QVERIFY(m_window->close());
}

void MainWindowTest::remembersTheLayout()
{
    QTest::qWait(0);
    dock(QStringLiteral("chat"))->close();
    m_window->raisePanel(QStringLiteral("heatmap"));
    m_window->resize(1100, 700);
    QVERIFY(m_window->close());
    makeWindow();
    QVERIFY(dock(QStringLiteral("chat"))->isHidden());
    QCOMPARE(m_window->size(), QSize(1100, 700));
    QTRY_VERIFY(!dock(QStringLiteral("heatmap"))->visibleRegion().isEmpty());
    QVERIFY(dock(QStringLiteral("plots"))->visibleRegion().isEmpty());
    m_window->raisePanel(QStringLiteral("chat"));
    QVERIFY(dock(QStringLiteral("chat"))->isVisible());
}

void MainWindowTest::resetsTheLayout()
{
    dock(QStringLiteral("training"))->setFloating(true);
    dock(QStringLiteral("model"))->close();
    find<QAction>("actionResetLayout")->trigger();
    for (const QString& name : kDocks) {
        QVERIFY2(!dock(name)->isFloating(), qPrintable(name));
        QVERIFY2(!dock(name)->isHidden(), qPrintable(name));
    }
    QTRY_VERIFY(!dock(QStringLiteral("model"))->visibleRegion().isEmpty());
}

void MainWindowTest::switchesTheTheme()
{
    QVERIFY(!Theme::current().isDark);
    find<QToolButton>("headerTheme")->click();
    QVERIFY(Theme::current().isDark);
    QCOMPARE(m_settings->value(QStringLiteral("window/theme")).toString(), QStringLiteral("dark"));
    QVERIFY(find<QAction>("actionThemeDark")->isChecked());
    find<QAction>("actionThemeLight")->trigger();
    QVERIFY(!Theme::current().isDark);
}

void MainWindowTest::helpListsShortcuts()
{
    find<QAction>("actionShortcuts")->trigger();
    auto* dialog = find<QDialog>("shortcutsDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    QStringList texts;
    for (const QLabel* label : dialog->findChildren<QLabel*>())
        texts.append(label->text());
    QVERIFY(texts.contains(QStringLiteral("F5")));
    QVERIFY(texts.contains(QStringLiteral("Start training")));
    dialog->close();
}

void MainWindowTest::takesAFloodOfEvents()
{
    beginRun();
    GuiLatency latency;
    latency.start();
    samba::EventBatch lines;
    for (int line = 0; line < 10'000; ++line)
        lines.events.push_back(
            samba::LogMessage{samba::LogLevel::Info, 1.7e9, "line " + std::to_string(line)});
    m_window->applyBatch(lines);
    QTest::qWait(50);
    const std::vector<samba::StepMetrics> steps = sampleSteps(100'000, 100'000);
    latency.start();
    for (size_t first = 0; first < steps.size(); first += 10'000) {
        samba::EventBatch batch;
        batch.metrics.assign(steps.begin() + static_cast<std::ptrdiff_t>(first),
                             steps.begin() + static_cast<std::ptrdiff_t>(first + 10'000));
        m_window->applyBatch(batch);
        QTest::qWait(0);
    }
    latency.stop();
    qInfo("longest block of the GUI thread: %.1f ms (%.1f ms of its own work)",
          latency.longestBlockMs(), latency.longestWorkMs());
    QCOMPARE(find<QListView>("logView")->model()->rowCount(), 10'000);
    QVERIFY(find<NumberTile>("trainingMainLoss")->value() != QStringLiteral("–"));
    QVERIFY(latency.longestBlockMs() > 0);
}

QTEST_MAIN(MainWindowTest)
#include "tst_main_window.moc"
