#pragma once

#include "engine/api/config.h"
#include "engine/text/corpus.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

namespace samba {

class EventSink;
class TokenCache;
class Tokenizer;

/// Data sets on their way from a name to tokens, with progress for the front ends.
/// Thread: engine.
class CorpusAccess {
public:
    /// Called between steps of the work; false stops it.
    using GoOn = std::function<bool()>;

    /// @param events  outlives the object.
    CorpusAccess(std::filesystem::path cacheDir, EventSink& events, GoOn goOn)
        : m_cacheDir(std::move(cacheDir)), m_events(events), m_goOn(std::move(goOn))
    {}

    /// The data set by the file or folder it lies in, downloaded where it is published and not here
    /// yet. Nothing if stopped.
    /// @throws Error  as hub::locateDataset().
    std::optional<DatasetConfig> locate(const DatasetConfig& dataset) const;

    /// The tokens of a split, made now where they are not there yet. Null if stopped.
    /// @param dataset  as locate() gives it.
    /// @throws Error  as TokenCache::open().
    std::shared_ptr<const TokenCache>
    openTokens(const DatasetConfig& dataset, Split split,
               const std::shared_ptr<const Tokenizer>& tokenizer) const;

private:
    std::filesystem::path m_cacheDir;
    EventSink& m_events;
    GoOn m_goOn;
};

} // namespace samba
