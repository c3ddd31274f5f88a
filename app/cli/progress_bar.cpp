#include "app/cli/progress_bar.h"

#include "app/cli/text_format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace samba::cli {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval{100};
constexpr std::chrono::seconds kLineInterval{10};
constexpr size_t kBarWidth = 8; ///< leaves room for the loss in 80 columns
constexpr size_t kDefaultWidth = 80;
constexpr size_t kLogLineWidth = 200; ///< where the line goes to a file
constexpr const char* kClearLine = "\r\x1b[K";

size_t terminalWidth()
{
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return kDefaultWidth;
}

} // namespace

std::string progressLine(const Progress& progress, const std::string& detail, size_t width)
{
    std::string line = progress.what;
    if (progress.total > 0) {
        const double share = std::clamp(
            static_cast<double>(progress.done) / static_cast<double>(progress.total), 0.0, 1.0);
        const size_t filled = static_cast<size_t>(share * kBarWidth);
        line += " [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] " +
                std::to_string(static_cast<int>(100 * share)) + " %";
    }
    if (progress.what == "training") {
        line += "  " + formatInteger(progress.done) + '/' + formatInteger(progress.total) + "  " +
                formatInteger(std::llround(progress.perSecond)) + " tok/s";
        if (std::isfinite(progress.remainingMs))
            line += "  ETA " + formatDuration(progress.remainingMs);
    }
    if (progress.isBytes && progress.total > 0) {
        line += "  " + formatBytes(static_cast<double>(progress.done)) + '/' +
                formatBytes(static_cast<double>(progress.total)) + "  " +
                formatBytes(progress.perSecond) + "/s";
        if (std::isfinite(progress.remainingMs))
            line += "  ETA " + formatDuration(progress.remainingMs);
    }
    if (!detail.empty())
        line += "  " + detail;
    // Everything above is ASCII, so that bytes are columns.
    return line.substr(0, width);
}

void ProgressBar::show(const Progress& progress, const std::string& detail)
{
    const Clock::time_point now = Clock::now();
    const bool isFirst = m_lastShown == Clock::time_point{};
    const Clock::duration interval =
        m_isTerminal ? Clock::duration(kRedrawInterval) : Clock::duration(kLineInterval);
    if (isFirst && !m_isTerminal) {
        m_lastShown = now; // what is over within seconds needs no line in a file
        return;
    }
    if (!isFirst && now - m_lastShown < interval)
        return;
    m_lastShown = now;
    if (m_isTerminal) {
        // A full last column would wrap the line on some terminals.
        const std::string line = progressLine(progress, detail, terminalWidth() - 1);
        std::fprintf(stderr, "%s%s", kClearLine, line.c_str());
        m_isShown = true;
    } else {
        std::fprintf(stderr, "%s\n", progressLine(progress, detail, kLogLineWidth).c_str());
    }
}

void ProgressBar::hide()
{
    if (m_isShown)
        std::fputs(kClearLine, stderr);
    m_isShown = false;
}

} // namespace samba::cli
