#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samba::test {

/// How a record of a test archive departs from what torch.save writes.
struct ZipQuirks {
    std::uint16_t method = 0;           ///< 8 claims compression
    std::uint16_t flags = 0;            ///< 1 claims encryption
    std::int64_t extraClaimedBytes = 0; ///< added to both sizes in the central directory
    std::int64_t headerOffsetShift = 0; ///< added to the offset of the local header
    bool hasWrongLocalName = false;     ///< the local header names another record
    bool hasWrongChecksum = false;
};

/// Puts a small uncompressed zip archive together, right or wrong.
class ZipBuilder {
public:
    /// Adds a record; its data begins at whatever address comes out (no alignment).
    ZipBuilder& add(std::string_view name, std::string_view content, const ZipQuirks& quirks = {});

    /// The archive. With `useZip64` all sizes and offsets stand in Zip64 fields.
    std::string build(bool useZip64 = false) const;

private:
    struct Entry {
        std::string name;
        std::string content;
        ZipQuirks quirks;
    };
    std::vector<Entry> m_entries;
};

/// The lowest `bytes` bytes of a number, little-endian.
std::string littleEndian(std::uint64_t value, int bytes);

} // namespace samba::test
