#pragma once

#include "engine/io/tensor_view.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace samba::fuzz {

/// Ends the run, so that the fuzzer keeps the input, if a claim about accepted input is false.
inline void require(bool claim)
{
    if (!claim) {
        std::abort();
    }
}

/// The input of a fuzz target as bytes.
inline std::span<const std::byte> bytesOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const std::byte*>(data), size};
}

/// What every reader promises about the tensors it accepts: their bytes lie inside the file, each
/// element that shape and strides reach lies inside these bytes, and there are not more elements
/// than bytes.
inline void checkTensors(std::span<const TensorView> tensors, std::span<const std::byte> file)
{
    std::uint64_t sum = 0;
    for (const TensorView& tensor : tensors) {
        require(tensor.strides.size() == tensor.shape.size());
        require(elementCount(tensor.shape).has_value());
        const std::int64_t count = tensor.count();
        require(count >= 0 && tensor.bytes.empty() == (count == 0));
        if (count == 0) {
            continue;
        }
        require(tensor.bytes.data() >= file.data());
        require(tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size());
        require(static_cast<std::uint64_t>(count) <= file.size());
        std::uint64_t last = 0;
        for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
            last += static_cast<std::uint64_t>(tensor.shape[i] - 1) *
                    static_cast<std::uint64_t>(tensor.strides[i]);
        }
        require((last + 1) * dtypeSize(tensor.dtype) == tensor.bytes.size());
        // Reads the ends, so that AddressSanitizer sees them.
        sum += std::to_integer<std::uint64_t>(tensor.bytes.front()) +
               std::to_integer<std::uint64_t>(tensor.bytes.back());
    }
    volatile std::uint64_t sink = sum;
    static_cast<void>(sink);
}

} // namespace samba::fuzz
