#pragma once

#include "engine/text/token_cache.h"

#include <cstdint>
#include <filesystem>

namespace samba {

/// Tokenizes a split into a cache file, replacing what is there in one step. See
/// TokenCache::open() for the rest.
/// @param contentKey  goes into the header; tells later whether the cache is still true.
/// @return  false if `progress` stopped it; the old file is then as it was.
bool buildTokenCache(DocumentSource& documents, const Tokenizer& tokenizer, uint64_t contentKey,
                     const std::filesystem::path& file, const TokenCache::Progress& progress);

/// Removes temporary files of `file` that killed builders left behind.
void removeAbandonedFiles(const std::filesystem::path& file);

} // namespace samba
