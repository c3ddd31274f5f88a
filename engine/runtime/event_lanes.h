#pragma once

#include "engine/runtime/event_sink.h"

#include <functional>
#include <mutex>

namespace samba {

/// The three lanes between the engine's thread and a front end (see EventBatch): the engine's
/// thread puts in, one other thread takes out; neither ever waits longer than a move takes.
class EventLanes : public EventSink {
public:
    void post(Event event) override;
    void postMetrics(const StepMetrics& metrics) override;
    void setFrame(ActivationFramePtr frame) override;
    void setProgress(const Progress& progress) override;

    /// Everything since the last call. Thread: the consumer.
    EventBatch take();

    /// Called from the engine's thread when the lanes were empty before. Thread: any.
    void setWakeUp(std::function<void()> wakeUp);

private:
    template <typename Change>
    void change(Change&& change);

    std::mutex m_mutex;
    EventBatch m_batch;
    std::function<void()> m_wakeUp;
};

} // namespace samba
