#include "engine/text/token_cache.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/io/mapped_file.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/content_hash.h"
#include "engine/text/token_cache_builder.h"
#include "engine/text/token_cache_format.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace samba {

namespace {

namespace fs = std::filesystem;

/// Where the cache of a split lies. The name holds what is asked for and not what the files hold
/// now, so that a cache made stale by an edit is replaced and not left beside the new one.
fs::path cacheFile(const DatasetConfig& dataset, Split split, const Tokenizer& tokenizer,
                   const fs::path& cacheDir)
{
    ContentHash hash;
    const bool isPath = dataset.name != "stories";
    hash.addText(isPath ? fs::absolute(dataset.name).lexically_normal().string() : dataset.name);
    hash.addText(dataset.configName);
    hash.addText(dataset.textField);
    hash.addText(dataset.validation);
    hash.addText(std::to_string(dataset.validationFraction));
    hash.addText(tokenizer.fingerprint());

    std::string stem = fs::path(dataset.name).stem().string();
    std::replace_if(
        stem.begin(), stem.end(),
        [](unsigned char letter) {
            return letter < 0x80 && !std::isalnum(letter) && letter != '-';
        },
        '_');
    constexpr std::size_t kLongestStem = 40;
    return cacheDir /
           (stem.substr(0, kLongestStem) + "-" + splitName(split) + "-" + hash.hex() + ".tokens");
}

uint64_t contentKeyOf(const std::string& identity, const Tokenizer& tokenizer)
{
    ContentHash hash;
    hash.addText(identity);
    hash.addText(tokenizer.fingerprint());
    return hash.value();
}

/// The file if it is a whole cache of this content, else null.
std::shared_ptr<const MappedFile> mapIfCurrent(const fs::path& file, uint64_t contentKey)
{
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored))
        return nullptr;
    auto mapped = MappedFile::open(file);
    const auto header = readTokenCacheHeader(mapped->bytes());
    return header && header->contentKey == contentKey ? mapped : nullptr;
}

void makeFolder(const fs::path& folder)
{
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure)
        throwSystemError(folder, "made", failure.value());
}

} // namespace

std::shared_ptr<const TokenCache>
TokenCache::open(const DatasetConfig& dataset, Split split,
                 const std::shared_ptr<const Tokenizer>& tokenizer, const fs::path& cacheDir,
                 const Progress& progress)
{
    const std::string identity = corpusIdentity(dataset, split);
    const uint64_t contentKey = contentKeyOf(identity, *tokenizer);
    const fs::path file = cacheFile(dataset, split, *tokenizer, cacheDir);
    auto mapped = mapIfCurrent(file, contentKey);
    if (!mapped) {
        makeFolder(cacheDir);
        removeAbandonedFiles(file);
        const auto documents = openDocuments(dataset, split);
        if (!buildTokenCache(*documents, *tokenizer, contentKey, file, progress))
            return nullptr;
        if (corpusIdentity(dataset, split) != identity)
            throw Error(ErrorKind::File,
                        "The data set " + quotedText(dataset.name) +
                            " changed while it was being tokenized.",
                        "Start again when nothing writes to it any more.");
        mapped = mapIfCurrent(file, contentKey);
        if (!mapped)
            throw Error(ErrorKind::File, "The token cache " + quotedPath(file) + " was lost.",
                        "Start again; check the disk if it happens twice.");
    }
    return std::shared_ptr<const TokenCache>(new TokenCache(std::move(mapped)));
}

TokenCacheStatus TokenCache::look(const DatasetConfig& dataset, Split split,
                                  const Tokenizer& tokenizer, const fs::path& cacheDir)
{
    TokenCacheStatus status;
    status.file = cacheFile(dataset, split, tokenizer, cacheDir);
    std::error_code ignored;
    if (!fs::exists(status.file, ignored))
        return status;
    auto mapped =
        mapIfCurrent(status.file, contentKeyOf(corpusIdentity(dataset, split), tokenizer));
    status.state = mapped ? CacheState::Ready : CacheState::Stale;
    if (mapped)
        status.cache.reset(new TokenCache(std::move(mapped)));
    return status;
}

TokenCache::TokenCache(std::shared_ptr<const MappedFile> file)
    : m_path(file->path()), m_file(std::move(file))
{
    const auto header = readTokenCacheHeader(m_file->bytes());
    assert(header); // mapIfCurrent() has looked
    m_tokens = m_file->bytes().data() + sizeof(TokenCacheHeader);
    m_size = header->tokenCount;
    m_documentCount = header->documentCount;
    m_byteCount = header->textBytes;
    m_tokenBytes = header->tokenBytes;
    m_highestId = static_cast<int64_t>(header->highestId);
}

TokenCache::~TokenCache() = default;

int32_t TokenCache::at(uint64_t index) const
{
    assert(index < m_size);
    if (m_tokenBytes == 2) {
        uint16_t id = 0;
        std::memcpy(&id, m_tokens + index * sizeof(id), sizeof(id));
        return id;
    }
    int32_t id = 0;
    std::memcpy(&id, m_tokens + index * sizeof(id), sizeof(id));
    return id;
}

void TokenCache::copyTo(uint64_t first, uint64_t count, int64_t* out) const
{
    if (first > m_size || count > m_size - first)
        throw Error(ErrorKind::InvalidArgument,
                    "Tokens " + std::to_string(first) + " to " + std::to_string(first + count) +
                        " do not exist: the corpus has " + std::to_string(m_size) + ".",
                    "Ask for a range inside the corpus.");
    int64_t highest = 0;
    for (uint64_t i = 0; i < count; ++i) {
        out[i] = at(first + i);
        highest = std::max(highest, out[i]);
    }
    if (highest > m_highestId)
        throwFormatError(m_path,
                         "is damaged: it holds the id " + std::to_string(highest) +
                             ", but the tokenizer ends at " + std::to_string(m_highestId) + ".",
                         "Delete the file; it is made again at the next start.");
}

} // namespace samba
