#include "app/cli/line_reader.h"

#include "app/cli/interrupts.h"
#include "engine/api/error.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace samba::cli {
namespace {

/// Appends what is there now, waiting for it if need be. @return false at the end.
bool readMore(std::string& buffer)
{
    std::array<char, 1 << 16> block;
    ssize_t count = 0;
    do {
        count = read(STDIN_FILENO, block.data(), block.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        throw Error(ErrorKind::File,
                    "Standard input cannot be read: " + std::string(std::strerror(errno)) + ".");
    buffer.append(block.data(), static_cast<size_t>(count));
    return count > 0;
}

} // namespace

bool LineReader::takeLine(std::string& line)
{
    const size_t end = m_buffer.find('\n');
    if (end == std::string::npos)
        return false;
    line = m_buffer.substr(0, end);
    m_buffer.erase(0, end + 1);
    return true;
}

LineReader::Result LineReader::next(std::string& line)
{
    while (!takeLine(line)) {
        if (m_isAtEnd) {
            line = std::exchange(m_buffer, {});
            return line.empty() ? Result::End : Result::Line;
        }
        const bool isReadable = m_interrupts.waitForInput(STDIN_FILENO);
        if (m_interrupts.isRequested()) {
            m_interrupts.clear();
            return Result::Interrupted;
        }
        if (isReadable)
            m_isAtEnd = !readMore(m_buffer);
    }
    return Result::Line;
}

std::string readStandardInput()
{
    std::string text;
    while (readMore(text)) {
    }
    return text;
}

bool isInputTerminal()
{
    return isatty(STDIN_FILENO) == 1;
}

} // namespace samba::cli
