#pragma once

#include "engine/api/events.h"

#include <chrono>
#include <string>

namespace samba::cli {

/// How far a long operation is, on standard error: one line redrawn in place on a terminal, a line
/// every ten seconds elsewhere. Thread: one at a time.
class ProgressBar {
public:
    /// @param isTerminal  whether standard error is one.
    explicit ProgressBar(bool isTerminal) : m_isTerminal(isTerminal) {}

    /// Shows the newest state, unless the last one is too fresh.
    /// @param detail  what else is worth knowing: losses; cut where the line is full.
    void show(const Progress& progress, const std::string& detail);

    /// Takes the bar off the terminal, so that a line can be written in its place.
    void hide();

private:
    using Clock = std::chrono::steady_clock;

    bool m_isTerminal;
    bool m_isShown = false;
    Clock::time_point m_lastShown{};
};

/// The line without its end, at most `width` columns.
std::string progressLine(const Progress& progress, const std::string& detail, size_t width);

} // namespace samba::cli
