#pragma once

#include <cmath>

#include "kernels/common/host_device.h"

namespace samba::kernels {

/// The affine map h -> a h + b: one step of the recurrence, or several composed.
template <typename Real>
struct Affine {
    Real a;
    Real b;
};

/// The map that applies `first`, then `second`.
template <typename Real>
SAMBA_HOST_DEVICE Affine<Real> after(Affine<Real> second, Affine<Real> first)
{
    return {second.a * first.a, std::fma(second.a, first.b, second.b)};
}

} // namespace samba::kernels
