#include "ui/widgets/gui_latency.h"

#include "ui/widgets/thread_load.h"

#include <algorithm>
#include <chrono>

namespace samba::ui {

namespace {

constexpr std::chrono::milliseconds kInterval{4};
constexpr double kNsPerMs = 1e6;

} // namespace

GuiLatency::GuiLatency(QObject* parent) : QObject(parent)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(kInterval);
    connect(&m_timer, &QTimer::timeout, this, &GuiLatency::tick);
}

void GuiLatency::start()
{
    m_longestMs = 0;
    m_longestWorkMs = 0;
    resume();
}

void GuiLatency::resume()
{
    m_clock.start();
    m_lastNs = m_clock.nsecsElapsed();
    m_lastWorkNs = threadWorkNs();
    m_timer.start();
}

void GuiLatency::stop()
{
    if (!m_timer.isActive())
        return;
    tick();
    m_timer.stop();
}

void GuiLatency::tick()
{
    const int64_t now = m_clock.nsecsElapsed();
    const int64_t work = threadWorkNs();
    const double waitedMs = static_cast<double>(now - m_lastNs) / kNsPerMs;
    m_longestMs = std::max(m_longestMs, waitedMs - static_cast<double>(kInterval.count()));
    m_longestWorkMs =
        std::max(m_longestWorkMs, static_cast<double>(work - m_lastWorkNs) / kNsPerMs);
    m_lastNs = now;
    m_lastWorkNs = work;
}

} // namespace samba::ui
