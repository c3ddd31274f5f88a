#pragma once

#include <QElapsedTimer>

#include <cstdint>

namespace samba::ui {

/// Processor time that the calling thread has used, in nanoseconds. Thread: any.
int64_t threadWorkNs();

/// How much of a processor a thread uses. Thread: the one that it measures.
class ThreadLoad {
public:
    /// Begins to measure, or begins anew.
    void start();

    /// Processor time over time since start(); 0 before it.
    double share() const;

private:
    QElapsedTimer m_clock;
    int64_t m_firstWorkNs = 0;
};

} // namespace samba::ui
