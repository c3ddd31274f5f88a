#include "engine/runtime/corpus_access.h"

#include "engine/hub/published_data.h"
#include "engine/runtime/event_sink.h"
#include "engine/text/token_cache.h"

namespace samba {

std::optional<DatasetConfig> CorpusAccess::locate(const DatasetConfig& dataset) const
{
    return hub::locateDataset(dataset, hub::HubClient(), [this](const hub::DownloadState& state) {
        m_events.setProgress({.what = "downloading " + state.file,
                              .done = state.doneBytes,
                              .total = state.totalBytes,
                              .perSecond = state.bytesPerSecond});
        return m_goOn();
    });
}

std::shared_ptr<const TokenCache>
CorpusAccess::openTokens(const DatasetConfig& dataset, Split split,
                         const std::shared_ptr<const Tokenizer>& tokenizer) const
{
    const std::string what = std::string("tokenizing ") + splitName(split) + " split";
    return TokenCache::open(dataset, split, tokenizer, m_cacheDir,
                            [&](uint64_t done, uint64_t total) {
                                m_events.setProgress({.what = what,
                                                      .done = static_cast<int64_t>(done),
                                                      .total = static_cast<int64_t>(total)});
                                return m_goOn();
                            });
}

} // namespace samba
