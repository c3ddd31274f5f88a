#include "ui/main_window.h"

#include "ui/chat_panel.h"
#include "ui/config_panel.h"
#include "ui/dump_dialog.h"
#include "ui/engine_status_bar.h"
#include "ui/export_dialog.h"
#include "ui/format.h"
#include "ui/header_bar.h"
#include "ui/heatmap_panel.h"
#include "ui/icons.h"
#include "ui/log_panel.h"
#include "ui/main_window_actions.h"
#include "ui/model_panel.h"
#include "ui/plots_panel.h"
#include "ui/pretrained_picker.h"
#include "ui/shortcuts_dialog.h"
#include "ui/theme.h"
#include "ui/training_panel.h"
#include "ui/user_prompts.h"
#include "ui/widgets/message_bar.h"
#include "ui/window_docks.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDateTime>
#include <QDir>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QVBoxLayout>

namespace samba::ui {

namespace {

constexpr int kMaxRecent = 6;
constexpr QSize kFirstSize{1280, 800};
constexpr QSize kSmallestSize{960, 600};
/// Changes when docks come or go, so that a layout of another set is not restored.
constexpr int kLayoutVersion = 1;

/// Shows a dialog that is not modal: what it does takes its time.
void bringUp(QDialog& dialog)
{
    dialog.show();
    dialog.raise();
    dialog.activateWindow();
}

} // namespace

MainWindow::MainWindow(UserPrompts& prompts, QSettings& settings, QWidget* parent)
    : QMainWindow(parent),
      m_prompts(prompts),
      m_settings(settings),
      m_docks(new WindowDocks(*this)),
      m_header(new HeaderBar),
      m_messages(new MessageBar),
      m_status(new EngineStatusBar),
      m_model(new ModelPanel),
      m_config(new ConfigPanel(prompts)),
      m_training(new TrainingPanel),
      m_plots(new PlotsPanel),
      m_heatmap(new HeatmapPanel),
      m_chat(new ChatPanel),
      m_runs(new RunsPanel(prompts)),
      m_log(new LogPanel),
      m_picker(new PretrainedPicker(this)),
      m_exporter(new ExportDialog(prompts, this)),
      m_dumper(new DumpDialog(prompts, this)),
      m_actions(std::make_unique<Actions>())
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(themedIcon(QStringLiteral("samba-workbench")));
    setMinimumSize(kSmallestSize);
    resize(kFirstSize);
    buildPanels();
    buildMenus();
    connectPanels();
    restoreChoices();
    updateTitle();
    updateActions();
    m_chat->setFocus();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildPanels()
{
    auto* top = new QWidget;
    top->setObjectName(QStringLiteral("windowTop"));
    auto* topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    topLayout->setSpacing(0);
    topLayout->addWidget(m_header);
    auto* messageRow = new QHBoxLayout;
    messageRow->setContentsMargins(8, 0, 8, 0);
    messageRow->addWidget(m_messages);
    topLayout->addLayout(messageRow);
    setMenuWidget(top);
    setStatusBar(m_status);
    setContentsMargins(8, 0, 8, 0);

    m_docks->add(QStringLiteral("model"), tr("Model"), m_model);
    m_docks->add(QStringLiteral("runs"), tr("Runs"), m_runs);
    m_docks->add(QStringLiteral("training"), tr("Training"), m_training);
    m_docks->add(QStringLiteral("plots"), tr("Plots"), m_plots);
    m_docks->add(QStringLiteral("heatmap"), tr("Heatmap"), m_heatmap);
    m_docks->add(QStringLiteral("config"), tr("Config"), m_config);
    m_docks->add(QStringLiteral("chat"), tr("Chat"), m_chat);
    m_docks->add(QStringLiteral("log"), tr("Log"), m_log);
    m_docks->arrange();
}

void MainWindow::connectPanels()
{
    connect(m_messages, &MessageBar::logRequested, this,
            [this] { raisePanel(QStringLiteral("log")); });
    connect(m_header, &HeaderBar::themeToggled, this, [this] {
        (Theme::current().isDark ? m_actions->themeLight : m_actions->themeDark)->trigger();
    });
    connect(m_header, &HeaderBar::helpRequested, m_actions->shortcuts, &QAction::trigger);

    connect(m_model, &ModelPanel::commandRequested, this, &MainWindow::commandRequested);
    connect(m_model, &ModelPanel::chooseRunRequested, this, &MainWindow::chooseRunToLoad);
    connect(m_model, &ModelPanel::choosePretrainedRequested, m_picker,
            [this] { bringUp(*m_picker); });
    connect(m_picker, &PretrainedPicker::commandRequested, this, &MainWindow::commandRequested);
    connect(m_picker, &PretrainedPicker::chooseFolderRequested, this,
            &MainWindow::chooseModelFolder);
    for (ModelTaskDialog* dialog :
         {static_cast<ModelTaskDialog*>(m_exporter), static_cast<ModelTaskDialog*>(m_dumper)}) {
        connect(dialog, &ModelTaskDialog::commandRequested, this, &MainWindow::commandRequested);
        connect(dialog, &ModelTaskDialog::showInFileManagerRequested, this,
                &MainWindow::showInFileManagerRequested);
    }
    connect(m_model, &ModelPanel::exportRequested, m_actions->exportModel, &QAction::trigger);
    connect(m_model, &ModelPanel::dumpRequested, m_actions->dumpTensors, &QAction::trigger);
    connect(m_actions->exportModel, &QAction::triggered, this, [this] { bringUp(*m_exporter); });
    connect(m_actions->dumpTensors, &QAction::triggered, this, [this] { bringUp(*m_dumper); });
    connect(m_model, &ModelPanel::chooseFolderRequested, this, &MainWindow::chooseModelFolder);
    connect(m_model, &ModelPanel::newFromConfigRequested, m_actions->modelNew, &QAction::trigger);

    connect(m_config, &ConfigPanel::startTrainingRequested, this, &MainWindow::requestStart);
    connect(m_config, &ConfigPanel::batchRequested, this,
            [this](const QString& text, const QString& name) {
                Q_EMIT commandRequested(samba::DescribeData{.configText = text.toStdString(),
                                                            .configName = name.toStdString(),
                                                            .wantsBatch = true});
            });
    connect(m_config, &ConfigPanel::failed, this, &MainWindow::showProblem);
    connect(m_config, &ConfigPanel::stateChanged, this, [this] {
        m_training->setStartable(m_config->displayName(), m_config->startProblem());
        updateTitle();
        updateActions();
    });

    connect(m_training, &TrainingPanel::commandRequested, this, &MainWindow::commandRequested);
    connect(m_training, &TrainingPanel::startRequested, this, &MainWindow::startTraining);
    connect(m_training, &TrainingPanel::editConfigRequested, this,
            [this] { raisePanel(QStringLiteral("config")); });
    m_training->setStartable(m_config->displayName(), m_config->startProblem());

    connect(m_plots, &PlotsPanel::openRunRequested, this,
            [this] { raisePanel(QStringLiteral("runs")); });
    connect(m_plots, &PlotsPanel::startTrainingRequested, this, &MainWindow::startTraining);
    connect(m_plots, &PlotsPanel::messageRaised, this, &MainWindow::showProblem);
    connect(m_heatmap, &HeatmapPanel::inspectTextRequested, this, [this](const QString& text) {
        Q_EMIT commandRequested(samba::InspectText{text.toStdString()});
    });
    connect(m_heatmap, &HeatmapPanel::watchActivationsChanged, this,
            [this](bool isWanted) { Q_EMIT commandRequested(samba::WatchActivations{isWanted}); });
    connect(m_chat, &ChatPanel::commandRequested, this, &MainWindow::commandRequested);
    connect(m_chat, &ChatPanel::openModelRequested, this,
            [this] { loadModel(QStringLiteral("builtin")); });

    connect(m_runs, &RunsPanel::listRequested, this, &MainWindow::runListRequested);
    connect(m_runs, &RunsPanel::openRequested, this, &MainWindow::openRun);
    connect(m_runs, &RunsPanel::commandRequested, this, &MainWindow::commandRequested);
    connect(m_runs, &RunsPanel::startTrainingRequested, this, &MainWindow::startTraining);
    connect(m_runs, &RunsPanel::exportRequested, this, &MainWindow::exportRequested);
    connect(m_runs, &RunsPanel::showInFileManagerRequested, this,
            &MainWindow::showInFileManagerRequested);
}

void MainWindow::setOutputFolder(const QString& folder, bool isFixed)
{
    m_isOutputFixed = isFixed;
    m_runs->setFolder(QDir(folder).absolutePath());
}

void MainWindow::setPresets(const QStringList& files)
{
    m_config->setPresets(files);
}

bool MainWindow::openConfig(const QString& file)
{
    return m_config->openFile(file);
}

void MainWindow::loadModel(const QString& source)
{
    Q_EMIT commandRequested(samba::LoadModel{source.toStdString()});
}

void MainWindow::chooseRunToLoad()
{
    const QString folder = m_prompts.chooseFolder(this, tr("Open a run's model"), m_runs->folder());
    if (!folder.isEmpty())
        loadModel(folder);
}

void MainWindow::chooseModelFolder()
{
    const QString folder =
        m_prompts.chooseFolder(this, tr("Open a model folder"), QDir::homePath());
    if (!folder.isEmpty())
        loadModel(folder);
}

void MainWindow::startTraining()
{
    if (!m_config->startProblem().isEmpty()) {
        raisePanel(QStringLiteral("config"));
        return;
    }
    m_config->start();
}

void MainWindow::requestStart(const QString& configText, const QString& configName)
{
    samba::StartTraining command{configText.toStdString(), configName.toStdString(), {}};
    if (m_isOutputFixed) {
        const QString name =
            QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
        command.outputDir = QDir(m_runs->folder()).filePath(name).toStdString();
    }
    Q_EMIT commandRequested(command);
}

void MainWindow::openRun(const QString& runDir)
{
    m_awaitedRunDir = runDir;
    if (m_isTraining && runDir == m_liveRunDir)
        m_plotsSource = PlotsSource::LiveAwaited;
    Q_EMIT runRequested(runDir);
}

void MainWindow::showLiveRun()
{
    if (!m_liveRunDir.isEmpty())
        openRun(m_liveRunDir);
}

void MainWindow::showRuns(const QString& folder, const std::vector<samba::RunSummary>& runs)
{
    m_runs->showRuns(folder, runs);
}

void MainWindow::showRun(const samba::RunHistory& run)
{
    // An answer to a question asked before the last one comes too late.
    if (toQString(run.summary.path.string()) != m_awaitedRunDir)
        return;
    m_awaitedRunDir.clear();
    m_plots->showRun(run);
    if (run.lastFrame)
        m_heatmap->showFrame(run.lastFrame);
    m_training->showRun(run);
    if (m_plotsSource == PlotsSource::LiveAwaited) {
        m_plotsSource = PlotsSource::Live;
        m_plots->appendMetrics(m_keptMetrics);
        for (const samba::ValidationMetrics& metrics : m_keptValidation)
            m_plots->appendValidation(metrics);
    } else {
        m_plotsSource = PlotsSource::Stored;
    }
    m_keptMetrics.clear();
    m_keptValidation.clear();
    raisePanel(QStringLiteral("plots"));
    updateActions();
}

void MainWindow::note(samba::LogLevel level, const QString& text)
{
    const samba::LogMessage message{
        level, static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000.0,
        text.toStdString()};
    m_log->append({&message, 1});
}

void MainWindow::showProblem(const QString& sentence, const QString& remedy)
{
    m_messages->showMessage(MessageBar::Kind::Error, sentence, remedy);
    m_picker->showProblem(sentence, remedy);
    const QString line = remedy.isEmpty() ? sentence : sentence + u' ' + remedy;
    note(samba::LogLevel::Error, line);
}

void MainWindow::showNotice(const QString& sentence)
{
    m_messages->showMessage(MessageBar::Kind::Info, sentence, {});
}

void MainWindow::setMemory(double bytes)
{
    m_status->setMemory(bytes);
}

void MainWindow::raisePanel(const QString& name)
{
    m_docks->raise(name);
}

void MainWindow::resetLayout()
{
    m_docks->arrange();
    m_docks->resizeToDefaults();
}

void MainWindow::setTraining(bool isTraining)
{
    m_isTraining = isTraining;
    m_pendingStart = 0;
    m_heatmap->setTraining(isTraining);
    updateBusy();
}

void MainWindow::updateBusy()
{
    // From the press of the button on: the engine would refuse a second run.
    m_config->setBlocked(m_isTraining          ? tr("A run is in progress; stop it first.")
                         : m_pendingStart != 0 ? tr("A run is being prepared.")
                                               : QString());
    m_runs->setBusy(m_isTraining || m_pendingStart != 0);
    updateActions();
}

void MainWindow::rememberModel(const QString& source)
{
    if (source.isEmpty() || source == QLatin1String("builtin"))
        return;
    m_recentModels.removeAll(source);
    m_recentModels.prepend(source);
    while (m_recentModels.size() > kMaxRecent)
        m_recentModels.removeLast();
    m_model->setRecent(m_recentModels);
    m_picker->setRecent(m_recentModels);
}

void MainWindow::updateTitle()
{
    setWindowTitle(tr("%1[*] – Samba Workbench").arg(m_config->displayName()));
    setWindowModified(m_config->isModified());
}

void MainWindow::restoreChoices()
{
    m_recentModels = m_settings.value(QStringLiteral("models/recent")).toStringList();
    m_model->setRecent(m_recentModels);
    m_picker->setRecent(m_recentModels);
    m_plots->restoreState(m_settings.value(QStringLiteral("panels/plots")).toMap());
    m_heatmap->restoreState(m_settings.value(QStringLiteral("panels/heatmap")).toMap());
    m_chat->restoreState(m_settings.value(QStringLiteral("panels/chat")).toMap());
    restoreGeometry(m_settings.value(QStringLiteral("window/geometry")).toByteArray());
    const QByteArray layout = m_settings.value(QStringLiteral("window/layout")).toByteArray();
    if (!restoreState(layout, kLayoutVersion))
        QMetaObject::invokeMethod(m_docks, &WindowDocks::resizeToDefaults, Qt::QueuedConnection);
}

void MainWindow::saveChoices()
{
    m_settings.setValue(QStringLiteral("models/recent"), m_recentModels);
    m_settings.setValue(QStringLiteral("panels/plots"), m_plots->saveState());
    m_settings.setValue(QStringLiteral("panels/heatmap"), m_heatmap->saveState());
    m_settings.setValue(QStringLiteral("panels/chat"), m_chat->saveState());
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("window/layout"), saveState(kLayoutVersion));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_isTraining) {
        event->ignore();
        if (m_isClosing ||
            m_prompts.askCloseWhileTraining(this) == UserPrompts::TrainingAnswer::Cancel)
            return;
        m_isClosing = true;
        Q_EMIT commandRequested(samba::StopTraining{});
        showNotice(
            tr("The run is being stopped; the window closes when its checkpoint is on disk."));
        return;
    }
    if (!m_config->confirmDiscard()) {
        event->ignore();
        return;
    }
    saveChoices();
    event->accept();
}

} // namespace samba::ui
