#include "engine/hub/blob_hash.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"

#include <openssl/evp.h>

#include <algorithm>
#include <new>

namespace samba::hub {
namespace {

constexpr size_t kSha1Digits = 40;
constexpr size_t kSha256Digits = 64;

void require(int isDone)
{
    if (isDone != 1)
        throw Error(ErrorKind::Internal, "A checksum cannot be computed on this system.");
}

} // namespace

struct BlobHash::Context {
    EVP_MD_CTX* md = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(md); }
};

BlobHash::BlobHash(std::string etag, int64_t sizeBytes)
    : m_context(std::make_unique<Context>()), m_etag(std::move(etag))
{
    const bool isHex = m_etag.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!isHex || (m_etag.size() != kSha1Digits && m_etag.size() != kSha256Digits))
        throw Error(ErrorKind::Format,
                    "The server names no checksum but " + quotedText(m_etag) +
                        ", so that the file could not be verified.",
                    "Set HF_ENDPOINT to a server that passes the hub's headers on.");
    if (!m_context->md)
        throw std::bad_alloc();
    const bool isGit = m_etag.size() == kSha1Digits;
    require(EVP_DigestInit_ex(m_context->md, isGit ? EVP_sha1() : EVP_sha256(), nullptr));
    if (isGit) {
        add("blob " + std::to_string(sizeBytes));
        add(std::string_view("\0", 1));
    }
}

BlobHash::~BlobHash() = default;
BlobHash::BlobHash(BlobHash&&) noexcept = default;
BlobHash& BlobHash::operator=(BlobHash&&) noexcept = default;

void BlobHash::add(std::string_view bytes)
{
    require(EVP_DigestUpdate(m_context->md, bytes.data(), bytes.size()));
}

bool BlobHash::matches()
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(m_context->md, digest, &size));
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += kDigits[digest[i] >> 4];
        hex += kDigits[digest[i] & 0xF];
    }
    return hex == m_etag;
}

} // namespace samba::hub
