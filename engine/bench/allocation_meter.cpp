#include "engine/bench/allocation_meter.h"

#include <algorithm>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

namespace samba {

class AllocationMeter::Recorder : public c10::MemoryReportingInfoBase {
public:
    // The allocator tells of memory that it gives back only if it told of it before.
    void reportMemoryUsage(void*, int64_t bytes, size_t, size_t, c10::Device) override
    {
        m_liveBytes += bytes;
        m_peakBytes = std::max(m_peakBytes, m_liveBytes);
    }

    bool memoryProfilingEnabled() const override { return true; }

    int64_t liveBytes() const { return m_liveBytes; }
    int64_t peakBytes() const { return m_peakBytes; }

private:
    int64_t m_liveBytes = 0;
    int64_t m_peakBytes = 0;
};

AllocationMeter::AllocationMeter()
    : m_recorder(std::make_shared<Recorder>()),
      m_guard(std::make_unique<c10::DebugInfoGuard>(c10::DebugInfoKind::PROFILER_STATE, m_recorder))
{}

AllocationMeter::~AllocationMeter() = default;

int64_t AllocationMeter::liveBytes() const
{
    return m_recorder->liveBytes();
}

int64_t AllocationMeter::peakBytes() const
{
    return m_recorder->peakBytes();
}

} // namespace samba
