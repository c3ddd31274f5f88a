#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samba::hub {

/// The head of an answer.
struct HttpResponse {
    long status = 0;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string redirectUrl;                    ///< absolute; empty: no redirect

    /// The header's value, or empty.
    const std::string& header(const std::string& lowerCaseName) const;
    bool isSuccess() const { return status >= 200 && status < 300; }
};

struct HttpRequest {
    std::string url;
    bool isHead = false;                            ///< HEAD instead of GET
    std::vector<std::string> headers;               ///< "Name: value"
    std::chrono::milliseconds stallTimeout{10'000}; ///< silence that ends the request
    std::string certificateFile;                    ///< empty: the system's

    /// Takes the next part of the body of a successful answer. What it throws ends the request.
    std::function<void(const HttpResponse&, std::string_view)> body = {};
    /// Asked ten times a second or more; false ends the request.
    std::function<bool()> goesOn = {};
};

/// How a request ended short of a complete answer.
enum class HttpEnd {
    Complete,
    Cancelled,
    Stalled,      ///< nothing came for the time allowed
    HostNotFound, ///< no address for the name
    Unreachable,  ///< no connection
    Untrusted,    ///< certificate or encryption
    Broken        ///< the connection ended too early
};

struct HttpResult {
    HttpEnd end = HttpEnd::Complete;
    HttpResponse response; ///< as far as it came
    std::string detail;    ///< what libcurl says of a failure
};

/// Single HTTP requests through libcurl; connections are kept for the next one. Redirects are
/// reported, not followed. Proxies as libcurl takes them from the environment. Thread: one at a
/// time.
class HttpClient {
public:
    HttpClient();
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Waits for the answer. Throws only what `body` throws, and Error Internal.
    HttpResult send(const HttpRequest& request);

private:
    struct Handles;
    std::unique_ptr<Handles> m_handles;
};

/// "https://host:443" of an address, in lower case; empty if it is none. Thread: any.
std::string urlOrigin(const std::string& url);

/// The text with everything but letters, digits, "-._~" and the characters to keep as %XX.
std::string urlQuoted(std::string_view text, std::string_view keep);

} // namespace samba::hub
