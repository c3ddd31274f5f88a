#pragma once

#include <string>

namespace samba::cli {

class Interrupts;

/// Reads standard input line by line for a dialogue, where Ctrl-C is an answer too. Nothing else
/// may read standard input meanwhile.
class LineReader {
public:
    enum class Result { Line, End, Interrupted };

    /// @param interrupts  outlives the reader.
    explicit LineReader(Interrupts& interrupts) : m_interrupts(interrupts) {}

    /// Waits for a line.
    /// @param line  the line without its end. The last one need not have an end.
    /// @return Interrupted after Ctrl-C, which is then dealt with.
    /// @throws Error File if standard input cannot be read.
    Result next(std::string& line);

private:
    bool takeLine(std::string& line);

    Interrupts& m_interrupts;
    std::string m_buffer;
    bool m_isAtEnd = false;
};

/// All of standard input. @throws Error File if it cannot be read.
std::string readStandardInput();

/// Whether a person types standard input.
bool isInputTerminal();

} // namespace samba::cli
