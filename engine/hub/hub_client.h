#pragma once

#include "engine/hub/file_choice.h"
#include "engine/hub/hub_cache.h"
#include "engine/hub/hub_repo.h"
#include "engine/hub/hub_settings.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace samba::hub {

/// How far a download is.
struct DownloadState {
    std::string file;          ///< the one under way; empty before the first
    int64_t doneBytes = 0;     ///< of all wanted files, those already here included
    int64_t totalBytes = 0;    ///< 0: not known yet
    double bytesPerSecond = 0; ///< over the last seconds
    std::string trouble;       ///< why nothing happens; empty: all is well
};

/// Called ten times a second or more while the network is used, on the calling thread.
/// @return false to cancel; what has arrived stays for the next attempt.
using DownloadObserver = std::function<bool(const DownloadState&)>;

/// Published models and data sets: from the cache, else from the hub into the cache.
///
/// A file arrives as `blobs/<checksum>.incomplete` and gets its name when size and checksum
/// (SHA-256, or Git's SHA-1 for small files) are right; a broken download goes on where it stopped.
/// Two processes at once are safe: each file has a lock, the one huggingface_hub uses. The token
/// goes to the endpoint alone. Errors are of kind Network, File, Format or Config, each with its
/// remedy. Thread: any, one call at a time an object.
class HubClient {
public:
    explicit HubClient(HubSettings settings = HubSettings::fromEnvironment());

    const HubSettings& settings() const { return m_settings; }
    const HubCache& cache() const { return m_cache; }

    /// The wanted files, without any network if the cache has them all.
    /// @return nothing if cancelled.
    std::optional<Snapshot> fetch(const HubRepo& repo, const FileChoice& choice,
                                  const DownloadObserver& observer = {}) const;

    /// The same in the newest state of the revision: the hub is asked, unless it is offline.
    std::optional<Snapshot> pull(const HubRepo& repo, const FileChoice& choice,
                                 const DownloadObserver& observer = {}) const;

private:
    HubSettings m_settings;
    HubCache m_cache;
};

} // namespace samba::hub
