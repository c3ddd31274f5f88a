#include "engine/train/autocast.h"

#include <ATen/autocast_mode.h>

namespace samba {

AutocastGuard::AutocastGuard(bool isOn) : m_isOn(isOn)
{
    if (!m_isOn)
        return;
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard()
{
    if (!m_isOn)
        return;
    // The cache holds bfloat16 copies of the weights, which the next optimizer step makes stale.
    if (at::autocast::decrement_nesting() == 0)
        at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
}

} // namespace samba
