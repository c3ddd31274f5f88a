#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace samba {

/// The nearest float16 (IEEE 754 binary16), ties to even. Finite values beyond its range become its
/// largest, 65504, so that an overflow of the storage is not taken for one of the model. Thread:
/// any.
inline uint16_t toFloat16(float value)
{
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000U);
    const float magnitude = std::abs(value);
    if (std::isnan(value))
        return sign | 0x7E00U;
    if (std::isinf(value))
        return sign | 0x7C00U;
    if (magnitude >= 65504.0F)
        return sign | 0x7BFFU;
    if (magnitude < 0x1p-14F) {
        // Subnormal: multiples of 2^-24. The sum has a unit in the last place of exactly that, so
        // the addition rounds, ties to even, and the low bits are the count.
        const float shifted = magnitude + 0.5F;
        return sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(shifted) -
                                            std::bit_cast<uint32_t>(0.5F));
    }
    // Normal: the exponent moves from bias 127 to 15; 13 bits are rounded off, ties to even.
    const uint32_t magnitudeBits = bits & 0x7FFFFFFFU;
    const uint32_t isOdd = (magnitudeBits >> 13) & 1U;
    const uint32_t rounded = magnitudeBits + 0xFFFU + isOdd - (112U << 23);
    return sign | static_cast<uint16_t>(rounded >> 13);
}

/// The value of a float16, exactly. Thread: any.
inline float fromFloat16(uint16_t half)
{
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
    const uint32_t exponent = (half >> 10) & 0x1FU;
    const uint32_t fraction = half & 0x3FFU;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
    }
    const uint32_t wideExponent = exponent == 0x1FU ? 0xFFU : exponent + 112U;
    return std::bit_cast<float>(sign | (wideExponent << 23) | (fraction << 13));
}

} // namespace samba
