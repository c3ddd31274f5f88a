#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace samba::test {

/// What a request should meet instead of the ordinary answer.
struct HubFault {
    std::string method;                    ///< "GET", "HEAD"
    std::string pathContains;              ///< which requests it meets
    int times = 1;                         ///< how many of them
    int status = 0;                        ///< answer with this status ...
    std::vector<std::string> headers = {}; ///< ... and these header lines; otherwise:
    int64_t breakAfter = -1;               ///< close the connection after so many bytes of the body
    int64_t stallAfter = -1;               ///< say nothing more after so many bytes of the body
    int64_t claimedSize = -1;              ///< the size to claim
    bool ignoresRange = false;             ///< send everything
    std::string body = {};                 ///< other bytes of the same length
    std::string redirect = {};             ///< send there
};

/// A request as it arrived.
struct HubRequest {
    std::string method;
    std::string path;                           ///< decoded
    std::map<std::string, std::string> headers; ///< names in lower case
};

/// Plays the hub's API on the loopback interface, one thread a connection: lists of files, HEAD and
/// GET of files with ranges, checksums, sizes and commits in the headers that the hub sends; large
/// files are redirected, to this server or to another one. Thread: any.
class HubServer {
public:
    HubServer();
    ~HubServer();
    HubServer(const HubServer&) = delete;
    HubServer& operator=(const HubServer&) = delete;

    /// "http://127.0.0.1:12345"
    const std::string& endpoint() const { return m_endpoint; }

    /// Publishes a file.
    /// @param repo     "models/owner/name" or "datasets/owner/name".
    /// @param isLarge  it has a SHA-256 and lies on the content server, else Git's SHA-1.
    void addFile(const std::string& repo, const std::string& name, const std::string& content,
                 bool isLarge);

    /// The commit that main stands for; all revisions but 'main' and commits are unknown.
    void setCommit(const std::string& commit);

    /// Where large files are redirected to: an endpoint() whose server has them too.
    void setContentServer(const std::string& endpoint);

    void addFault(HubFault fault);

    /// All requests so far.
    std::vector<HubRequest> requests() const;
    /// How many of them were of this kind.
    int count(const std::string& method, const std::string& pathContains) const;

private:
    struct File {
        std::string content;
        std::string etag;
        bool isLarge = false;
    };

    void acceptConnections();
    void serve(int socket);
    void answer(int socket, const HubRequest& request);
    void answerListing(int socket, const std::string& repo, const std::string& revision);
    void answerFile(int socket, const HubRequest& request, const File& file, const HubFault& fault);
    void sendBody(int socket, const std::string& body, const HubFault& fault);
    HubFault takeFault(const HubRequest& request);
    const File* findFile(const std::string& path) const;

    int m_listener = -1;
    std::string m_endpoint;
    mutable std::mutex m_mutex;
    std::condition_variable m_ending;
    bool m_isEnding = false;
    std::string m_commit = std::string(40, 'a');
    std::string m_contentServer;
    std::map<std::string, std::map<std::string, File>> m_repos;
    std::vector<HubFault> m_faults;
    std::vector<HubRequest> m_requests;
    std::vector<std::thread> m_connections;
    std::thread m_acceptor;
};

/// The checksum under which the hub stores a content.
std::string hubChecksum(const std::string& content, bool isLarge);

} // namespace samba::test
