#pragma once

#include "app/cli/progress_bar.h"
#include "engine/api/events.h"

#include <string>

namespace samba::cli {

/// Standard error: everything a person wants to know that is no result. Thread: one at a time.
class Console {
public:
    Console();
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    /// Leaves notes and progress out; warnings and errors stay.
    void setQuiet(bool isQuiet) { m_isQuiet = isQuiet; }

    /// A line for the person at the terminal.
    void note(const std::string& text);

    /// "samba-cli: warning: ..."
    void warning(const std::string& text);

    /// "samba-cli: error: ..." and, where there is one, the remedy on the next line.
    void error(const std::string& message, const std::string& remedy);

    /// How far a long operation is; see ProgressBar.
    void progress(const Progress& progress, const std::string& detail = {});

    /// Takes the progress bar away: the operation is over.
    void endProgress();

    /// A line of the engine's log.
    void log(const LogMessage& message);

    /// The beginning of a typed line in a dialogue, no line end after it; also when quiet.
    void prompt(const std::string& text);

private:
    std::string colored(const char* color, const std::string& text) const;
    void writeLine(const std::string& line);

    bool m_isTerminal;
    bool m_usesColor;
    bool m_isQuiet = false;
    ProgressBar m_bar;
};

} // namespace samba::cli
