#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace samba::hub {

/// Checks content against the name that the hub gives it: SHA-256 of the content (64 hexadecimal
/// digits, files in large file storage), or Git's SHA-1 of a blob (40 digits, all others).
class BlobHash {
public:
    /// @param etag       the wanted checksum.
    /// @param sizeBytes  of the whole content; Git's checksum begins with it.
    /// @throws Error Format if the name is no such checksum.
    BlobHash(std::string etag, int64_t sizeBytes);
    ~BlobHash();
    BlobHash(BlobHash&&) noexcept;
    BlobHash& operator=(BlobHash&&) noexcept;

    void add(std::string_view bytes);

    /// Whether what was added is the wanted content. Nothing may be added afterwards.
    bool matches();

private:
    struct Context;
    std::unique_ptr<Context> m_context;
    std::string m_etag;
};

} // namespace samba::hub
