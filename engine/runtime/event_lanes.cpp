#include "engine/runtime/event_lanes.h"

#include <chrono>
#include <utility>

namespace samba {

void EventSink::log(LogLevel level, const std::string& text)
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    post(LogMessage{level, std::chrono::duration<double>(now).count(), text});
}

template <typename Change>
void EventLanes::change(Change&& change)
{
    std::function<void()> wakeUp;
    {
        const std::lock_guard lock(m_mutex);
        if (m_batch.isEmpty())
            wakeUp = m_wakeUp;
        change(m_batch);
    }
    if (wakeUp)
        wakeUp();
}

void EventLanes::post(Event event)
{
    change([&](EventBatch& batch) { batch.events.push_back(std::move(event)); });
}

void EventLanes::postMetrics(const StepMetrics& metrics)
{
    change([&](EventBatch& batch) { batch.metrics.push_back(metrics); });
}

void EventLanes::setFrame(ActivationFramePtr frame)
{
    change([&](EventBatch& batch) { batch.frame = std::move(frame); });
}

void EventLanes::setProgress(const Progress& progress)
{
    change([&](EventBatch& batch) { batch.progress = progress; });
}

EventBatch EventLanes::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_batch, {});
}

void EventLanes::setWakeUp(std::function<void()> wakeUp)
{
    const std::lock_guard lock(m_mutex);
    m_wakeUp = std::move(wakeUp);
}

} // namespace samba
