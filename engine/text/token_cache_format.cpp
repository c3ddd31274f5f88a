#include "engine/text/token_cache_format.h"

#include "engine/text/content_hash.h"

#include <bit>
#include <cstring>

namespace samba {

static_assert(std::endian::native == std::endian::little,
              "token caches are mapped into memory as they are");

uint64_t checksumOf(const TokenCacheHeader& header)
{
    ContentHash hash;
    hash.add({reinterpret_cast<const char*>(&header), offsetof(TokenCacheHeader, checksum)});
    return hash.value();
}

std::optional<TokenCacheHeader> readTokenCacheHeader(std::span<const std::byte> file)
{
    TokenCacheHeader header;
    if (file.size() < sizeof(header))
        return std::nullopt;
    std::memcpy(&header, file.data(), sizeof(header));
    const bool isKnown =
        header.magic == TokenCacheHeader::kMagic && header.version == TokenCacheHeader::kVersion &&
        header.checksum == checksumOf(header) && (header.tokenBytes == 2 || header.tokenBytes == 4);
    // Compared by division: a product could overflow.
    const uint64_t payload = file.size() - sizeof(header);
    if (!isKnown || payload % header.tokenBytes != 0 ||
        payload / header.tokenBytes != header.tokenCount)
        return std::nullopt;
    return header;
}

} // namespace samba
