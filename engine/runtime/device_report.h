#pragma once

#include "engine/api/device_report.h"

#include <string>

namespace samba {

/// Looks at processor, memory, kernels and devices.
/// @param device  as EngineOptions::device. One that cannot be used is reported, not refused.
/// Thread: engine.
DeviceReport reportDevice(const std::string& device);

} // namespace samba
