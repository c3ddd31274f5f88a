#include "engine/io/safetensors_writer.h"

#include "engine/io/file_error.h"
#include "engine/io/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace samba {

namespace {

constexpr std::size_t kHeaderAlignment = 8;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& cause)
{
    throw Error(ErrorKind::InvalidArgument, quotedPath(path) + " cannot be written: " + cause);
}

std::uint64_t sizeBytesOf(const TensorSpec& tensor, const std::filesystem::path& path)
{
    const std::optional<std::int64_t> count = elementCount(tensor.shape);
    std::uint64_t size = 0;
    if (!count || tensor.shape.size() > kMaxTensorRank ||
        __builtin_mul_overflow(static_cast<std::uint64_t>(*count), dtypeSize(tensor.dtype),
                               &size)) {
        refuse(path, "tensor " + quotedText(tensor.name) + " has the impossible shape " +
                         shapeText(tensor.shape));
    }
    return size;
}

/// A JSON string literal; the text has been checked to be UTF-8.
std::string jsonString(const std::string& text)
{
    return nlohmann::json(text).dump();
}

void checkTexts(const std::vector<TensorSpec>& tensors,
                const std::map<std::string, std::string>& metadata,
                const std::filesystem::path& path)
{
    for (const TensorSpec& tensor : tensors) {
        if (!isValidUtf8(tensor.name) || tensor.name == "__metadata__") {
            refuse(path, "a tensor cannot have the name " + quotedText(tensor.name));
        }
    }
    for (const auto& [key, value] : metadata) {
        if (!isValidUtf8(key) || !isValidUtf8(value)) {
            refuse(path, "the metadata entry " + quotedText(key) + " is not UTF-8 text");
        }
    }
}

std::string metadataJson(const std::map<std::string, std::string>& metadata)
{
    std::string json = "\"__metadata__\":{";
    for (const auto& [key, value] : metadata) {
        json += (json.back() == '{' ? "" : ",") + jsonString(key) + ":" + jsonString(value);
    }
    return json + "}";
}

std::string tensorJson(const TensorSpec& tensor, std::uint64_t begin, std::uint64_t end)
{
    return jsonString(tensor.name) + ":{\"dtype\":\"" + dtypeName(tensor.dtype) +
           "\",\"shape\":" + nlohmann::json(tensor.shape).dump() + ",\"data_offsets\":[" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
}

} // namespace

std::map<std::string, std::string> defaultSafetensorsMetadata()
{
    return {{"format", "pt"}};
}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     std::vector<TensorSpec> tensors,
                                     const std::map<std::string, std::string>& metadata)
    : m_file(path)
{
    checkTexts(tensors, metadata, path);
    std::sort(tensors.begin(), tensors.end(), [](const TensorSpec& left, const TensorSpec& right) {
        return std::pair(dtypeSize(right.dtype), std::string_view(left.name)) <
               std::pair(dtypeSize(left.dtype), std::string_view(right.name));
    });

    std::string header = "{";
    if (!metadata.empty()) {
        header += metadataJson(metadata);
    }
    std::uint64_t offset = 0;
    for (const TensorSpec& tensor : tensors) {
        const std::uint64_t size = sizeBytesOf(tensor, path);
        if (!m_places.emplace(tensor.name, Place{offset, size, false}).second) {
            refuse(path, "two tensors have the name " + quotedText(tensor.name));
        }
        header += (header.size() == 1 ? "" : ",") + tensorJson(tensor, offset, offset + size);
        offset += size;
    }
    header += "}";
    header.append((kHeaderAlignment - header.size() % kHeaderAlignment) % kHeaderAlignment, ' ');
    if (header.size() > kMaxSafetensorsHeader) {
        refuse(path, "its header would be larger than the format allows");
    }

    std::string start;
    for (int shift = 0; shift < 64; shift += 8) {
        start += static_cast<char>((header.size() >> shift) & 0xFF);
    }
    start += header;
    for (auto& [name, place] : m_places) {
        place.offset += start.size();
    }
    m_file.reserve(start.size() + offset);
    m_file.writeAt(0, std::as_bytes(std::span(start)));
}

void SafetensorsWriter::write(std::string_view name, std::span<const std::byte> bytes)
{
    const auto found = m_places.find(name);
    if (found == m_places.end()) {
        refuse(m_file.path(), "it was not laid out for a tensor " + quotedText(name));
    }
    Place& place = found->second;
    if (place.isWritten) {
        refuse(m_file.path(), "tensor " + quotedText(name) + " was given twice");
    }
    if (bytes.size() != place.sizeBytes) {
        refuse(m_file.path(), "tensor " + quotedText(name) + " needs " +
                                  std::to_string(place.sizeBytes) + " bytes and got " +
                                  std::to_string(bytes.size()));
    }
    m_file.writeAt(place.offset, bytes);
    place.isWritten = true;
}

void SafetensorsWriter::commit()
{
    for (const auto& [name, place] : m_places) {
        if (!place.isWritten) {
            refuse(m_file.path(), "tensor " + quotedText(name) + " was not given");
        }
    }
    m_file.commit();
}

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string>& metadata)
{
    std::vector<TensorSpec> specs;
    for (const TensorView& tensor : tensors) {
        if (!tensor.isContiguous()) {
            refuse(path, "tensor " + quotedText(tensor.name) + " is not contiguous");
        }
        specs.push_back({tensor.name, tensor.dtype, tensor.shape});
    }
    SafetensorsWriter writer(path, std::move(specs), metadata);
    for (const TensorView& tensor : tensors) {
        writer.write(tensor.name, tensor.bytes);
    }
    writer.commit();
}

} // namespace samba
