#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace samba::test {

/// How far two tensors may be apart: |got - wanted| <= absolute + relative * |wanted|.
struct Tolerance {
    double absolute = 0.0;
    double relative = 0.0;
};

/// Compares the values of two tensors of any dtype and device, in float64.
///
/// Shapes must be equal. NaN equals NaN and infinities equal themselves, nothing else.
/// @return "" if all is within the tolerance, otherwise a sentence with the worst index, what was
///         wanted there, what came, the tolerance and how many elements are off.
std::string tensorDifference(const at::Tensor& got, const at::Tensor& wanted,
                             const Tolerance& tolerance = {});

/// ||got - wanted|| / ||wanted|| in float64, the usual measure for gradients; the norm of `got`
/// where `wanted` is all zeros.
double relativeError(const at::Tensor& got, const at::Tensor& wanted);

} // namespace samba::test

/// Fails the running Qt Test with tensorDifference() as the message. Needs <QTest>.
#define SAMBA_COMPARE_TENSORS(got, wanted, ...)                                                    \
    do {                                                                                           \
        const std::string sambaDifference =                                                        \
            samba::test::tensorDifference((got), (wanted), samba::test::Tolerance{__VA_ARGS__});   \
        QVERIFY2(sambaDifference.empty(), sambaDifference.c_str());                                \
    } while (false)
