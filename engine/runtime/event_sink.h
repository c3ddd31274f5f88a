#pragma once

#include "engine/api/events.h"

namespace samba {

/// Where the engine's thread puts what it has to tell: one method a lane. Thread: engine.
class EventSink {
public:
    virtual ~EventSink() = default;

    virtual void post(Event event) = 0;
    virtual void postMetrics(const StepMetrics& metrics) = 0;
    virtual void setFrame(ActivationFramePtr frame) = 0;
    virtual void setProgress(const Progress& progress) = 0;

    /// A line for the log, stamped with the time.
    void log(LogLevel level, const std::string& text);
};

} // namespace samba
