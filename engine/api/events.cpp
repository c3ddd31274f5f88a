#include "engine/api/events.h"

namespace samba {

const char* engineStateName(EngineState state)
{
    switch (state) {
    case EngineState::Idle:
        return "idle";
    case EngineState::Loading:
        return "loading";
    case EngineState::Preparing:
        return "preparing";
    case EngineState::Training:
        return "training";
    case EngineState::Paused:
        return "paused";
    case EngineState::Stopping:
        return "stopping";
    case EngineState::Generating:
        return "generating";
    case EngineState::Evaluating:
        return "evaluating";
    case EngineState::Exporting:
        return "exporting";
    }
    return "idle";
}

const char* cacheStateName(CacheState state)
{
    switch (state) {
    case CacheState::Missing:
        return "missing";
    case CacheState::Stale:
        return "stale";
    case CacheState::Ready:
        return "ready";
    }
    return "missing";
}

} // namespace samba
