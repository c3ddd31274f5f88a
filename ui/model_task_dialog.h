#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/api/model_info.h"

#include <QDialog>
#include <QString>

#include <functional>
#include <optional>

class QFormLayout;
class QFrame;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace samba::ui {

class UserPrompts;

/// Has the engine do one thing with the model in hand. It stays open meanwhile and shows inside how
/// far that is, a way to cancel it where there is one, and what became of it. Thread: GUI.
///
/// Objects are named by the dialog's prefix: `exportStart`, `exportCancel`, `exportProblem`, ...
class ModelTaskDialog : public QDialog {
    Q_OBJECT

public:
    /// The model in hand.
    void setModel(const samba::ModelInfo& info);

    /// The engine's state: nothing can be started while it works on something else.
    void setState(samba::EngineState state);
    void setProgress(const samba::Progress& progress);

    /// The number that this dialog's command got; 0: the engine refused it.
    void noteCommand(samba::CommandId id);

    /// Tells inside the dialog why the command failed, if it is this dialog's.
    void fail(samba::CommandId id, const QString& sentence, const QString& remedy);

Q_SIGNALS:
    void commandRequested(const samba::CommandBody& command);
    void showInFileManagerRequested(const QString& path);

protected:
    struct Texts {
        QString prefix;       ///< of the objects' names
        QString title;        ///< of the window
        QString introduction; ///< what it is good for
        QString start;        ///< the button that starts it
        bool canCancel = false;
    };

    /// @param working  the engine's state while it is at it.
    ModelTaskDialog(UserPrompts& prompts, samba::EngineState working, const Texts& texts,
                    QWidget* parent);

    /// The command that the form describes; nothing, after showProblem(), if it describes none.
    virtual std::optional<samba::CommandBody> command() = 0;

    /// Whether all that is needed is filled in.
    virtual bool isComplete() const = 0;

    /// The model in hand has changed; model() has it already.
    virtual void takeModel() {}

    QString named(const char* suffix) const { return m_prefix + QLatin1String(suffix); }
    QFormLayout* form() const { return m_form; }
    UserPrompts& prompts() const { return m_prompts; }
    const std::optional<samba::ModelInfo>& model() const { return m_model; }

    /// A line for a path with a button that lets the person choose it.
    /// @param choose  asks the person, given what the line holds; empty: leave it.
    QLineEdit* addPathRow(const char* name, const QString& label,
                          std::function<QString(const QString&)> choose);

    void showProblem(const QString& sentence, const QString& remedy = {});
    /// @param path  what the file manager is offered to show.
    void showResult(const QString& text, const QString& path);
    /// Whether the answer to a command is this dialog's; ends the wait for it.
    bool takeAnswer(samba::CommandId id);
    void updateState();

    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    /// Keeps room for texts that take more lines in a narrower window.
    void fitHeight();
    void start();
    void endWaiting();

    UserPrompts& m_prompts;
    QString m_prefix;
    samba::EngineState m_working;
    bool m_canCancel;
    QFormLayout* m_form;
    QFrame* m_problem;
    QLabel* m_problemText;
    QFrame* m_result;
    QLabel* m_resultText;
    QWidget* m_progressRow;
    QProgressBar* m_bar;
    QLabel* m_progressText;
    QPushButton* m_cancel;
    QPushButton* m_start;
    QString m_resultPath;

    std::optional<samba::ModelInfo> m_model;
    samba::EngineState m_state = samba::EngineState::Idle;
    samba::CommandId m_awaited = 0;
    bool m_isAwaiting = false; ///< a command has been given and not been answered
    bool m_hasBegun = false;   ///< the engine is at it
};

} // namespace samba::ui
