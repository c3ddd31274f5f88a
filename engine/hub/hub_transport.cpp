#include "engine/hub/hub_transport.h"

#include "engine/hub/hub_errors.h"
#include "engine/hub/partial_file.h"
#include "engine/io/file_error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>

namespace samba::hub {
namespace {

using std::chrono::milliseconds;

constexpr int kMaxRedirects = 10;
constexpr size_t kMaxListingBytes = 64 << 20;
constexpr milliseconds kLongestRetryDelay{60'000};
constexpr milliseconds kWaitStep{50};
constexpr const char* kServerRemedy =
    "Check HF_ENDPOINT and the proxy settings: the server does not seem to be a hub.";

bool isRedirect(const HttpResponse& response)
{
    switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return !response.redirectUrl.empty();
    default:
        return false;
    }
}

bool isWorthRetrying(long status)
{
    return status == 408 || status == 416 || status == 429 || status == 500 || status == 502 ||
           status == 503 || status == 504;
}

std::optional<int64_t> parseNumber(std::string_view text)
{
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0)
        return std::nullopt;
    return number;
}

/// W/"abc" and "abc" without the marks of HTTP.
std::string plainEtag(std::string etag)
{
    if (etag.starts_with("W/"))
        etag.erase(0, 2);
    std::erase(etag, '"');
    return etag;
}

/// First byte and whole size from "bytes 5-9/10".
struct ContentRange {
    int64_t begin = 0;
    int64_t total = 0;
};

std::optional<ContentRange> parseContentRange(std::string_view text)
{
    constexpr std::string_view kUnit = "bytes ";
    if (!text.starts_with(kUnit))
        return std::nullopt;
    text.remove_prefix(kUnit.size());
    const size_t dash = text.find('-');
    const size_t slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos)
        return std::nullopt;
    const auto begin = parseNumber(text.substr(0, dash));
    const auto total = parseNumber(text.substr(slash + 1));
    if (!begin || !total)
        return std::nullopt;
    return ContentRange{*begin, *total};
}

RemoteListing parseListing(const std::string& text, const HubRepo& repo)
{
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    const auto fail = [&]() -> Error {
        return Error(ErrorKind::Format,
                     "The server's list of the files of '" + repo.name + "' cannot be understood.",
                     kServerRemedy);
    };
    if (!json.is_object() || !json.contains("sha") || !json["sha"].is_string() ||
        !json.contains("siblings") || !json["siblings"].is_array())
        throw fail();
    RemoteListing listing{.commit = json["sha"].get<std::string>()};
    if (!isCommit(listing.commit))
        throw fail();
    for (const nlohmann::json& entry : json["siblings"]) {
        if (!entry.is_object() || !entry.contains("rfilename") || !entry["rfilename"].is_string())
            throw fail();
        std::string name = entry["rfilename"].get<std::string>();
        // A name that would leave the cache's folder is never even offered.
        if (isSafeRelativePath(name))
            listing.files.push_back(std::move(name));
    }
    return listing;
}

/// Makes sure that the body about to come is the rest of the file; a server may also send all of
/// it.
void checkBodyStart(const HttpResponse& response, PartialFile& file)
{
    const auto mismatch = [&](int64_t announced) {
        return Error(ErrorKind::Format,
                     "The server announced a file of " + std::to_string(file.sizeBytes()) +
                         " bytes and now says it has " + std::to_string(announced) + ".",
                     "Try again later; if HF_ENDPOINT is set, check the server it names.");
    };
    if (response.status == 206) {
        const auto range = parseContentRange(response.header("content-range"));
        if (!range || range->begin != file.arrivedBytes())
            throw Error(ErrorKind::Format, "The server sends another part of the file than asked.",
                        kServerRemedy);
        if (range->total != file.sizeBytes())
            throw mismatch(range->total);
        return;
    }
    if (file.arrivedBytes() > 0)
        file.restart();
    const auto length = parseNumber(response.header("content-length"));
    if (length && *length != file.sizeBytes())
        throw mismatch(*length);
}

} // namespace

std::string HubTransport::resolveUrl(const std::string& commit, const std::string& name) const
{
    return m_settings.endpoint + (m_repo.kind == RepoKind::Model ? "/" : "/datasets/") +
           m_repo.name + "/resolve/" + commit + '/' + urlQuoted(name, "/");
}

std::optional<RemoteListing> HubTransport::list()
{
    std::string body;
    Exchange exchange;
    exchange.request.url = m_settings.endpoint +
                           (m_repo.kind == RepoKind::Model ? "/api/models/" : "/api/datasets/") +
                           m_repo.name + "/revision/" + urlQuoted(m_repo.revision, "");
    exchange.request.stallTimeout = m_settings.metadataTimeout;
    exchange.request.body = [&](const HttpResponse&, std::string_view bytes) {
        if (body.size() + bytes.size() > kMaxListingBytes)
            throw Error(ErrorKind::Format,
                        "The server's list of the files of '" + m_repo.name + "' is too long.",
                        kServerRemedy);
        body += bytes;
    };
    exchange.prepare = [&](HttpRequest&, long) { body.clear(); };
    if (!sendWithRetries(std::move(exchange)))
        return std::nullopt;
    return parseListing(body, m_repo);
}

