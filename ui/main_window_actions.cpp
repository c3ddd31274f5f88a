#include "ui/main_window_actions.h"

#include "ui/chat_panel.h"
#include "ui/config_panel.h"
#include "ui/header_bar.h"
#include "ui/icons.h"
#include "ui/shortcuts_dialog.h"
#include "ui/theme.h"
#include "ui/window_docks.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>

#include <functional>

namespace samba::ui {

namespace {

const QString kThemeKey = QStringLiteral("window/theme");

/// An action of a menu; its name is what tests and scripts find it by.
QAction* addMenuAction(QMenu& menu, const char* name, const char* icon, const QString& text,
                       const QKeySequence& shortcut = {})
{
    QAction* action = menu.addAction(text);
    action->setObjectName(QLatin1String(name));
    if (*icon != '\0')
        action->setIcon(themedIcon(QLatin1String(icon), IconTone::Muted));
    action->setShortcut(shortcut);
    return action;
}

} // namespace

void MainWindow::buildMenus()
{
    QMenuBar* bar = m_header->menuBar();

    QMenu& file = *bar->addMenu(tr("&File"));
    connect(
        addMenuAction(file, "actionNewConfig", "new", tr("&New configuration"), QKeySequence::New),
        &QAction::triggered, this, [this] {
            raisePanel(QStringLiteral("config"));
            m_config->newDocument();
        });
    connect(addMenuAction(file, "actionOpenConfig", "open", tr("&Open configuration…"),
                          QKeySequence::Open),
            &QAction::triggered, this, [this] {
                raisePanel(QStringLiteral("config"));
                m_config->open();
            });
    connect(
        addMenuAction(file, "actionSave", "save", tr("&Save configuration"), QKeySequence::Save),
        &QAction::triggered, m_config, &ConfigPanel::save);
    connect(addMenuAction(file, "actionSaveAs", "", tr("Save configuration &as…"),
                          QKeySequence(QKeySequence::SaveAs).isEmpty()
                              ? QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)
                              : QKeySequence(QKeySequence::SaveAs)),
            &QAction::triggered, m_config, &ConfigPanel::saveAs);
    connect(addMenuAction(file, "actionCopyCommand", "terminal", tr("&Copy as command line")),
            &QAction::triggered, m_config, &ConfigPanel::copyCommand);
    file.addSeparator();
    connect(addMenuAction(file, "actionQuit", "", tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q)),
            &QAction::triggered, this, &QWidget::close);

    QMenu& model = *bar->addMenu(tr("&Model"));
    connect(addMenuAction(model, "actionOpenBuiltin", "sparkle", tr("Open the &built-in example"),
                          QKeySequence(Qt::CTRL | Qt::Key_B)),
            &QAction::triggered, this, [this] { loadModel(QStringLiteral("builtin")); });
    connect(addMenuAction(model, "actionOpenRunModel", "runs", tr("Open a &run's model…"),
                          QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O)),
            &QAction::triggered, this, &MainWindow::chooseRunToLoad);
    connect(addMenuAction(model, "actionOpenModelFolder", "folder", tr("Open a model &folder…")),
            &QAction::triggered, this, &MainWindow::chooseModelFolder);
    m_actions->modelNew =
        addMenuAction(model, "actionNewModel", "new", tr("&New from configuration"),
                      QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N));
    connect(m_actions->modelNew, &QAction::triggered, this, [this] {
        if (m_config->document().isValid())
            Q_EMIT commandRequested(samba::NewModel{m_config->text().toStdString()});
        else
            raisePanel(QStringLiteral("config"));
    });

    model.addSeparator();
    m_actions->exportModel =
        addMenuAction(model, "actionExportModel", "export", tr("&Export the model…"),
                      QKeySequence(Qt::CTRL | Qt::Key_E));
    m_actions->dumpTensors = addMenuAction(model, "actionDumpTensors", "", tr("&Dump tensors…"));

    QMenu& run = *bar->addMenu(tr("&Run"));
    m_actions->start = addMenuAction(run, "actionStart", "play", tr("&Start training"), Qt::Key_F5);
    m_actions->pause = addMenuAction(run, "actionPause", "pause", tr("&Pause"), Qt::Key_F6);
    m_actions->stop =
        addMenuAction(run, "actionStop", "stop", tr("S&top"), QKeySequence(Qt::SHIFT | Qt::Key_F5));
    m_actions->checkpoint =
        addMenuAction(run, "actionCheckpoint", "flag", tr("&Checkpoint now"), Qt::Key_F7);
    run.addSeparator();
    m_actions->showLive = addMenuAction(run, "actionShowLive", "live", tr("Show the &live run"),
                                        QKeySequence(Qt::CTRL | Qt::Key_L));
    connect(addMenuAction(run, "actionRefreshRuns", "refresh", tr("&Refresh the list of runs"),
                          QKeySequence(Qt::CTRL | Qt::Key_R)),
            &QAction::triggered, m_runs, &RunsPanel::refresh);
    connect(addMenuAction(run, "actionChooseRuns", "folder", tr("Choose the output &folder…")),
            &QAction::triggered, m_runs, &RunsPanel::chooseFolder);
    connect(m_actions->start, &QAction::triggered, this, &MainWindow::startTraining);
    connect(m_actions->pause, &QAction::triggered, this, [this] {
        if (m_state == samba::EngineState::Paused)
            Q_EMIT commandRequested(samba::ContinueTraining{});
        else
            Q_EMIT commandRequested(samba::PauseTraining{});
    });
    connect(m_actions->stop, &QAction::triggered, this,
            [this] { Q_EMIT commandRequested(samba::StopTraining{}); });
    connect(m_actions->checkpoint, &QAction::triggered, this,
            [this] { Q_EMIT commandRequested(samba::CheckpointNow{}); });
    connect(m_actions->showLive, &QAction::triggered, this, &MainWindow::showLiveRun);

    QMenu& chat = *bar->addMenu(tr("&Chat"));
    m_actions->generate = addMenuAction(chat, "actionGenerate", "send", tr("&Generate"));
    m_actions->generate->setShortcuts(
        {QKeySequence(Qt::CTRL | Qt::Key_Return), QKeySequence(Qt::CTRL | Qt::Key_Enter)});
    m_actions->stopGeneration =
        addMenuAction(chat, "actionStopGeneration", "stop", tr("&Stop"), Qt::Key_Escape);
    connect(m_actions->generate, &QAction::triggered, m_chat, &ChatPanel::generate);
    connect(m_actions->stopGeneration, &QAction::triggered, m_chat, &ChatPanel::stop);
    connect(addMenuAction(chat, "actionRegenerate", "refresh", tr("Generate &again"),
                          QKeySequence(Qt::CTRL | Qt::Key_G)),
            &QAction::triggered, m_chat, &ChatPanel::regenerate);
    connect(addMenuAction(chat, "actionClearChat", "clear", tr("&Clear the history")),
            &QAction::triggered, m_chat, &ChatPanel::clear);

    addViewMenu(*bar->addMenu(tr("&View")));

    QMenu& help = *bar->addMenu(tr("&Help"));
    m_actions->shortcuts = addMenuAction(help, "actionShortcuts", "info", tr("&Keyboard shortcuts"),
                                         QKeySequence::HelpContents);
    m_actions->shortcuts->setShortcut(Qt::Key_F1);
    connect(m_actions->shortcuts, &QAction::triggered, this, [this] {
        auto* dialog = new ShortcutsDialog(*m_header->menuBar(), this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    });
    connect(addMenuAction(help, "actionAbout", "", tr("&About Samba Workbench")),
            &QAction::triggered, this, [this] {
                auto* about =
                    new QMessageBox(QMessageBox::NoIcon, tr("About Samba Workbench"),
                                    tr("Samba Workbench %1").arg(QLatin1String(SAMBA_VERSION)),
                                    QMessageBox::Close, this);
                about->setObjectName(QStringLiteral("aboutDialog"));
                about->setInformativeText(tr(
                    "Train, sparsify and inspect Mamba language models.\n\nThe project's sources "
                    "are under the MIT licence. This window uses QCustomPlot and is therefore "
                    "distributed under the GNU GPL, version 3."));
                about->setAttribute(Qt::WA_DeleteOnClose);
                about->open();
            });

    // The menu bar lives inside the header: the window itself must know the shortcuts, too.
    for (QAction* action : bar->actions())
        addActions(action->menu()->actions());
}

