#pragma once

#include "kernels/common/gpu.h"
#include "kernels/common/gpu_arguments.h"

#include <cstdint>
#include <stdexcept>
#include <string>

/// What launchers do before a launch. Host code.
namespace samba::kernels::gpu {

inline constexpr int64_t kLargestInt = 0x7fffffff;
/// Blocks along the second and third dimension of a grid.
inline constexpr int64_t kLargestGridY = 65535;

/// Throws std::invalid_argument naming a number outside [low, high].
inline void checkRange(const char* op, const char* name, int64_t value, int64_t low, int64_t high)
{
    if (value < low || value > high)
        throw std::invalid_argument(std::string("CUDA ") + op + ": " + name +
                                    ": wanted a value in [" + std::to_string(low) + ", " +
                                    std::to_string(high) + "], got " + std::to_string(value));
}

inline bool startsPacket(const void* pointer)
{
    return reinterpret_cast<uintptr_t>(pointer) % 16 == 0;
}

/// Whether rows of elements of `elementSize` bytes all start at a multiple of 16 bytes; true for a
/// missing tensor.
template <typename Pointer>
bool startPackets(const Rows<Pointer>& rows, size_t elementSize)
{
    const auto isWhole = [elementSize](int64_t stride) {
        return static_cast<size_t>(stride) * elementSize % 16 == 0;
    };
    return !rows.data ||
           (startsPacket(rows.data) && isWhole(rows.batchStride) && isWhole(rows.rowStride));
}

/// The C++ type of stored elements, as an argument.
template <typename T>
struct ElementType {
    using type = T;
};

/// Calls `body` with the ElementType of `element`.
template <class Body>
void withElementType(Element element, const Body& body)
{
    switch (element) {
    case Element::Float32:
        return body(ElementType<float>());
    case Element::Float16:
        return body(ElementType<__half>());
    case Element::BFloat16:
        return body(ElementType<__nv_bfloat16>());
    }
}

} // namespace samba::kernels::gpu
