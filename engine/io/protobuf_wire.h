#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samba {

/// Writes fields of a protocol buffer message one after the other. Thread: one at a time.
class ProtobufWriter {
public:
    void addVarint(uint32_t field, uint64_t value);
    void addDouble(uint32_t field, double value);
    void addFloat(uint32_t field, float value);
    void addBytes(uint32_t field, std::string_view bytes);

    /// The message so far.
    const std::string& bytes() const { return m_bytes; }

private:
    void addTag(uint32_t field, uint32_t wireType);

    std::string m_bytes;
};

/// Reads a protocol buffer message field by field. Made for bytes that cannot be trusted: what is
/// no message throws, and nothing is allocated. Thread: one at a time; the bytes must stay alive.
class ProtobufReader {
public:
    enum class WireType : uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

    struct Field {
        uint32_t number = 0;
        WireType type = WireType::Varint;
        uint64_t value = 0;     ///< of a Varint, Fixed64 or Fixed32
        std::string_view bytes; ///< of Bytes

        double toDouble() const; ///< of a Fixed64
        float toFloat() const;   ///< of a Fixed32
    };

    explicit ProtobufReader(std::string_view message) : m_rest(message) {}

    /// The next field; nothing at the end. @throws Error Format.
    std::optional<Field> next();

    /// For packed repeated fields, which hold numbers without tags.
    bool isAtEnd() const { return m_rest.empty(); }
    uint64_t readVarint();  ///< @throws Error Format
    uint32_t readFixed32(); ///< @throws Error Format
    uint64_t readFixed64(); ///< @throws Error Format

private:
    uint64_t readFixed(size_t size);

    std::string_view m_rest;
};

} // namespace samba
