#pragma once

#include "engine/hub/http_client.h"
#include "engine/hub/hub_repo.h"
#include "engine/hub/hub_settings.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace samba::hub {

class PartialFile;

/// What the hub says of a file.
struct RemoteFile {
    std::string name;
    std::string etag = {}; ///< checksum, see BlobHash
    int64_t sizeBytes = 0;
};

/// The files of a revision.
struct RemoteListing {
    std::string commit;
    std::vector<std::string> files = {};
};

/// Asked while waiting; the text says why there is a delay, empty if there is none. False cancels.
using WaitObserver = std::function<bool(const std::string& trouble)>;

/// The hub's protocol for one repository: requests with the token for the endpoint alone, redirects
/// that never leave encryption, and further attempts where they make sense: for 408, 429 and 5xx,
/// and for broken connections once the server has answered at all. Every function returns nothing
/// (or false) if the observer cancelled, and throws Error. Thread: one at a time.
class HubTransport {
public:
    /// All outlive the transport.
    HubTransport(const HubSettings& settings, const HubRepo& repo, const WaitObserver& observer)
        : m_settings(settings), m_repo(repo), m_observer(observer)
    {}

    /// The commit that the revision stands for, and its files.
    std::optional<RemoteListing> list();

    /// Checksum and size of a file.
    std::optional<RemoteFile> describe(const std::string& commit, const std::string& name);

    /// Completes a file that may have begun to arrive.
    bool download(const std::string& commit, const std::string& name, PartialFile& file);

private:
    /// A request that may take several attempts.
    struct Exchange {
        HttpRequest request;
        std::string file; ///< what it is about, empty: the repository
        /// The hub's own headers are wanted, not those of the server it redirects to.
        bool wantsHubHeaders = false;
        /// Called before each attempt with the status of the last one, 0 at first.
        std::function<void(HttpRequest&, long)> prepare = {};
        /// Bytes so far; an attempt that gets further than those before it does not count.
        std::function<int64_t()> done = [] { return 0; };
        /// Whether the answer, though not broken, has all that it should.
        std::function<bool()> isWhole = [] { return true; };
    };

    std::optional<HttpResponse> sendWithRetries(Exchange exchange);
    HttpResult sendFollowing(HttpRequest request, bool wantsHubHeaders);
    bool waitForRetry(const HttpResult& result, int attempt);
    std::string resolveUrl(const std::string& commit, const std::string& name) const;

    const HubSettings& m_settings;
    const HubRepo& m_repo;
    const WaitObserver& m_observer;
    HttpClient m_http;
    bool m_hasAnswered = false; ///< the server was there at least once
};

} // namespace samba::hub
