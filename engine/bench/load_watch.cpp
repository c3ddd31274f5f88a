#include "engine/bench/load_watch.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace samba {
namespace {

/// Seconds that all processors together have worked, from /proc/stat (man 5 proc).
double busySeconds()
{
    std::ifstream file("/proc/stat");
    std::string label;
    double user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, interrupts = 0, softInterrupts = 0,
           stolen = 0;
    if (!(file >> label >> user >> nice >> system >> idle >> ioWait >> interrupts >>
          softInterrupts >> stolen))
        return 0;
    return (user + nice + system + interrupts + softInterrupts + stolen) /
           static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ownSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wallSeconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

LoadWatch::LoadWatch()
    : m_busySeconds(busySeconds()), m_ownSeconds(ownSeconds()), m_wallSeconds(wallSeconds())
{}

double LoadWatch::processorsOfOthers() const
{
    const double wall = wallSeconds() - m_wallSeconds;
    const double others = (busySeconds() - m_busySeconds) - (ownSeconds() - m_ownSeconds);
    return wall > 0 ? std::max(0.0, others / wall) : 0.0;
}

} // namespace samba
