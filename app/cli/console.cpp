#include "app/cli/console.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace samba::cli {
namespace {

constexpr const char* kRed = "\x1b[1;31m";
constexpr const char* kYellow = "\x1b[1;33m";
constexpr const char* kReset = "\x1b[0m";

/// Whether the person allows colours (no-color.org: NO_COLOR set and not empty forbids them).
bool wantsColor()
{
    const char* noColor = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return !(noColor && *noColor) && terminal && std::string_view(terminal) != "dumb";
}

} // namespace

Console::Console()
    : m_isTerminal(isatty(STDERR_FILENO) == 1),
      m_usesColor(m_isTerminal && wantsColor()),
      m_bar(m_isTerminal)
{}

Console::~Console()
{
    m_bar.hide();
}

std::string Console::colored(const char* color, const std::string& text) const
{
    return m_usesColor ? color + text + kReset : text;
}

void Console::writeLine(const std::string& line)
{
    m_bar.hide();
    std::fprintf(stderr, "%s\n", line.c_str());
}

void Console::note(const std::string& text)
{
    if (!m_isQuiet)
        writeLine(text);
}

void Console::warning(const std::string& text)
{
    writeLine("samba-cli: " + colored(kYellow, "warning:") + ' ' + text);
}

void Console::error(const std::string& message, const std::string& remedy)
{
    writeLine("samba-cli: " + colored(kRed, "error:") + ' ' + message);
    if (!remedy.empty())
        writeLine("  " + remedy);
}

void Console::progress(const Progress& progress, const std::string& detail)
{
    if (!m_isQuiet)
        m_bar.show(progress, detail);
}

void Console::endProgress()
{
    m_bar.hide();
}

void Console::log(const LogMessage& message)
{
    switch (message.level) {
    case LogLevel::Debug:
        break;
    case LogLevel::Info:
        note(message.text);
        break;
    case LogLevel::Warning:
        warning(message.text);
        break;
    case LogLevel::Error:
        error(message.text, {});
        break;
    }
}

void Console::prompt(const std::string& text)
{
    m_bar.hide();
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

} // namespace samba::cli