void MainWindow::addViewMenu(QMenu& menu)
{
    int number = 1;
    for (const QDockWidget* dock : m_docks->all()) {
        QString name = dock->objectName().section(u'_', 1);
        QAction* action = addMenuAction(
            menu, qPrintable(QStringLiteral("actionShow_") + name), qPrintable(name),
            dock->windowTitle(), QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number)));
        connect(action, &QAction::triggered, this, [this, name] { raisePanel(name); });
        ++number;
    }
    menu.addSeparator();
    connect(addMenuAction(menu, "actionResetLayout", "reset", tr("&Reset layout")),
            &QAction::triggered, this, &MainWindow::resetLayout);
    QAction* fullScreen =
        addMenuAction(menu, "actionFullScreen", "", tr("&Full screen"), Qt::Key_F11);
    fullScreen->setCheckable(true);
    connect(fullScreen, &QAction::toggled, this,
            [this](bool isOn) { isOn ? showFullScreen() : showNormal(); });
    menu.addSeparator();

    QMenu& themes =
        *menu.addMenu(themedIcon(QStringLiteral("theme"), IconTone::Muted), tr("&Theme"));
    auto* group = new QActionGroup(this);
    const auto addTheme = [&](const char* name, const QString& text, ThemeChoice choice) {
        QAction* action = addMenuAction(themes, name, "", text);
        action->setCheckable(true);
        action->setChecked(ThemeController::instance().choice() == choice);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, choice] {
            m_settings.setValue(kThemeKey, themeChoiceName(choice));
            ThemeController::instance().apply(choice);
        });
        return action;
    };
    addTheme("actionThemeSystem", tr("As the &system"), ThemeChoice::System);
    m_actions->themeLight = addTheme("actionThemeLight", tr("&Light"), ThemeChoice::Light);
    m_actions->themeDark = addTheme("actionThemeDark", tr("&Dark"), ThemeChoice::Dark);
}

