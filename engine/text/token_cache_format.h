#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace samba {

/// The first bytes of a token cache file; the ids follow it directly. All numbers are
/// little-endian.
struct TokenCacheHeader {
    static constexpr std::array<char, 8> kMagic = {'S', 'A', 'M', 'B', 'A', 'T', 'O', 'K'};
    static constexpr uint32_t kVersion = 1;

    std::array<char, 8> magic = kMagic;
    uint32_t version = kVersion;
    uint32_t tokenBytes = 2; ///< 2 or 4 bytes an id
    uint64_t tokenCount = 0;
    uint64_t documentCount = 0;
    uint64_t textBytes = 0;  ///< of the documents, in UTF-8
    uint64_t contentKey = 0; ///< hash of corpusIdentity() and the tokenizer's fingerprint
    uint64_t highestId = 0;  ///< no id in the file is above it
    uint64_t checksum = 0;   ///< of all fields before it
};
static_assert(sizeof(TokenCacheHeader) == 64);

/// The checksum the other fields ask for.
uint64_t checksumOf(const TokenCacheHeader& header);

/// The header of a cache file; nothing if the bytes are not a whole, undamaged cache of this
/// version. Only the header and the length are looked at, not the ids.
std::optional<TokenCacheHeader> readTokenCacheHeader(std::span<const std::byte> file);

} // namespace samba
