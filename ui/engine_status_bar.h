#pragma once

#include "engine/api/events.h"

#include <QStatusBar>

class QLabel;
class QProgressBar;

namespace samba::ui {

/// The bottom of the window: device, what the engine does and how far it is, speed, memory.
/// Thread: GUI.
class EngineStatusBar : public QStatusBar {
    Q_OBJECT

public:
    explicit EngineStatusBar(QWidget* parent = nullptr);

    void setDevice(const QString& device);
    void setState(samba::EngineState state, const QString& detail);
    void setProgress(const samba::Progress& progress);
    void setSpeed(double tokensPerSecond);
    /// @param bytes  resident memory of the process.
    void setMemory(double bytes);

private:
    QLabel* m_device;
    QLabel* m_state;
    QProgressBar* m_bar;
    QLabel* m_progress;
    QLabel* m_speed;
    QLabel* m_memory;
};

} // namespace samba::ui
