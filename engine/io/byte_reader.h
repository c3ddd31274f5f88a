#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace samba {

/// Reads little-endian numbers and strings one after the other, never past the end.
///
/// Every read that does not fit fails as a whole: it gives nothing and moves nowhere. Used on
/// bytes that cannot be trusted. Thread: one at a time.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    /// Bytes read so far, and bytes left.
    std::size_t position() const { return m_position; }
    std::size_t remaining() const { return m_bytes.size() - m_position; }

    /// An unsigned number of 1, 2, 4 or 8 bytes.
    template <typename Number>
    std::optional<Number> read()
    {
        if (remaining() < sizeof(Number)) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            value |= std::to_integer<std::uint64_t>(m_bytes[m_position + i]) << (8 * i);
        }
        m_position += sizeof(Number);
        return static_cast<Number>(value);
    }

    /// The next `size` bytes.
    std::optional<std::span<const std::byte>> readBytes(std::uint64_t size)
    {
        if (size > remaining()) {
            return std::nullopt;
        }
        const auto bytes = m_bytes.subspan(m_position, static_cast<std::size_t>(size));
        m_position += static_cast<std::size_t>(size);
        return bytes;
    }

    /// The next `size` bytes as text.
    std::optional<std::string_view> readText(std::uint64_t size)
    {
        const auto bytes = readBytes(size);
        if (!bytes) {
            return std::nullopt;
        }
        return std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }

private:
    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
};

} // namespace samba
