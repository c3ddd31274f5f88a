#pragma once

#include "app/workbench/workbench.h"
#include "ui/theme.h"
#include "ui/widgets/gui_latency.h"
#include "ui/widgets/thread_load.h"

#include <QDir>
#include <QList>
#include <QObject>
#include <QStringList>

namespace samba::workbench {

/// Drives the window through the built-in example by itself: opens it, trains such a model from
/// scratch for a while, chatting with it meanwhile, returns to the example, looks inside, lets it
/// tell a story, and leaves a picture of every panel in both themes, the run folder, the story and
/// a summary. For machines without a display, and as a check that the
/// whole program works. Thread: GUI.
class Tour : public QObject {
    Q_OBJECT

public:
    /// @param workbench  driven; outlives the tour.
    /// @param folder     where everything goes; made if missing.
    Tour(Workbench& workbench, const QString& folder);

    /// Begins; what follows happens in the event loop.
    void start();

Q_SIGNALS:
    /// @param exitCode  0 if everything was done.
    void finished(int exitCode);

private:
    /// What the tour is waiting for.
    enum class Stage { Opening, Training, Returning, Looking, Telling, Photographing };

    /// A panel in one of the themes; no panel: the whole window.
    struct Picture {
        samba::ui::ThemeChoice theme;
        QString panel;
    };

    void take(const samba::EventBatch& batch);

    // What the engine says moves the tour on.
    void on(const samba::ModelLoaded& event);
    void on(const samba::TextInspected& event);
    void on(const samba::GenerationText& event);
    void on(const samba::GenerationFinished& event);
    void on(const samba::RunFinished& event);
    void on(const samba::SampleDone& event);
    void on(const samba::ErrorRaised& event);
    template <typename Other>
    void on(const Other&)
    {}

    /// Types a prompt into the chat and presses its button, as a person would.
    void tell(const QString& prompt, int maxTokens);
    void train();
    void takePictures();
    void preparePicture();
    void savePicture(const Picture& picture);
    void writeSummary();
    void fail(const QString& sentence);

    Workbench& m_workbench;
    QDir m_folder;
    samba::ui::GuiLatency m_latency;
    samba::ui::ThreadLoad m_load;
    Stage m_stage = Stage::Opening;
    bool m_isLoadMeasured = false;
    bool m_hasAskedMeanwhile = false; ///< told a story during the run
    QList<Picture> m_pending;         ///< pictures still to be taken
    QStringList m_pictures;
    QString m_story;
    QString m_samples;
    samba::StepMetrics m_firstStep;
    samba::StepMetrics m_lastStep;
    double m_storySpeed = 0; ///< tokens/s
    double m_watching = 0;   ///< processors that the window used from a sixth to half of the run
};

} // namespace samba::workbench
