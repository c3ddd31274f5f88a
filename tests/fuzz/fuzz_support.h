#pragma once

#include "engine/io/tensor_view.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

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

/// A file in memory that holds the input of a fuzz target, for readers that take a path. Made once,
/// filled again for every input.
class InputFile {
public:
    InputFile() : m_fd(::memfd_create("input", MFD_CLOEXEC)) { require(m_fd >= 0); }
    ~InputFile() { ::close(m_fd); }
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    void fill(std::string_view content)
    {
        require(::ftruncate(m_fd, 0) == 0);
        const auto written = ::pwrite(m_fd, content.data(), content.size(), 0);
        require(written == static_cast<ssize_t>(content.size()));
    }

    /// Opening it opens the file anew, at its beginning.
    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_fd); }

private:
    int m_fd;
};

/// The input of a fuzz target as text.
inline std::string_view textOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
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
