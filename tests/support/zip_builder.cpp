#include "tests/support/zip_builder.h"

namespace samba::test {

namespace {

/// Bit by bit, unlike the program's own: a test must not lean on what it tests.
std::uint32_t plainCrc32(std::string_view text)
{
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
        }
    }
    return ~crc;
}

} // namespace

std::string littleEndian(std::uint64_t value, int bytes)
{
    std::string text;
    for (int i = 0; i < bytes; ++i) {
        text += static_cast<char>((value >> (8 * i)) & 0xFF);
    }
    return text;
}

ZipBuilder& ZipBuilder::add(std::string_view name, std::string_view content,
                            const ZipQuirks& quirks)
{
    m_entries.push_back({std::string(name), std::string(content), quirks});
    return *this;
}

std::string ZipBuilder::build(bool useZip64) const
{
    constexpr std::uint64_t kNone16 = 0xFFFF;
    constexpr std::uint64_t kNone32 = 0xFFFFFFFF;
    // Comment size, disk number, internal and external attributes: all zero.
    constexpr std::size_t kCommentAndAttributes = 10;
    std::string data;
    std::string directory;
    for (const Entry& entry : m_entries) {
        const ZipQuirks& quirks = entry.quirks;
        const std::uint64_t offset =
            data.size() + static_cast<std::uint64_t>(quirks.headerOffsetShift);
        const std::uint64_t size =
            entry.content.size() + static_cast<std::uint64_t>(quirks.extraClaimedBytes);
        const std::uint64_t checksum =
            plainCrc32(entry.content) ^ (quirks.hasWrongChecksum ? 1U : 0U);
        const std::string common = littleEndian(quirks.flags, 2) + littleEndian(quirks.method, 2) +
                                   littleEndian(0, 4) + littleEndian(checksum, 4);

        std::string localName = entry.name;
        if (quirks.hasWrongLocalName) {
            localName.back() = '~';
        }
        data += "PK\x03\x04" + littleEndian(20, 2) + common +
                littleEndian(entry.content.size(), 4) + littleEndian(entry.content.size(), 4) +
                littleEndian(localName.size(), 2) + littleEndian(0, 2) + localName + entry.content;

        const std::string extra = useZip64 ? littleEndian(1, 2) + littleEndian(24, 2) +
                                                 littleEndian(size, 8) + littleEndian(size, 8) +
                                                 littleEndian(offset, 8)
                                           : "";
        directory += "PK\x01\x02" + littleEndian(20, 2) + littleEndian(20, 2) + common +
                     littleEndian(useZip64 ? kNone32 : size, 4) +
                     littleEndian(useZip64 ? kNone32 : size, 4) +
                     littleEndian(entry.name.size(), 2) + littleEndian(extra.size(), 2) +
                     std::string(kCommentAndAttributes, '\0') +
                     littleEndian(useZip64 ? kNone32 : offset, 4) + entry.name + extra;
    }
    const std::size_t count = m_entries.size();
    std::string end;
    if (useZip64) {
        end += "PK\x06\x06" + littleEndian(44, 8) + littleEndian(45, 2) + littleEndian(45, 2) +
               littleEndian(0, 8) + littleEndian(count, 8) + littleEndian(count, 8) +
               littleEndian(directory.size(), 8) + littleEndian(data.size(), 8);
        end += "PK\x06\x07" + littleEndian(0, 4) + littleEndian(data.size() + directory.size(), 8) +
               littleEndian(1, 4);
    }
    end += "PK\x05\x06" + littleEndian(0, 4) + littleEndian(useZip64 ? kNone16 : count, 2) +
           littleEndian(useZip64 ? kNone16 : count, 2) +
           littleEndian(useZip64 ? kNone32 : directory.size(), 4) +
           littleEndian(useZip64 ? kNone32 : data.size(), 4) + littleEndian(0, 2);
    return data + directory + end;
}

} // namespace samba::test