std::optional<RemoteFile> HubTransport::describe(const std::string& commit, const std::string& name)
{
    Exchange exchange;
    exchange.request.url = resolveUrl(commit, name);
    exchange.request.isHead = true;
    exchange.file = name;
    exchange.request.stallTimeout = m_settings.metadataTimeout;
    exchange.request.headers = {"Accept-Encoding: identity"}; // the size wanted is the file's
    exchange.wantsHubHeaders = true;
    const std::optional<HttpResponse> response = sendWithRetries(std::move(exchange));
    if (!response)
        return std::nullopt;

    const std::string& linkedEtag = response->header("x-linked-etag");
    const std::string& linkedSize = response->header("x-linked-size");
    RemoteFile file{.name = name};
    file.etag = plainEtag(linkedEtag.empty() ? response->header("etag") : linkedEtag);
    const auto size = parseNumber(!linkedSize.empty()     ? linkedSize
                                  : isRedirect(*response) ? std::string()
                                                          : response->header("content-length"));
    if (response->header("x-repo-commit") != commit || !size)
        throw Error(ErrorKind::Format,
                    "The server does not say size and revision of " + quotedText(name) + ".",
                    kServerRemedy);
    file.sizeBytes = *size;
    return file;
}

bool HubTransport::download(const std::string& commit, const std::string& name, PartialFile& file)
{
    if (file.isComplete())
        return true;
    bool hasBody = false;
    Exchange exchange;
    exchange.file = name;
    exchange.request.url = resolveUrl(commit, name);
    exchange.request.stallTimeout = m_settings.downloadTimeout;
    exchange.prepare = [&](HttpRequest& request, long lastStatus) {
        constexpr long kRangeNotSatisfiable = 416;
        if (lastStatus == kRangeNotSatisfiable)
            file.restart();
        hasBody = false;
        request.headers = {"Accept-Encoding: identity"};
        if (file.arrivedBytes() > 0)
            request.headers.push_back("Range: bytes=" + std::to_string(file.arrivedBytes()) + '-');
    };
    exchange.request.body = [&](const HttpResponse& response, std::string_view bytes) {
        if (!std::exchange(hasBody, true))
            checkBodyStart(response, file);
        file.append(bytes);
    };
    exchange.done = [&] { return file.arrivedBytes(); };
    exchange.isWhole = [&] { return file.isComplete(); };
    return sendWithRetries(std::move(exchange)).has_value();
}

std::optional<HttpResponse> HubTransport::sendWithRetries(Exchange exchange)
{
    exchange.request.certificateFile = m_settings.certificateFile;
    exchange.request.goesOn = [this] { return m_observer({}); };
    long lastStatus = 0;
    int64_t furthest = exchange.done();
    int attempt = 0;
    while (true) {
        if (exchange.prepare)
            exchange.prepare(exchange.request, lastStatus);
        HttpResult result = sendFollowing(exchange.request, exchange.wantsHubHeaders);
        if (result.end == HttpEnd::Cancelled)
            return std::nullopt;
        const bool hasAnswer = result.end == HttpEnd::Complete;
        m_hasAnswered |= hasAnswer;
        if (hasAnswer && (result.response.isSuccess() || isRedirect(result.response))) {
            if (exchange.isWhole())
                return result.response;
            result.end = HttpEnd::Broken;
        }
        lastStatus = result.response.status;
        if (exchange.done() > furthest) {
            furthest = exchange.done();
            attempt = 0;
        }
        const bool canRetry = result.end == HttpEnd::Complete
                                  ? isWorthRetrying(result.response.status)
                                  : m_hasAnswered && result.end != HttpEnd::Untrusted;
        if (!canRetry || attempt >= m_settings.retries) {
            if (result.end == HttpEnd::Complete)
                throw statusError(result.response, m_repo, m_settings, exchange.file);
            throw requestError(result, exchange.request.url, exchange.request.stallTimeout);
        }
        if (!waitForRetry(result, attempt++))
            return std::nullopt;
    }
}

HttpResult HubTransport::sendFollowing(HttpRequest request, bool wantsHubHeaders)
{
    const std::string home = urlOrigin(m_settings.endpoint);
    const std::vector<std::string> headers = request.headers;
    for (int i = 0; i < kMaxRedirects; ++i) {
        request.headers = headers;
        const std::string origin = urlOrigin(request.url);
        if (!m_settings.token.empty() && origin == home)
            request.headers.push_back("Authorization: Bearer " + m_settings.token);
        HttpResult result = m_http.send(request);
        if (result.end != HttpEnd::Complete || !isRedirect(result.response))
            return result;
        const std::string target = urlOrigin(result.response.redirectUrl);
        if (!target.starts_with("https://") &&
            (!target.starts_with("http://") || origin.starts_with("https://")))
            throw Error(ErrorKind::Network,
                        "The server " + quotedText(origin) +
                            " sends to an address without encryption, which is not followed.",
                        kServerRemedy);
        // What the hub says of a large file comes with the redirect to where its content lies.
        if (wantsHubHeaders && (target != home || !result.response.header("x-linked-etag").empty()))
            return result;
        request.url = result.response.redirectUrl;
    }
    throw Error(ErrorKind::Network,
                "The server " + quotedText(home) +
                    " sends from one address to the next without end.",
                kServerRemedy);
}

bool HubTransport::waitForRetry(const HttpResult& result, int attempt)
{
    milliseconds delay = m_settings.firstRetryDelay * (1 << std::min(attempt, 16));
    const bool isAnswer = result.end == HttpEnd::Complete;
    if (isAnswer)
        if (const auto seconds = parseNumber(result.response.header("retry-after")))
            delay = std::chrono::seconds(std::min<int64_t>(*seconds, 3600));
    delay = std::min(delay, kLongestRetryDelay);
    const std::string trouble =
        isAnswer ? "the hub answers HTTP " + std::to_string(result.response.status)
                 : std::string("the connection broke");
    const auto end = std::chrono::steady_clock::now() + delay;
    while (std::chrono::steady_clock::now() < end) {
        if (!m_observer(trouble + ", trying again"))
            return false;
        std::this_thread::sleep_for(kWaitStep);
    }
    return true;
}

} // namespace samba::hub
