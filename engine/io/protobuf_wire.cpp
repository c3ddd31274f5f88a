#include "engine/io/protobuf_wire.h"

#include "engine/api/error.h"

#include <bit>

namespace samba {

namespace {

using WireType = ProtobufReader::WireType;

void appendVarint(std::string& bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        bytes += static_cast<char>(0x80 | (value & 0x7F));
    bytes += static_cast<char>(value);
}

void appendFixed(std::string& bytes, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; ++i)
        bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
}

[[noreturn]] void throwNoMessage()
{
    throw Error(ErrorKind::Format, "These bytes are no protocol buffer message.");
}

} // namespace

void ProtobufWriter::addTag(uint32_t field, uint32_t wireType)
{
    appendVarint(m_bytes, uint64_t{field} << 3 | wireType);
}

void ProtobufWriter::addVarint(uint32_t field, uint64_t value)
{
    addTag(field, static_cast<uint32_t>(WireType::Varint));
    appendVarint(m_bytes, value);
}

void ProtobufWriter::addDouble(uint32_t field, double value)
{
    addTag(field, static_cast<uint32_t>(WireType::Fixed64));
    appendFixed(m_bytes, std::bit_cast<uint64_t>(value), 8);
}

void ProtobufWriter::addFloat(uint32_t field, float value)
{
    addTag(field, static_cast<uint32_t>(WireType::Fixed32));
    appendFixed(m_bytes, std::bit_cast<uint32_t>(value), 4);
}

void ProtobufWriter::addBytes(uint32_t field, std::string_view bytes)
{
    addTag(field, static_cast<uint32_t>(WireType::Bytes));
    appendVarint(m_bytes, bytes.size());
    m_bytes += bytes;
}

double ProtobufReader::Field::toDouble() const
{
    return std::bit_cast<double>(value);
}

float ProtobufReader::Field::toFloat() const
{
    return std::bit_cast<float>(static_cast<uint32_t>(value));
}

std::optional<ProtobufReader::Field> ProtobufReader::next()
{
    if (m_rest.empty())
        return std::nullopt;
    const uint64_t tag = readVarint();
    Field field;
    field.number = static_cast<uint32_t>(tag >> 3);
    field.type = static_cast<WireType>(tag & 7);
    if (tag >> 3 == 0 || tag >> 32 != 0)
        throwNoMessage();
    switch (field.type) {
    case WireType::Varint:
        field.value = readVarint();
        return field;
    case WireType::Fixed64:
        field.value = readFixed64();
        return field;
    case WireType::Fixed32:
        field.value = readFixed32();
        return field;
    case WireType::Bytes: {
        const uint64_t size = readVarint();
        if (size > m_rest.size())
            throwNoMessage();
        field.bytes = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return field;
    }
    }
    throwNoMessage();
}

uint64_t ProtobufReader::readVarint()
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (m_rest.empty())
            break;
        const auto byte = static_cast<uint8_t>(m_rest.front());
        m_rest.remove_prefix(1);
        value |= uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80)
            return value;
    }
    throwNoMessage();
}

uint32_t ProtobufReader::readFixed32()
{
    return static_cast<uint32_t>(readFixed(4));
}

uint64_t ProtobufReader::readFixed64()
{
    return readFixed(8);
}

uint64_t ProtobufReader::readFixed(size_t size)
{
    if (m_rest.size() < size)
        throwNoMessage();
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i)
        value |= uint64_t{static_cast<uint8_t>(m_rest[i])} << (8 * i);
    m_rest.remove_prefix(size);
    return value;
}

} // namespace samba
