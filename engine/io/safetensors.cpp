#include "engine/io/safetensors.h"

#include "engine/io/file_error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors_header.h"

#include <algorithm>
#include <tuple>

namespace samba {

namespace {

constexpr std::size_t kLengthFieldSize = 8;

/// The header length field, checked against the file before anybody trusts it.
std::size_t readHeaderLength(std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    if (const auto foreign = recogniseForeignContent(bytes, WeightFormat::Safetensors)) {
        throwFormatError(path, foreign->cause, foreign->remedy);
    }
    if (bytes.size() < kLengthFieldSize) {
        throwFormatError(path, "is too short for a safetensors file: it holds " +
                                   std::to_string(bytes.size()) + " bytes");
    }
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLengthFieldSize; ++i) {
        length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    if (length > kMaxSafetensorsHeader) {
        throwFormatError(path, "claims a header of " + std::to_string(length) +
                                   " bytes, more than the format's limit of " +
                                   std::to_string(kMaxSafetensorsHeader) +
                                   ": it is damaged or not a safetensors file");
    }
    if (length > bytes.size() - kLengthFieldSize) {
        throwFormatError(path, "claims a header of " + std::to_string(length) +
                                   " bytes, but is only " + std::to_string(bytes.size()) +
                                   " bytes in size: it is truncated or damaged");
    }
    return static_cast<std::size_t>(length);
}

std::string rangeText(const SafetensorsEntry& entry)
{
    return "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + ")";
}

/// Holds the offsets of one tensor against its shape and against the size of the data.
void checkEntry(const SafetensorsEntry& entry, std::uint64_t dataSize,
                const std::filesystem::path& path)
{
    const auto fail = [&](const std::string& cause) {
        throwFormatError(path, "has a bad header: tensor " + quotedText(entry.name) + " " + cause);
    };
    const std::optional<std::int64_t> count = elementCount(entry.shape);
    std::uint64_t needed = 0;
    if (!count || __builtin_mul_overflow(static_cast<std::uint64_t>(*count), dtypeSize(entry.dtype),
                                         &needed)) {
        fail("has the shape " + shapeText(entry.shape) + ", whose size overflows 64 bits");
    }
    if (entry.begin > entry.end) {
        fail("has data_offsets " + rangeText(entry) + " that run backwards");
    }
    if (entry.end > dataSize) {
        fail("has data_offsets " + rangeText(entry) + " beyond the " + std::to_string(dataSize) +
             " bytes of data in the file: the file is truncated or its header is wrong");
    }
    if (entry.end - entry.begin != needed) {
        fail("needs " + std::to_string(needed) + " bytes for shape " + shapeText(entry.shape) +
             " of " + dtypeName(entry.dtype) + ", but its data_offsets " + rangeText(entry) +
             " span " + std::to_string(entry.end - entry.begin));
    }
}

/// Every byte of the data must belong to exactly one tensor.
void checkCoverage(const std::vector<SafetensorsEntry>& entries, std::uint64_t dataSize,
                   const std::filesystem::path& path)
{
    std::vector<const SafetensorsEntry*> byOffset;
    byOffset.reserve(entries.size());
    for (const SafetensorsEntry& entry : entries) {
        byOffset.push_back(&entry);
    }
    std::sort(byOffset.begin(), byOffset.end(),
              [](const SafetensorsEntry* left, const SafetensorsEntry* right) {
                  return std::tie(left->begin, left->end) < std::tie(right->begin, right->end);
              });
    std::uint64_t covered = 0;
    const SafetensorsEntry* previous = nullptr;
    for (const SafetensorsEntry* entry : byOffset) {
        if (entry->begin < covered) {
            throwFormatError(path, "has a bad header: tensor " + quotedText(entry->name) +
                                       " at data_offsets " + rangeText(*entry) +
                                       " overlaps tensor " + quotedText(previous->name) + " at " +
                                       rangeText(*previous));
        }
        if (entry->begin > covered) {
            throwFormatError(path, "has a hole: data bytes [" + std::to_string(covered) + ", " +
                                       std::to_string(entry->begin) + ") before tensor " +
                                       quotedText(entry->name) + " belong to no tensor");
        }
        covered = entry->end;
        previous = entry;
    }
    if (covered != dataSize) {
        throwFormatError(path, "has a hole: data bytes [" + std::to_string(covered) + ", " +
                                   std::to_string(dataSize) + ") at the end belong to no tensor");
    }
}

} // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path)
{
    std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    const std::span<const std::byte> bytes = file->bytes();
    return parse(bytes, std::move(file), path);
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes,
                                       std::shared_ptr<const void> owner,
                                       const std::filesystem::path& path)
{
    const std::size_t headerLength = readHeaderLength(bytes, path);
    const std::span<const std::byte> header = bytes.subspan(kLengthFieldSize, headerLength);
    const std::span<const std::byte> data = bytes.subspan(kLengthFieldSize + headerLength);
    SafetensorsHeader parsed = parseSafetensorsHeader(
        std::string_view(reinterpret_cast<const char*>(header.data()), header.size()), path);

    for (const SafetensorsEntry& entry : parsed.entries) {
        checkEntry(entry, data.size(), path);
    }
    checkCoverage(parsed.entries, data.size(), path);

    SafetensorsFile file;
    file.m_path = path;
    file.m_metadata = std::move(parsed.metadata);
    file.m_tensors.reserve(parsed.entries.size());
    for (SafetensorsEntry& entry : parsed.entries) {
        TensorView view;
        view.name = std::move(entry.name);
        view.dtype = entry.dtype;
        view.strides = contiguousStrides(entry.shape);
        view.shape = std::move(entry.shape);
        view.bytes = data.subspan(static_cast<std::size_t>(entry.begin),
                                  static_cast<std::size_t>(entry.end - entry.begin));
        view.owner = owner;
        file.m_tensors.push_back(std::move(view));
    }
    std::sort(
        file.m_tensors.begin(), file.m_tensors.end(),
        [](const TensorView& left, const TensorView& right) { return left.name < right.name; });
    return file;
}

} // namespace samba
