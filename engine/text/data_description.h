#pragma once

#include "engine/api/config.h"
#include "engine/api/data_info.h"

#include <filesystem>
#include <memory>

namespace samba {

class TokenCache;
class Tokenizer;
struct BatchLoaderOptions;

/// What there is of a data set on this machine, without tokenizing anything.
/// @param dataset   its name a local one: "stories", a file or a folder.
/// @param cacheDir  folder of the token caches.
/// @throws Error  as openDocuments(). Thread: any.
DataInfo describeData(const DatasetConfig& dataset, const Tokenizer& tokenizer,
                      const std::filesystem::path& cacheDir);

/// The first batch that a loader with these options gives, decoded token by token so that the
/// pieces of a row joined are its text.
/// @throws Error  as BatchLoader. Thread: any.
BatchPreview previewBatch(const std::shared_ptr<const TokenCache>& corpus,
                          const std::shared_ptr<const Tokenizer>& tokenizer,
                          const BatchLoaderOptions& options);

} // namespace samba
