#include "engine/io/zip_archive.h"

#include "engine/io/byte_reader.h"
#include "engine/io/file_error.h"

#include <libdeflate.h>

#include <algorithm>

namespace samba {

namespace {

constexpr std::uint32_t kLocalHeaderMark = 0x04034b50;
constexpr std::uint32_t kDirectoryEntryMark = 0x02014b50;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kZip64EndMark = 0x06064b50;
constexpr std::uint32_t kZip64LocatorMark = 0x07064b50;

constexpr std::size_t kEndSize = 22;
constexpr std::size_t kZip64LocatorSize = 20;
constexpr std::size_t kMaxCommentSize = 0xFFFF;
constexpr std::uint16_t kZip64ExtraId = 1;
constexpr std::uint16_t kEncryptedFlag = 1;
constexpr std::uint16_t kNone16 = 0xFFFF;     ///< "see the Zip64 record"
constexpr std::uint32_t kNone32 = 0xFFFFFFFF; ///< likewise

/// Where the central directory lies.
struct DirectoryPlace {
    std::uint64_t count = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// One entry of the central directory.
struct DirectoryEntry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t checksum = 0;
    std::uint64_t compressedSize = 0;
    std::uint64_t size = 0;
    std::uint64_t headerOffset = 0;
};

/// True for a name that could be meant to be unpacked outside the archive's folder.
bool leadsOutside(std::string_view name)
{
    if (name.empty() || name.front() == '/' ||
        name.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos) {
        return true;
    }
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        if (name.substr(begin, end - begin) == "..") {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

class DirectoryReader {
public:
    DirectoryReader(std::span<const std::byte> bytes, const std::filesystem::path& path)
        : m_bytes(bytes), m_path(path)
    {}

    std::vector<ZipRecord> readAll()
    {
        const DirectoryPlace place = findDirectory();
        ByteReader reader(m_bytes.subspan(static_cast<std::size_t>(place.offset),
                                          static_cast<std::size_t>(place.size)));
        std::vector<ZipRecord> records;
        for (std::uint64_t i = 0; i < place.count; ++i) {
            records.push_back(locate(readEntry(reader), place.offset));
        }
        if (reader.remaining() != 0) {
            fail("has a zip central directory with " + std::to_string(reader.remaining()) +
                 " bytes too many");
        }
        return records;
    }

private:
    [[noreturn]] void fail(const std::string& cause) const { throwFormatError(m_path, cause); }

    [[noreturn]] void failTruncated() const
    {
        fail("has a damaged zip central directory: it ends in the middle of an entry");
    }

    /// The value, or an error if the directory ended before it.
    template <typename Value>
    Value require(std::optional<Value> value) const
    {
        if (!value) {
            failTruncated();
        }
        return *value;
    }

    /// The end record lies at the very end, before a comment whose length it states.
    std::size_t findEnd() const
    {
        if (m_bytes.size() >= kEndSize) {
            const std::size_t last = m_bytes.size() - kEndSize;
            const std::size_t first = last - std::min(last, kMaxCommentSize);
            for (std::size_t offset = last + 1; offset-- > first;) {
                ByteReader reader(m_bytes.subspan(offset));
                if (reader.read<std::uint32_t>() != kEndMark) {
                    continue;
                }
                reader.readBytes(16);
                if (reader.read<std::uint16_t>() == last - offset) {
                    return offset;
                }
            }
        }
        fail("is not a complete zip archive: the central directory at its end is missing, the "
             "file is truncated or of another format");
    }

    DirectoryPlace findDirectory() const
    {
        const std::size_t end = findEnd();
        ByteReader reader(m_bytes.subspan(end + sizeof(kEndMark)));
        const auto disk = require(reader.read<std::uint16_t>());
        const auto directoryDisk = require(reader.read<std::uint16_t>());
        const auto countHere = require(reader.read<std::uint16_t>());
        const auto count = require(reader.read<std::uint16_t>());
        const auto size = require(reader.read<std::uint32_t>());
        const auto offset = require(reader.read<std::uint32_t>());

        DirectoryPlace place{count, offset, size};
        if (disk == kNone16 || directoryDisk == kNone16 || countHere == kNone16 ||
            count == kNone16 || size == kNone32 || offset == kNone32) {
            place = readZip64End(end);
        } else if (disk != 0 || directoryDisk != 0 || countHere != count) {
            fail("is one part of a split zip archive");
        }
        if (place.offset > end || place.size > end - place.offset) {
            fail("has a zip central directory that lies outside the file: it is truncated or "
                 "damaged");
        }
        return place;
    }

    DirectoryPlace readZip64End(std::size_t end) const
    {
        if (end < kZip64LocatorSize) {
            failTruncated();
        }
        ByteReader locator(m_bytes.subspan(end - kZip64LocatorSize, kZip64LocatorSize));
        const auto locatorMark = require(locator.read<std::uint32_t>());
        require(locator.read<std::uint32_t>()); // disk of the record
        const auto offset = require(locator.read<std::uint64_t>());
        if (locatorMark != kZip64LocatorMark || offset > end) {
            fail("has a zip end record that points to no Zip64 record");
        }
        ByteReader record(m_bytes.subspan(static_cast<std::size_t>(offset)));
        const auto mark = require(record.read<std::uint32_t>());
        require(record.readBytes(12)); // size of this record, two versions
        const auto disk = require(record.read<std::uint32_t>());
        const auto directoryDisk = require(record.read<std::uint32_t>());
        const auto countHere = require(record.read<std::uint64_t>());
        DirectoryPlace place;
        place.count = require(record.read<std::uint64_t>());
        place.size = require(record.read<std::uint64_t>());
        place.offset = require(record.read<std::uint64_t>());
        if (mark != kZip64EndMark || disk != 0 || directoryDisk != 0 || countHere != place.count) {
            fail("has a damaged Zip64 end record");
        }
        return place;
    }

    DirectoryEntry readEntry(ByteReader& reader) const
    {
        if (require(reader.read<std::uint32_t>()) != kDirectoryEntryMark) {
            fail("has a damaged zip central directory: an entry lacks its signature");
        }
        DirectoryEntry entry;
        require(reader.read<std::uint32_t>()); // version made by, version needed
        entry.flags = require(reader.read<std::uint16_t>());
        entry.method = require(reader.read<std::uint16_t>());
        require(reader.read<std::uint32_t>()); // time and date
        entry.checksum = require(reader.read<std::uint32_t>());
        entry.compressedSize = require(reader.read<std::uint32_t>());
        entry.size = require(reader.read<std::uint32_t>());
        const auto nameSize = require(reader.read<std::uint16_t>());
        const auto extraSize = require(reader.read<std::uint16_t>());
        const auto commentSize = require(reader.read<std::uint16_t>());
        require(reader.readBytes(8)); // disk, attributes
        entry.headerOffset = require(reader.read<std::uint32_t>());
        entry.name = require(reader.readText(nameSize));
        readZip64Extra(entry, require(reader.readBytes(extraSize)));
        require(reader.readBytes(commentSize));
        return entry;
    }

    /// Replaces the sizes and the offset that do not fit into 32 bits.
    void readZip64Extra(DirectoryEntry& entry, std::span<const std::byte> extra) const
    {
        ByteReader reader(extra);
        while (reader.remaining() > 0) {
            const auto id = require(reader.read<std::uint16_t>());
            const auto size = require(reader.read<std::uint16_t>());
            ByteReader field(require(reader.readBytes(size)));
            if (id != kZip64ExtraId) {
                continue;
            }
            for (std::uint64_t* value : {&entry.size, &entry.compressedSize, &entry.headerOffset}) {
                if (*value == kNone32) {
                    *value = require(field.read<std::uint64_t>());
                }
            }
        }
    }

    /// Finds the data of an entry and holds the entry against its local header.
    ZipRecord locate(DirectoryEntry entry, std::uint64_t directoryOffset) const
    {
        const std::string record = "record " + quotedText(entry.name);
        if (leadsOutside(entry.name)) {
            fail("has an unsafe entry: " + record + " has a path that leads outside the archive");
        }
        if ((entry.flags & kEncryptedFlag) != 0) {
            fail("has an encrypted " + record);
        }
        if (entry.method != 0 || entry.compressedSize != entry.size) {
            fail("has a compressed " + record + ", where PyTorch stores records as they are");
        }
        if (entry.headerOffset > directoryOffset) {
            failOutside(record);
        }
        const auto header = static_cast<std::size_t>(entry.headerOffset);
        ByteReader reader(
            m_bytes.subspan(header, static_cast<std::size_t>(directoryOffset) - header));
        const auto mark = reader.read<std::uint32_t>();
        reader.readBytes(22); // repeats what the central directory says
        const auto nameSize = reader.read<std::uint16_t>();
        const auto extraSize = reader.read<std::uint16_t>();
        const auto name = reader.readText(nameSize.value_or(0));
        if (mark != kLocalHeaderMark || !extraSize || name != entry.name) {
            fail("has a damaged header before " + record);
        }
        reader.readBytes(*extraSize);
        const auto bytes = reader.readBytes(entry.size);
        if (!bytes) {
            failOutside(record);
        }
        return {std::move(entry.name), *bytes, entry.checksum};
    }

    [[noreturn]] void failOutside(const std::string& record) const
    {
        fail("has a " + record +
             " that reaches beyond the data of the archive: it is truncated or damaged");
    }

    std::span<const std::byte> m_bytes;
    const std::filesystem::path& m_path;
};

} // namespace

ZipArchive::ZipArchive(std::span<const std::byte> bytes, const std::filesystem::path& path)
    : m_records(DirectoryReader(bytes, path).readAll())
{
    std::sort(m_records.begin(), m_records.end(),
              [](const ZipRecord& left, const ZipRecord& right) { return left.name < right.name; });
    const auto repeated = std::adjacent_find(
        m_records.begin(), m_records.end(),
        [](const ZipRecord& left, const ZipRecord& right) { return left.name == right.name; });
    if (repeated != m_records.end()) {
        throwFormatError(path, "has two records named " + quotedText(repeated->name));
    }
}

const ZipRecord* ZipArchive::find(std::string_view name) const
{
    const auto place = std::lower_bound(
        m_records.begin(), m_records.end(), name,
        [](const ZipRecord& record, std::string_view wanted) { return record.name < wanted; });
    return place != m_records.end() && place->name == name ? &*place : nullptr;
}

std::uint32_t crc32(std::span<const std::byte> bytes)
{
    // A null pointer, which an empty span may have, asks the library for its initial value: 0.
    return libdeflate_crc32(0, bytes.data(), bytes.size());
}

} // namespace samba
