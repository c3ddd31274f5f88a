#pragma once

#include <cstdint>
#include <memory>

namespace c10 {
class DebugInfoGuard;
}

namespace samba {

/// Counts what LibTorch's CPU allocator hands out on this thread while it lives. Thread: engine.
class AllocationMeter {
public:
    AllocationMeter();
    ~AllocationMeter();
    AllocationMeter(const AllocationMeter&) = delete;
    AllocationMeter& operator=(const AllocationMeter&) = delete;

    /// Bytes taken since then and not given back.
    int64_t liveBytes() const;

    /// The most that liveBytes() has been.
    int64_t peakBytes() const;

private:
    class Recorder;

    std::shared_ptr<Recorder> m_recorder;
    std::unique_ptr<c10::DebugInfoGuard> m_guard;
};

} // namespace samba
