#pragma once

namespace samba::cli {

/// Ctrl-C and what is like it (SIGINT, SIGTERM, SIGHUP), and the one place where the program
/// sleeps.
///
/// The first signal is a request, seen by isRequested(); a second one before clear() ends the
/// program at once with exit code 130. Signals that are ignored when the program starts (nohup,
/// background jobs) stay ignored. The waiting is done on an eventfd rather than a condition
/// variable, because a signal handler may write to the one and must not touch the other.
///
/// One object at a time. Thread: wake() any, everything else the one that made it.
class Interrupts {
public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// Whether a signal has come since the last clear().
    bool isRequested() const;

    /// Whether a signal has come that asks for the program's end (SIGTERM, SIGHUP) and not only,
    /// as Ctrl-C in a dialogue, for that of the thing under way. clear() does not undo it.
    bool mustEnd() const;

    /// Takes the request as dealt with.
    void clear();

    /// Ends a wait, the one under way or else the next.
    void wake();

    /// Sleeps until wake() or a signal.
    void wait();

    /// Sleeps until wake(), a signal, or something to read.
    /// @return whether `fd` has something to read, or its end.
    bool waitForInput(int fd);

private:
    int m_eventFd;
};

} // namespace samba::cli
