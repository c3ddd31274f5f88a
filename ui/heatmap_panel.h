#pragma once

#include "engine/api/activation_frame.h"
#include "engine/api/model_info.h"

#include <QVariantMap>
#include <QWidget>

#include <memory>

namespace samba::ui {

/// What each chunk puts out, position by unit: the map, the readout's attention beside it, and how
/// many entries lie below a threshold that the person moves.
///
/// Counting happens on the thread pool once per frame; moving the threshold afterwards only looks
/// numbers up. Nothing is computed while the panel is hidden. Thread: GUI.
class HeatmapPanel : public QWidget {
    Q_OBJECT
public:
    explicit HeatmapPanel(QWidget* parent = nullptr);
    ~HeatmapPanel() override;

    /// Takes a frame of a text or of the live batch; the newest one of each source is kept.
    /// A null frame is ignored.
    void showFrame(samba::ActivationFramePtr frame);

    /// Tells what model is in hand, or that there is none (null). Frames of another shape are
    /// dropped: they belong to a model that is gone.
    void setModel(const samba::ModelInfo* model);

    /// Tells whether a run is in progress: only then is there a live batch to watch.
    void setTraining(bool isTraining);

    /// What the person chose (chunk, view, threshold), for the caller to store.
    QVariantMap saveState() const;

    /// Takes up a saved choice; unknown or missing entries keep their present value.
    void restoreState(const QVariantMap& state);

Q_SIGNALS:
    /// The person wants to see what the model makes of this text; never empty.
    void inspectTextRequested(const QString& text);

    /// Whether frames of the live batch are wanted: the live source is chosen, the panel is in
    /// sight and a run is in progress.
    void watchActivationsChanged(bool isWanted);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace samba::ui
