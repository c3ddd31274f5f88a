#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QString>

namespace samba::testing {

/// An application that times each event from outside of every handler, so that a test can say which
/// one kept the window from answering. Thread: GUI.
class EventClock : public QApplication {
    Q_OBJECT

public:
    using QApplication::QApplication;

    /// One event's delivery, with all that it set off before returning.
    struct Delivery {
        double wallMs = 0;
        double workMs = 0; ///< processor time of this thread
        QString what;      ///< who got which event
    };

    /// Forgets what was measured so far.
    void restart();

    /// The delivery that took longest by the clock, and the one that took most of the processor.
    const Delivery& longest() const { return m_longest; }
    const Delivery& busiest() const { return m_busiest; }

    bool notify(QObject* receiver, QEvent* event) override;

private:
    int m_depth = 0;
    Delivery m_longest;
    Delivery m_busiest;
};

} // namespace samba::testing
