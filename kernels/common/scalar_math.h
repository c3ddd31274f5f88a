#pragma once

#include <cmath>

#include "kernels/common/host_device.h"

/// The activations of the ops on plain numbers, for float and double, on either processor.
namespace samba::kernels {

/// 1 / (1 + e^-x).
template <typename Real>
SAMBA_HOST_DEVICE Real sigmoid(Real x)
{
    return Real(1) / (Real(1) + std::exp(-x));
}

/// x sigmoid(x).
template <typename Real>
SAMBA_HOST_DEVICE Real silu(Real x)
{
    return x * sigmoid(x);
}

/// The derivative of silu.
template <typename Real>
SAMBA_HOST_DEVICE Real siluDerivative(Real x)
{
    const Real s = sigmoid(x);
    return s * (Real(1) + x * (Real(1) - s));
}

/// log(1 + e^x), without overflow.
template <typename Real>
SAMBA_HOST_DEVICE Real softplus(Real x)
{
    return x > Real(0) ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

} // namespace samba::kernels
