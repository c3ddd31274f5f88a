#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// One file inside a zip archive.
struct ZipRecord {
    std::string name;
    std::span<const std::byte> bytes; ///< inside the archive's bytes
    std::uint32_t checksum = 0;       ///< CRC-32 of `bytes`; 0 where the writer left it out
};

/// The records of an uncompressed zip archive, without a copy and without unpacking.
///
/// Accepts what torch.save writes: stored records, Zip64, one disk. Refuses compression,
/// encryption, repeated names and names that lead outside the archive. Thread: any.
/// Format: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory),
/// 4.3.14 to 4.3.16 (end records), 4.5.3 (Zip64).
class ZipArchive {
public:
    /// @param bytes  the whole archive; must outlive this object.
    /// @param path   named in errors.
    /// @throws Error  Format naming the record and the cause.
    ZipArchive(std::span<const std::byte> bytes, const std::filesystem::path& path);

    /// Sorted by name.
    const std::vector<ZipRecord>& records() const { return m_records; }

    /// The record of that name, nullptr if there is none.
    const ZipRecord* find(std::string_view name) const;

private:
    std::vector<ZipRecord> m_records;
};

/// CRC-32 as zip archives use it (reflected polynomial 0xEDB88320).
std::uint32_t crc32(std::span<const std::byte> bytes);

} // namespace samba
