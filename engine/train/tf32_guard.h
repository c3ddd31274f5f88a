#pragma once

#include <ATen/Context.h>

namespace samba {

/// While alive, decides whether CUDA devices round the factors of float32 products to TF32.
/// Thread: engine.
class Tf32Guard {
public:
    explicit Tf32Guard(bool isOn);
    ~Tf32Guard();

    Tf32Guard(const Tf32Guard&) = delete;
    Tf32Guard& operator=(const Tf32Guard&) = delete;

private:
    at::Float32Precision m_before;
};

} // namespace samba
