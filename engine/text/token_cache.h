#pragma once

#include "engine/api/data_info.h"
#include "engine/text/corpus.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace samba {

class MappedFile;
class TokenCache;
class Tokenizer;

/// What there is of a split's cache.
struct TokenCacheStatus {
    CacheState state = CacheState::Missing;
    std::filesystem::path file;              ///< where it lies, or would
    std::shared_ptr<const TokenCache> cache; ///< null unless ready
};

/// The ids of one split of a corpus, in a file that is mapped into memory, not read.
///
/// Each document is followed by the tokenizer's end-of-text token (by nothing if it has none); the
/// ids are stored in 16 bits where the tokenizer allows it, else in 32.
///
/// Immutable once open. Thread: any, several at once.
class TokenCache {
public:
    /// Called while a cache is built, on the calling thread, with the bytes of the corpus read and
    /// to read; false stops the building.
    using Progress = std::function<bool(uint64_t doneBytes, uint64_t totalBytes)>;

    /// Opens the cache of a split, building it first where it is missing, damaged, or made from
    /// other content (corpusIdentity()) or by another tokenizer (Tokenizer::fingerprint()).
    ///
    /// Building uses all cores and a bounded amount of memory. The new file is written under a name
    /// of its own, synchronised and renamed, so that a killed builder leaves no half cache behind
    /// and two builders at once do not disturb each other.
    ///
    /// @param cacheDir  folder of the caches; made if missing.
    /// @return  the cache, or null if `progress` returned false.
    /// @throws Error  as openDocuments(); File if the cache cannot be written (disk full, no
    ///                permission) or the corpus changed while it was read.
    static std::shared_ptr<const TokenCache> open(const DatasetConfig& dataset, Split split,
                                                  const std::shared_ptr<const Tokenizer>& tokenizer,
                                                  const std::filesystem::path& cacheDir,
                                                  const Progress& progress = {});

    /// What open() would find, without building anything. Errors as openDocuments().
    static TokenCacheStatus look(const DatasetConfig& dataset, Split split,
                                 const Tokenizer& tokenizer, const std::filesystem::path& cacheDir);

    ~TokenCache();
    TokenCache(const TokenCache&) = delete;
    TokenCache& operator=(const TokenCache&) = delete;

    /// Number of tokens, end-of-text tokens included.
    uint64_t size() const { return m_size; }

    /// Number of documents.
    uint64_t documentCount() const { return m_documentCount; }

    /// Bytes of the text the tokens were made from (UTF-8, end-of-text tokens not counted): what
    /// bits per byte are counted over.
    uint64_t byteCount() const { return m_byteCount; }

    /// Token `index`, index < size() (asserted).
    int32_t at(uint64_t index) const;

    /// Copies tokens [first, first + count) to `out`.
    /// @throws Error  InvalidArgument if that reaches beyond size(); Format if the file holds an id
    ///                that the tokenizer does not have.
    void copyTo(uint64_t first, uint64_t count, int64_t* out) const;

    /// The cache's file.
    const std::filesystem::path& path() const { return m_path; }

private:
    explicit TokenCache(std::shared_ptr<const MappedFile> file);

    std::filesystem::path m_path;
    std::shared_ptr<const MappedFile> m_file;
    const std::byte* m_tokens = nullptr; ///< first token inside m_file
    uint64_t m_size = 0;
    uint64_t m_documentCount = 0;
    uint64_t m_byteCount = 0;
    uint32_t m_tokenBytes = 2; ///< 2 or 4
    int64_t m_highestId = 0;   ///< of the tokenizer
};

} // namespace samba