void MainWindow::updateActions()
{
    const bool isPaused = m_state == samba::EngineState::Paused;
    const bool isSteerable = m_isTraining && m_state != samba::EngineState::Stopping;
    const bool isPreparing = m_state == samba::EngineState::Preparing;
    m_actions->exportModel->setEnabled(m_modelInfo.has_value());
    m_actions->dumpTensors->setEnabled(m_modelInfo.has_value());
    m_actions->start->setEnabled(!m_isTraining && m_pendingStart == 0);
    m_actions->pause->setEnabled(isSteerable);
    m_actions->pause->setText(isPaused ? tr("&Resume") : tr("&Pause"));
    m_actions->pause->setIcon(
        themedIcon(isPaused ? QStringLiteral("play") : QStringLiteral("pause"), IconTone::Muted));
    m_actions->stop->setEnabled(isSteerable || isPreparing);
    m_actions->checkpoint->setEnabled(isSteerable);
    m_actions->showLive->setEnabled(!m_liveRunDir.isEmpty() &&
                                    m_plotsSource == PlotsSource::Stored);
    m_actions->generate->setEnabled(!m_chat->isGenerating());
    // Off while there is nothing to stop, so that Escape keeps its meaning elsewhere.
    m_actions->stopGeneration->setEnabled(m_chat->isGenerating());
}

} // namespace samba::ui
