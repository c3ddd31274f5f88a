#pragma once

#include "engine/runtime/device.h"

#include <chrono>

#include <c10/core/Device.h>

namespace samba {

/// Time that a device takes for what it is given from here on. Thread: engine.
class Stopwatch {
public:
    explicit Stopwatch(c10::Device device = c10::kCPU) : m_device(device)
    {
        waitForDevice(device);
        m_start = Clock::now();
    }

    /// Seconds until all of it was done.
    double seconds() const
    {
        waitForDevice(m_device);
        return std::chrono::duration<double>(Clock::now() - m_start).count();
    }

private:
    using Clock = std::chrono::steady_clock;

    c10::Device m_device;
    Clock::time_point m_start;
};

} // namespace samba
