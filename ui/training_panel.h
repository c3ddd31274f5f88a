#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/api/run_history.h"

#include <QWidget>

#include <span>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace samba::ui {

class FactGrid;
class NumberTile;

/// The run in progress, or the last one: how far it is, how well it does, what it writes; and the
/// buttons that steer it. Thread: GUI.
class TrainingPanel : public QWidget {
    Q_OBJECT

public:
    explicit TrainingPanel(QWidget* parent = nullptr);

    void beginRun(const samba::RunStarted& run);
    void endRun(const samba::RunFinished& run);

    /// Shows how a stored run ended; ignored while a run is in progress here.
    void showRun(const samba::RunHistory& run);
    void setState(samba::EngineState state);
    void setProgress(const samba::Progress& progress);
    void appendMetrics(std::span<const samba::StepMetrics> metrics);
    void appendValidation(const samba::ValidationMetrics& metrics);
    void addCheckpoint(const samba::CheckpointSaved& checkpoint);
    void addSample(int64_t step, const QString& prompt, const QString& text);

    /// Says what Start would train.
    /// @param reason  why it cannot start, one sentence; empty: it can.
    void setStartable(const QString& configName, const QString& reason);

Q_SIGNALS:
    void commandRequested(const samba::CommandBody& command);
    /// Train what the configuration editor holds.
    void startRequested();
    /// Show the configuration editor.
    void editConfigRequested();

private:
    void buildRunPage();
    void showPreparation();
    void updateButtons();
    void clearRun(const QString& folder);
    /// Fills in what a run that went on had done before.
    void showEarlierPart(const samba::RunHistory& run);
    void insertSample(int place, int64_t step, const QString& prompt, const QString& text);
    void showBatch(const std::string& configText, int64_t tokensPerStep);
    void showStep(const samba::StepMetrics& step);

    bool isActive() const;

    QStackedWidget* m_pages;
    QPushButton* m_emptyStart;
    QLabel* m_emptyReason;
    QLabel* m_name;
    QLabel* m_stateChip;
    QProgressBar* m_bar;
    QLabel* m_steps;
    QLabel* m_remaining;
    QPushButton* m_start;
    QPushButton* m_pause;
    QPushButton* m_stop;
    QPushButton* m_checkpoint;
    NumberTile* m_mainTile;
    NumberTile* m_readoutTile;
    NumberTile* m_validationTile;
    NumberTile* m_sparsityTile;
    FactGrid* m_facts;
    QVBoxLayout* m_samples;
    QLabel* m_noSamples;

    samba::EngineState m_state = samba::EngineState::Idle;
    bool m_isRunOpen = false;
    bool m_isEarlierPartMissing = false; ///< a run that went on, shown from there on only
    QString m_folder;                    ///< of the run shown, absolute
    int64_t m_firstStep = 0;             ///< where the run in progress went on
    int64_t m_step = 0;
    int64_t m_totalSteps = 0;
    QString m_startReason;
};

} // namespace samba::ui
