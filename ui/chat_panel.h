#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"

#include <QStringList>
#include <QVariantMap>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace samba::ui {

class ChatTurn;
class Disclosure;
class EmptyState;
class SamplingControls;
class ScrollColumn;

/// Text that the model continues, turn after turn. The models here complete texts rather than
/// answer questions, so that is what the panel offers. Thread: GUI.
class ChatPanel : public QWidget {
    Q_OBJECT

public:
    explicit ChatPanel(QWidget* parent = nullptr);

    /// Tells what model is in hand, or that there is none (null).
    void setModel(const samba::ModelInfo* model);
    void setState(samba::EngineState state);

    /// Tells which id the last Generate command got; 0: it was refused.
    void noteGeneration(samba::CommandId id);
    void append(const samba::GenerationText& text);
    void finish(const samba::GenerationFinished& result);
    void fail(samba::CommandId id, const QString& reason);

    /// Prompts offered while there is no turn yet.
    void setExamples(const QStringList& prompts);

    bool isGenerating() const { return m_current != nullptr; }

    QVariantMap saveState() const;
    void restoreState(const QVariantMap& state);

public Q_SLOTS:
    void generate();
    void stop();
    void regenerate();
    void clear();
    /// Puts the whole history on the clipboard.
    void copyAll();

Q_SIGNALS:
    void commandRequested(const samba::CommandBody& command);
    /// The empty view's way to a model.
    void openModelRequested();

private:
    void begin(const QString& prompt);
    void endCurrent();
    void updateState();

    QStackedWidget* m_pages;
    EmptyState* m_noModel;
    EmptyState* m_noTurns;
    QVBoxLayout* m_examples;
    ScrollColumn* m_turns;
    QPlainTextEdit* m_prompt;
    QPushButton* m_generate;
    QPushButton* m_stop;
    QPushButton* m_regenerate;
    QLabel* m_notice;
    Disclosure* m_sampling;
    SamplingControls* m_controls;

    ChatTurn* m_current = nullptr; ///< the turn being written, owned by m_turns
    ChatTurn* m_last = nullptr;
    samba::CommandId m_generationId = 0;
    bool m_hasModel = false;
    bool m_isFollowing = true; ///< the history is scrolled to its end
    samba::EngineState m_state = samba::EngineState::Idle;
};

} // namespace samba::ui
