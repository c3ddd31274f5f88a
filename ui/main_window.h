#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/api/run_history.h"
#include "ui/runs_panel.h"

#include <QMainWindow>
#include <QStringList>

#include <optional>
#include <vector>

class QAction;
class QMenu;
class QSettings;

namespace samba::ui {

class ChatPanel;
class ConfigPanel;
class DumpDialog;
class EngineStatusBar;
class ExportDialog;
class HeaderBar;
class HeatmapPanel;
class LogPanel;
class MessageBar;
class ModelPanel;
class PlotsPanel;
class PretrainedPicker;
class TrainingPanel;
class UserPrompts;
class WindowDocks;

/// The window: all panels, the menus, and the way between them and whoever runs the engine.
///
/// It asks by signals and is answered by slots; it never waits, reads no run folder and knows no
/// engine. Thread: GUI.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// @param prompts   asks the person; outlives the window.
    /// @param settings  where layout and choices are remembered; outlives the window.
    MainWindow(UserPrompts& prompts, QSettings& settings, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Where runs are listed, and below which new ones go if `isFixed`; otherwise the
    /// configuration's own output folder decides.
    void setOutputFolder(const QString& folder, bool isFixed);

    /// Configuration files offered as presets; the first is opened if nothing else is.
    void setPresets(const QStringList& files);

    /// Opens a configuration file in the editor.
    bool openConfig(const QString& file);

    /// Asks for a model by its source, as LoadModel takes it.
    void loadModel(const QString& source);

    /// Whether a run is in progress, paused ones included.
    bool isTraining() const { return m_isTraining; }

public Q_SLOTS:
    /// Takes everything the engine said since the last call.
    void applyBatch(const samba::EventBatch& batch);

    /// Tells which id a command got; 0: the engine refused it.
    void noteCommand(samba::CommandId id, const samba::CommandBody& command);

    /// Answers runListRequested.
    void showRuns(const QString& folder, const std::vector<samba::RunSummary>& runs);

    /// Answers runRequested.
    void showRun(const samba::RunHistory& run);

    /// A message at the top that does not interrupt, and in the log.
    void showProblem(const QString& sentence, const QString& remedy);
    void showNotice(const QString& sentence);

    /// @param bytes  resident memory of the process.
    void setMemory(double bytes);

    /// Brings a panel to the front: "model", "config", ...
    void raisePanel(const QString& name);
    void resetLayout();

    /// Asks for a run folder to show; showRun answers.
    void openRun(const QString& runDir);

    /// Trains what the configuration editor holds, or shows why it cannot.
    void startTraining();

Q_SIGNALS:
    void commandRequested(const samba::CommandBody& command);
    void runListRequested(const QString& folder);
    void runRequested(const QString& runDir);
    void exportRequested(const QString& runDir, const QString& file,
                         samba::ui::ExportFormat format);
    void showInFileManagerRequested(const QString& path);

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    struct Actions;

    void buildPanels();
    void buildMenus();
    void connectPanels();
    void addViewMenu(QMenu& menu);
    void restoreChoices();
    void saveChoices();
    void updateTitle();
    void updateActions();
    void setTraining(bool isTraining);
    void updateBusy();
    void takeModel(const samba::ModelInfo& info);
    void rememberModel(const QString& source);
    void chooseRunToLoad();
    void chooseModelFolder();
    void showLiveRun();
    void requestStart(const QString& configText, const QString& configName);
    /// Adds a line of the window's own to the log.
    void note(samba::LogLevel level, const QString& text);
    /// Logs what has been done, and says it at the top unless a dialog in sight does.
    void announce(const QString& sentence, bool isSaidAlready);
    void applyMetrics(const std::vector<samba::StepMetrics>& metrics);

    // One for each kind of event.
    void on(const samba::StateChanged& event);
    void on(const samba::ModelLoaded& event);
    void on(const samba::RunStarted& event);
    void on(const samba::RunFinished& event);
    void on(const samba::CheckpointSaved& event);
    void on(const samba::ValidationDone& event);
    void on(const samba::SampleDone& event);
    void on(const samba::GenerationText& event);
    void on(const samba::GenerationFinished& event);
    void on(const samba::TextInspected& event);
    void on(const samba::Evaluated& event);
    void on(const samba::PretrainedListed& event);
    void on(const samba::DataDescribed& event);
    void on(const samba::ModelExported& event);
    void on(const samba::TensorsDumped& event);
    void on(const samba::ErrorRaised& event);
    void on(const samba::LogMessage& event);
    /// Answers to commands that the window does not give.
    template <typename Other>
    void on(const Other&)
    {}

    /// Whose curves the plots show.
    enum class PlotsSource {
        Nothing,
        Live,       ///< the run in progress, or the last one of this session
        Stored,     ///< a run opened from its folder
        LiveAwaited ///< the live run's folder has been asked for; what arrives meanwhile is kept
    };

    UserPrompts& m_prompts;
    QSettings& m_settings;
    WindowDocks* m_docks;
    HeaderBar* m_header;
    MessageBar* m_messages;
    EngineStatusBar* m_status;
    ModelPanel* m_model;
    ConfigPanel* m_config;
    TrainingPanel* m_training;
    PlotsPanel* m_plots;
    HeatmapPanel* m_heatmap;
    ChatPanel* m_chat;
    RunsPanel* m_runs;
    LogPanel* m_log;
    PretrainedPicker* m_picker;
    ExportDialog* m_exporter;
    DumpDialog* m_dumper;
    std::unique_ptr<Actions> m_actions;

    samba::EngineState m_state = samba::EngineState::Idle;
    std::optional<samba::ModelInfo> m_modelInfo;
    QString m_loadingSource;
    QStringList m_recentModels;
    QString m_liveRunDir;
    QString m_awaitedRunDir;
    bool m_isTraining = false;
    samba::CommandId m_pendingStart = 0; ///< asked for, neither begun nor refused; 0: none
    bool m_isClosing = false;            ///< close as soon as the run has ended
    bool m_isOutputFixed = false;
    PlotsSource m_plotsSource = PlotsSource::Nothing;
    std::vector<samba::StepMetrics> m_keptMetrics;
    std::vector<samba::ValidationMetrics> m_keptValidation;
    std::vector<samba::LogMessage> m_newLogLines;
};

} // namespace samba::ui
