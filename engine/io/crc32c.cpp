#include "engine/io/crc32c.h"

#include <array>
#include <cstddef>

namespace samba {

namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;

/// Entry [k][b]: what byte b does to the checksum when k more bytes follow it.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables makeTables()
{
    Tables tables{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
        tables[0][byte] = crc;
    }
    for (size_t k = 1; k < tables.size(); ++k) {
        for (size_t byte = 0; byte < 256; ++byte) {
            const uint32_t before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
        }
    }
    return tables;
}

constexpr Tables kTables = makeTables();

} // namespace

uint32_t crc32c(std::string_view bytes)
{
    const auto byteAt = [&](size_t i) {
        return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i]));
    };
    uint32_t crc = 0xFFFFFFFF;
    size_t i = 0;
    // Eight bytes at once: the tables say what each of them does from its distance to the end.
    for (; i + 8 <= bytes.size(); i += 8) {
        const uint32_t low =
            crc ^ (byteAt(i) | byteAt(i + 1) << 8 | byteAt(i + 2) << 16 | byteAt(i + 3) << 24);
        crc = kTables[7][low & 0xFF] ^ kTables[6][(low >> 8) & 0xFF] ^
              kTables[5][(low >> 16) & 0xFF] ^ kTables[4][low >> 24] ^ kTables[3][byteAt(i + 4)] ^
              kTables[2][byteAt(i + 5)] ^ kTables[1][byteAt(i + 6)] ^ kTables[0][byteAt(i + 7)];
    }
    for (; i < bytes.size(); ++i)
        crc = (crc >> 8) ^ kTables[0][(crc ^ byteAt(i)) & 0xFF];
    return ~crc;
}

} // namespace samba
