#include "engine/io/torch_zip.h"

#include "engine/io/file_error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/pickle_reader.h"
#include "engine/io/zip_archive.h"

#include <algorithm>
#include <optional>

namespace samba {

namespace {

constexpr std::string_view kPickleName = "/data.pkl";

/// torch.save puts everything under one folder, whose name follows the file's first name.
const ZipRecord& findPickle(const ZipArchive& archive, const std::filesystem::path& path)
{
    const ZipRecord* pickle = nullptr;
    for (const ZipRecord& record : archive.records()) {
        const bool isPickle = record.name.ends_with(kPickleName) &&
                              record.name.find('/') == record.name.size() - kPickleName.size();
        if (isPickle && pickle != nullptr) {
            throwFormatError(path, "holds two pickles, " + quotedText(pickle->name) + " and " +
                                       quotedText(record.name));
        }
        if (isPickle) {
            pickle = &record;
        }
    }
    if (pickle == nullptr) {
        throwFormatError(path, "is a zip archive without the record data.pkl: it was not written "
                               "by torch.save");
    }
    return *pickle;
}

void checkByteOrder(const ZipArchive& archive, const std::string& folder,
                    const std::filesystem::path& path)
{
    const ZipRecord* record = archive.find(folder + "/byteorder");
    if (record == nullptr) {
        return; // files before PyTorch 2.0 do not say it
    }
    const std::string_view order(reinterpret_cast<const char*>(record->bytes.data()),
                                 record->bytes.size());
    if (order != "little") {
        throwFormatError(
            path, "holds data of byte order " + quotedText(order) + ", only 'little' is supported",
            "Save the model again on a little-endian machine.");
    }
}

void verifyChecksum(const ZipRecord& record, const std::filesystem::path& path)
{
    // torch.save can be told to leave checksums out; it writes 0 then.
    if (record.checksum != 0 && crc32(record.bytes) != record.checksum) {
        throwFormatError(path, "is damaged: the checksum of its record " + quotedText(record.name) +
                                   " is wrong");
    }
}

/// One past the last element that a tensor touches, counted from the start of its storage;
/// nothing if that overflows. The tensor has at least one element.
std::optional<std::int64_t> endElement(const PickledTensor& tensor)
{
    std::int64_t last = tensor.offset;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        std::int64_t span = 0;
        if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &span) ||
            __builtin_add_overflow(last, span, &last)) {
            return std::nullopt;
        }
    }
    std::int64_t end = 0;
    return __builtin_add_overflow(last, 1, &end) ? std::nullopt : std::optional(end);
}

/// The record that holds a tensor's storage, checked against the size the pickle claims.
std::span<const std::byte> findStorage(const ZipArchive& archive, const std::string& folder,
                                       const PickledTensor& tensor,
                                       const std::filesystem::path& path)
{
    const std::string name = folder + "/data/" + tensor.storageKey;
    const ZipRecord* record = archive.find(name);
    if (record == nullptr) {
        throwFormatError(path, "lacks the record " + quotedText(name) + ", the storage of tensor " +
                                   quotedText(tensor.name));
    }
    std::int64_t wanted = 0;
    const auto elementSize = static_cast<std::int64_t>(dtypeSize(tensor.dtype));
    if (__builtin_mul_overflow(tensor.storageCount, elementSize, &wanted) ||
        static_cast<std::uint64_t>(wanted) != record->bytes.size()) {
        throwFormatError(path, "has a storage of the wrong size: tensor " +
                                   quotedText(tensor.name) + " needs a storage of " +
                                   std::to_string(tensor.storageCount) + " elements of " +
                                   dtypeName(tensor.dtype) + ", record " + quotedText(name) +
                                   " holds " + std::to_string(record->bytes.size()) + " bytes");
    }
    return record->bytes;
}

/// The bytes of a tensor inside its storage.
std::span<const std::byte> sliceStorage(const PickledTensor& tensor,
                                        std::span<const std::byte> storage,
                                        const std::filesystem::path& path)
{
    const std::int64_t count = elementCount(tensor.shape).value_or(0);
    if (count == 0) {
        return {};
    }
    const std::optional<std::int64_t> end = endElement(tensor);
    // More elements than the storage has would be a view that repeats them (a stride of 0): not a
    // thing a model holds, but a way to make a small file claim any amount of memory.
    if (!end || *end > tensor.storageCount || count > tensor.storageCount) {
        throwFormatError(path, "has a tensor beyond its storage: " + quotedText(tensor.name) +
                                   " of shape " + shapeText(tensor.shape) + ", strides " +
                                   shapeText(tensor.strides) + ", offset " +
                                   std::to_string(tensor.offset) + " exceeds the range of " +
                                   std::to_string(tensor.storageCount) + " elements");
    }
    const std::size_t elementSize = dtypeSize(tensor.dtype);
    const auto begin = static_cast<std::size_t>(tensor.offset);
    return storage.subspan(begin * elementSize,
                           (static_cast<std::size_t>(*end) - begin) * elementSize);
}

} // namespace

TorchZipFile TorchZipFile::open(const std::filesystem::path& path)
{
    std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    const std::span<const std::byte> bytes = file->bytes();
    return parse(bytes, std::move(file), path);
}

TorchZipFile TorchZipFile::parse(std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner,
                                 const std::filesystem::path& path)
{
    if (const auto foreign = recogniseForeignContent(bytes, WeightFormat::TorchZip)) {
        throwFormatError(path, foreign->cause, foreign->remedy);
    }
    const ZipArchive archive(bytes, path);
    const ZipRecord& pickle = findPickle(archive, path);
    verifyChecksum(pickle, path);
    const std::string folder = pickle.name.substr(0, pickle.name.size() - kPickleName.size());
    checkByteOrder(archive, folder, path);

    TorchZipFile file;
    file.m_path = path;
    for (PickledTensor& tensor : readPickledStateDict(pickle.bytes, path)) {
        TensorView view;
        view.bytes = sliceStorage(tensor, findStorage(archive, folder, tensor, path), path);
        view.name = std::move(tensor.name);
        view.dtype = tensor.dtype;
        view.shape = std::move(tensor.shape);
        view.strides = std::move(tensor.strides);
        view.owner = owner;
        file.m_tensors.push_back(std::move(view));
    }
    std::sort(
        file.m_tensors.begin(), file.m_tensors.end(),
        [](const TensorView& left, const TensorView& right) { return left.name < right.name; });
    file.m_records = archive.records();
    file.m_owner = std::move(owner);
    return file;
}

void TorchZipFile::verifyChecksums() const
{
    for (const ZipRecord& record : m_records) {
        verifyChecksum(record, m_path);
    }
}

} // namespace samba
