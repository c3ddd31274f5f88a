#pragma once

namespace samba {

/// While alive and on, matrix products take bfloat16 operands and master weights stay
/// float32 (PyTorch's automatic mixed precision). Thread: engine.
class AutocastGuard {
public:
    explicit AutocastGuard(bool isOn);
    ~AutocastGuard();

    AutocastGuard(const AutocastGuard&) = delete;
    AutocastGuard& operator=(const AutocastGuard&) = delete;

private:
    bool m_isOn = false;
};

} // namespace samba
