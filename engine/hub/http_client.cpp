#include "engine/hub/http_client.h"

#include "engine/api/error.h"

#include <curl/curl.h>

#include <algorithm>
#include <exception>

namespace samba::hub {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 50;
constexpr const char* kUserAgent = "samba-workbench/" SAMBA_VERSION;

void initialiseCurl()
{
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error(ErrorKind::Internal, "The network library cannot be started: " +
                                             std::string(curl_easy_strerror(result)) + ".");
}

std::string lowerCase(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

std::string_view trimmed(std::string_view text)
{
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// One request under way: what libcurl's callbacks, which must not throw, reach.
struct Exchange {
    const HttpRequest& request;
    CURL* easy = nullptr;
    HttpResponse response = {};
    Clock::time_point lastActivity = Clock::now();
    std::exception_ptr exception = {};
};

size_t takeHeader(char* data, size_t size, size_t count, void* user)
{
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view line(data, size * count);
    exchange.lastActivity = Clock::now();
    if (line.starts_with("HTTP/")) {
        exchange.response.headers.clear(); // an interim answer came before
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
        exchange.response.headers[lowerCase(line.substr(0, colon))] =
            trimmed(line.substr(colon + 1));
    }
    return size * count;
}

size_t takeBody(char* data, size_t size, size_t count, void* user)
{
    auto& exchange = *static_cast<Exchange*>(user);
    exchange.lastActivity = Clock::now();
    curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &exchange.response.status);
    if (!exchange.request.body || !exchange.response.isSuccess())
        return size * count;
    try {
        exchange.request.body(exchange.response, {data, size * count});
    } catch (...) {
        exchange.exception = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
    return size * count;
}

HttpEnd endOf(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return HttpEnd::Complete;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HttpEnd::HostNotFound;
    case CURLE_COULDNT_CONNECT:
        return HttpEnd::Unreachable;
    case CURLE_OPERATION_TIMEDOUT:
        return HttpEnd::Stalled;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return HttpEnd::Untrusted;
    default:
        return HttpEnd::Broken;
    }
}

template <typename Value>
void setOption(CURL* easy, CURLoption option, Value value)
{
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (code != CURLE_OK)
        throw Error(ErrorKind::Internal, "The network library refuses an option: " +
                                             std::string(curl_easy_strerror(code)) + ".");
}

} // namespace

/// The handle that keeps connections alive between requests.
struct HttpClient::Handles {
    CURLM* multi = nullptr;
    ~Handles() { curl_multi_cleanup(multi); }
};

const std::string& HttpResponse::header(const std::string& lowerCaseName) const
{
    static const std::string kNone;
    const auto found = headers.find(lowerCaseName);
    return found == headers.end() ? kNone : found->second;
}

HttpClient::HttpClient() : m_handles(std::make_unique<Handles>())
{
    initialiseCurl();
    m_handles->multi = curl_multi_init();
    if (!m_handles->multi)
        throw std::bad_alloc();
}

HttpClient::~HttpClient() = default;

HttpResult HttpClient::send(const HttpRequest& request)
{
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                   &curl_easy_cleanup);
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr,
                                                                        &curl_slist_free_all);
    if (!easy)
        throw std::bad_alloc();
    for (const std::string& header : request.headers)
        headers.reset(curl_slist_append(headers.release(), header.c_str()));

    Exchange exchange{.request = request, .easy = easy.get()};
    setOption(easy.get(), CURLOPT_URL, request.url.c_str());
    setOption(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    setOption(easy.get(), CURLOPT_NOBODY, request.isHead ? 1L : 0L);
    setOption(easy.get(), CURLOPT_NOSIGNAL, 1L);
    setOption(easy.get(), CURLOPT_USERAGENT, kUserAgent);
    setOption(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    setOption(easy.get(), CURLOPT_HEADERFUNCTION, &takeHeader);
    setOption(easy.get(), CURLOPT_HEADERDATA, &exchange);
    setOption(easy.get(), CURLOPT_WRITEFUNCTION, &takeBody);
    setOption(easy.get(), CURLOPT_WRITEDATA, &exchange);
    setOption(easy.get(), CURLOPT_BUFFERSIZE, 256L * 1024);
    if (!request.certificateFile.empty())
        setOption(easy.get(), CURLOPT_CAINFO, request.certificateFile.c_str());

    CURLM* multi = m_handles->multi;
    if (curl_multi_add_handle(multi, easy.get()) != CURLM_OK)
        throw std::bad_alloc();
    HttpResult result;
    int running = 1;
    while (true) {
        const CURLMcode code = curl_multi_perform(multi, &running);
        if (code != CURLM_OK) {
            result.end = HttpEnd::Broken;
            result.detail = curl_multi_strerror(code);
            break;
        }
        if (running == 0 || exchange.exception)
            break;
        if (request.goesOn && !request.goesOn()) {
            result.end = HttpEnd::Cancelled;
            break;
        }
        if (Clock::now() - exchange.lastActivity > request.stallTimeout) {
            result.end = HttpEnd::Stalled;
            break;
        }
        curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left))
        if (message->msg == CURLMSG_DONE) {
            result.end = endOf(message->data.result);
            if (result.end != HttpEnd::Complete)
                result.detail = curl_easy_strerror(message->data.result);
        }
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &exchange.response.status);
    const char* redirect = nullptr;
    curl_easy_getinfo(easy.get(), CURLINFO_REDIRECT_URL, &redirect);
    exchange.response.redirectUrl = redirect ? redirect : "";
    curl_multi_remove_handle(multi, easy.get());
    if (exchange.exception)
        std::rethrow_exception(exchange.exception);
    result.response = std::move(exchange.response);
    return result;
}

std::string urlOrigin(const std::string& url)
{
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
        return {};
    const auto part = [&](CURLUPart which) {
        char* text = nullptr;
        if (curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
            return std::string();
        std::string copy = lowerCase(text);
        curl_free(text);
        return copy;
    };
    return part(CURLUPART_SCHEME) + "://" + part(CURLUPART_HOST) + ':' + part(CURLUPART_PORT);
}

std::string urlQuoted(std::string_view text, std::string_view keep)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string quoted;
    for (const char c : text) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') ||
                             std::string_view("-._~").find(c) != std::string_view::npos ||
                             keep.find(c) != std::string_view::npos;
        if (isPlain) {
            quoted += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        quoted += '%';
        quoted += kDigits[byte >> 4];
        quoted += kDigits[byte & 0xF];
    }
    return quoted;
}

} // namespace samba::hub
