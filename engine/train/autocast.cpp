#include "engine/train/autocast.h"

#include <ATen/autocast_mode.h>

namespace samba {
namespace {

/// Autocast is a setting of each kind of device, without effect on tensors of the others.
constexpr at::DeviceType kDevices[] = {at::kCPU, at::kCUDA};

} // namespace

AutocastGuard::AutocastGuard(bool isOn) : m_isOn(isOn)
{
    if (!m_isOn)
        return;
    for (const at::DeviceType device : kDevices) {
        at::autocast::set_autocast_enabled(device, true);
        at::autocast::set_autocast_dtype(device, at::kBFloat16);
    }
    at::autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard()
{
    if (!m_isOn)
        return;
    // The cache holds bfloat16 copies of the weights, which the next optimizer step makes stale.
    if (at::autocast::decrement_nesting() == 0)
        at::autocast::clear_cache();
    for (const at::DeviceType device : kDevices)
        at::autocast::set_autocast_enabled(device, false);
}

} // namespace samba
