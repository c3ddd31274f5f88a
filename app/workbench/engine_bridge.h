#pragma once

#include "engine/api/engine.h"

#include <QObject>
#include <QTimer>

namespace samba::workbench {

/// The way between the window and the engine: commands out at once, events in thirty times a
/// second.
///
/// The engine's thread is never waited for, except in the destructor, which runs after the window
/// is gone. Thread: GUI.
class EngineBridge : public QObject {
    Q_OBJECT

public:
    explicit EngineBridge(samba::EngineOptions options, QObject* parent = nullptr);

public Q_SLOTS:
    void post(const samba::CommandBody& command);

Q_SIGNALS:
    /// Follows each post, before anything the command causes. 0: the engine refused it.
    void commandPosted(samba::CommandId id, const samba::CommandBody& command);

    /// Everything the engine said since the last one; never empty.
    void batchArrived(const samba::EventBatch& batch);

    /// Resident memory of this process in bytes, about once a second.
    void memoryMeasured(double bytes);

private:
    void tick();

    samba::Engine m_engine;
    QTimer m_timer;
    int m_ticks = 0;
};

} // namespace samba::workbench
