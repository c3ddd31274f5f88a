#pragma once

#include "engine/api/metrics.h"
#include "engine/api/run_history.h"

#include <QVariantMap>
#include <QWidget>

#include <memory>
#include <span>

namespace samba::ui {

/// The curves of one run: losses, quality, optimisation, speed, and sparsity per chunk.
///
/// Everything that arrives is kept in a table; only the curves in sight are fed from it, so a
/// hidden panel costs an append and nothing else. However often data arrives, each curve is drawn
/// at most once per pass of the event loop. Thread: GUI.
class PlotsPanel : public QWidget {
    Q_OBJECT
public:
    explicit PlotsPanel(QWidget* parent = nullptr);
    ~PlotsPanel() override;

    /// Empties the curves and heads them with the run's name. A run that goes on is not begun anew:
    /// its steps simply continue.
    void beginRun(const QString& name);

    /// Back to the empty view that offers to open or to start a run.
    void clear();

    /// Adds logged steps. A step at or before the newest one replaces what was logged from there
    /// on, as after a resume from an older checkpoint.
    void appendMetrics(std::span<const samba::StepMetrics> metrics);

    /// Adds one evaluation; its tokens and time are those of the training step it belongs to.
    void appendValidation(const samba::ValidationMetrics& metrics);

    /// Shows a whole run, live or years old, in place of what is shown.
    void showRun(const samba::RunHistory& run);

    /// What the person chose (page, smoothing, axes, hidden curves), for the caller to store.
    QVariantMap saveState() const;

    /// Takes up a saved choice; unknown or missing entries keep their present value.
    void restoreState(const QVariantMap& state);

Q_SIGNALS:
    /// The empty view's first button.
    void openRunRequested();
    /// The empty view's second button.
    void startTrainingRequested();
    /// Something the person asked for could not be done: one sentence and what to do about it.
    void messageRaised(const QString& sentence, const QString& remedy);

protected:
    void showEvent(QShowEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace samba::ui
