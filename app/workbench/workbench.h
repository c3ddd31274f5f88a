#pragma once

#include "app/workbench/engine_bridge.h"
#include "app/workbench/run_reader.h"
#include "engine/api/engine.h"
#include "ui/main_window.h"

#include <QObject>
#include <QString>

class QSettings;

namespace samba::ui {
class UserPrompts;
}

namespace samba::workbench {

/// The program but for its command line: the window, the engine, the reader of run folders, and the
/// wires between them. Thread: GUI.
class Workbench : public QObject {
    Q_OBJECT

public:
    /// @param prompts   asks the person; outlives the workbench.
    /// @param settings  where the window remembers itself; outlives the workbench.
    Workbench(const samba::EngineOptions& options, samba::ui::UserPrompts& prompts,
              QSettings& settings);

    samba::ui::MainWindow& window() { return m_window; }
    EngineBridge& bridge() { return m_bridge; }
    RunReader& reader() { return m_reader; }

    /// Loads the built-in example and shows the run that made it.
    void openBuiltin();

    /// Loads a run's model and shows its curves.
    void openRun(const QString& runDir);

private:
    // The window goes first, then the engine, whose end may take a moment.
    EngineBridge m_bridge;
    RunReader m_reader;
    samba::ui::MainWindow m_window;
};

} // namespace samba::workbench
