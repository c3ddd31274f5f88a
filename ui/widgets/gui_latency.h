#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <cstdint>

namespace samba::ui {

/// Measures how long the event loop was kept from turning.
///
/// A timer asks to be called every few milliseconds; how much later it is called is how long
/// something else held the thread. The thread's own processor time over the same span tells work of
/// ours from waiting for a processor on a busy machine. Thread: GUI.
class GuiLatency : public QObject {
    Q_OBJECT

public:
    explicit GuiLatency(QObject* parent = nullptr);

    /// Begins to measure, or begins anew.
    void start();
    void stop();
    /// Goes on after stop(), with what was longest so far.
    void resume();

    /// The longest span without a turn since start().
    double longestBlockMs() const { return m_longestMs; }

    /// The processor time that this thread used within the longest span of its own work.
    double longestWorkMs() const { return m_longestWorkMs; }

private:
    void tick();

    QTimer m_timer;
    QElapsedTimer m_clock;
    int64_t m_lastNs = 0;
    int64_t m_lastWorkNs = 0;
    double m_longestMs = 0;
    double m_longestWorkMs = 0;
};

} // namespace samba::ui
