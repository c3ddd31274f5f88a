#include "tests/support/hub_server.h"

#include <QByteArray>
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace samba::test {
namespace {

QByteArray toBytes(const std::string& text)
{
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

bool sendAll(int socket, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
}

void sendHead(int socket, int status, const std::vector<std::string>& headers)
{
    std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\nConnection: close\r\n";
    for (const std::string& header : headers)
        head += header + "\r\n";
    sendAll(socket, head + "\r\n");
}

std::string contentLength(int64_t size)
{
    return "Content-Length: " + std::to_string(size);
}

std::string lowerCase(std::string text)
{
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// Reads the head of a request; an empty method if there is none.
HubRequest readRequest(int socket)
{
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(socket, buffer, sizeof(buffer), 0);
        if (got <= 0)
            return {};
        head.append(buffer, static_cast<size_t>(got));
    }
    HubRequest request;
    const size_t firstBlank = head.find(' ');
    const size_t secondBlank = head.find(' ', firstBlank + 1);
    request.method = head.substr(0, firstBlank);
    request.path = QByteArray::fromPercentEncoding(
                       toBytes(head.substr(firstBlank + 1, secondBlank - firstBlank - 1)))
                       .toStdString();
    size_t begin = head.find("\r\n") + 2;
    while (true) {
        const size_t end = head.find("\r\n", begin);
        const std::string line = head.substr(begin, end - begin);
        const size_t colon = line.find(": ");
        if (colon == std::string::npos)
            return request;
        request.headers[lowerCase(line.substr(0, colon))] = line.substr(colon + 2);
        begin = end + 2;
    }
}

} // namespace

std::string hubChecksum(const std::string& content, bool isLarge)
{
    const QByteArray bytes = toBytes(content);
    if (isLarge)
        return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().toStdString();
    QByteArray blob = "blob " + QByteArray::number(bytes.size());
    blob.append('\0');
    blob.append(bytes);
    return QCryptographicHash::hash(blob, QCryptographicHash::Sha1).toHex().toStdString();
}

HubServer::HubServer()
{
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (m_listener < 0 || ::bind(m_listener, generic, size) != 0 || ::listen(m_listener, 64) != 0 ||
        ::getsockname(m_listener, generic, &size) != 0)
        throw std::runtime_error("no server can listen on the loopback interface");
    m_endpoint = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    m_contentServer = m_endpoint;
    m_acceptor = std::thread([this] { acceptConnections(); });
}

HubServer::~HubServer()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_ending.notify_all();
    ::shutdown(m_listener, SHUT_RDWR);
    m_acceptor.join();
    ::close(m_listener);
    for (std::thread& connection : m_connections)
        connection.join();
}

void HubServer::addFile(const std::string& repo, const std::string& name,
                        const std::string& content, bool isLarge)
{
    const std::lock_guard lock(m_mutex);
    m_repos[repo][name] = {content, hubChecksum(content, isLarge), isLarge};
}

void HubServer::setCommit(const std::string& commit)
{
    const std::lock_guard lock(m_mutex);
    m_commit = commit;
}

void HubServer::setContentServer(const std::string& endpoint)
{
    const std::lock_guard lock(m_mutex);
    m_contentServer = endpoint;
}

void HubServer::addFault(HubFault fault)
{
    const std::lock_guard lock(m_mutex);
    m_faults.push_back(std::move(fault));
}

std::vector<HubRequest> HubServer::requests() const
{
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

int HubServer::count(const std::string& method, const std::string& pathContains) const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(std::ranges::count_if(m_requests, [&](const HubRequest& request) {
        return request.method == method && request.path.find(pathContains) != std::string::npos;
    }));
}

void HubServer::acceptConnections()
{
    while (true) {
        const int socket = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            return;
        m_connections.emplace_back([this, socket] { serve(socket); });
    }
}

void HubServer::serve(int socket)
{
    const HubRequest request = readRequest(socket);
    if (!request.method.empty()) {
        {
            const std::lock_guard lock(m_mutex);
            m_requests.push_back(request);
        }
        answer(socket, request);
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
}

HubFault HubServer::takeFault(const HubRequest& request)
{
    const std::lock_guard lock(m_mutex);
    for (HubFault& fault : m_faults)
        if (fault.times > 0 && fault.method == request.method &&
            request.path.find(fault.pathContains) != std::string::npos) {
            --fault.times;
            return fault;
        }
    return {};
}

/// "/content/<etag>" or "/[datasets/]owner/name/resolve/<commit>/<file>".
const HubServer::File* HubServer::findFile(const std::string& path) const
{
    for (const auto& [repo, files] : m_repos)
        for (const auto& [name, file] : files) {
            const std::string page = repo.starts_with("models/") ? repo.substr(6) : '/' + repo;
            if (path == "/content/" + file.etag ||
                path == page + "/resolve/" + m_commit + '/' + name)
                return &file;
        }
    return nullptr;
}

void HubServer::answer(int socket, const HubRequest& request)
{
    const HubFault fault = takeFault(request);
    if (fault.status != 0) {
        std::vector<std::string> headers = fault.headers;
        headers.push_back(contentLength(0));
        sendHead(socket, fault.status, headers);
        return;
    }
    if (!fault.redirect.empty()) {
        sendHead(socket, 302, {"Location: " + fault.redirect, contentLength(0)});
        return;
    }
    constexpr std::string_view kApi = "/api/";
    const size_t revision = request.path.find("/revision/");
    if (request.path.starts_with(kApi) && revision != std::string::npos) {
        answerListing(socket, request.path.substr(kApi.size(), revision - kApi.size()),
                      request.path.substr(revision + std::string("/revision/").size()));
        return;
    }
    File file;
    bool isKnown = false;
    {
        const std::lock_guard lock(m_mutex);
        if (const File* found = findFile(request.path)) {
            file = *found;
            isKnown = true;
        }
    }
    if (isKnown)
        answerFile(socket, request, file, fault);
    else
        sendHead(socket, 404, {"X-Error-Code: EntryNotFound", contentLength(0)});
}

void HubServer::answerListing(int socket, const std::string& repo, const std::string& revision)
{
    QJsonArray siblings;
    std::string commit;
    bool isKnown = false;
    {
        const std::lock_guard lock(m_mutex);
        commit = m_commit;
        const auto found = m_repos.find(repo);
        isKnown = found != m_repos.end();
        if (isKnown)
            for (const auto& entry : found->second)
                siblings.append(QJsonObject{
                    {QStringLiteral("rfilename"), QString::fromStdString(entry.first)}});
    }
    if (!isKnown) {
        sendHead(socket, 401, {"X-Error-Code: RepoNotFound", contentLength(0)});
        return;
    }
    if (revision != "main" && revision != commit) {
        sendHead(socket, 404, {"X-Error-Code: RevisionNotFound", contentLength(0)});
        return;
    }
    const QByteArray body =
        QJsonDocument(QJsonObject{{QStringLiteral("sha"), QString::fromStdString(commit)},
                                  {QStringLiteral("siblings"), siblings}})
            .toJson();
    sendHead(socket, 200, {"Content-Type: application/json", contentLength(body.size())});
    sendAll(socket, std::string_view(body.constData(), static_cast<size_t>(body.size())));
}

void HubServer::answerFile(int socket, const HubRequest& request, const File& file,
                           const HubFault& fault)
{
    std::string contentServer;
    std::string commit;
    {
        const std::lock_guard lock(m_mutex);
        contentServer = m_contentServer;
        commit = m_commit;
    }
    const int64_t realSize = static_cast<int64_t>(file.content.size());
    const int64_t size = fault.claimedSize >= 0 ? fault.claimedSize : realSize;
    std::vector<std::string> headers = {"X-Repo-Commit: " + commit, "Accept-Ranges: bytes"};
    if (file.isLarge && !request.path.starts_with("/content/")) {
        headers.push_back("X-Linked-Etag: \"" + file.etag + '"');
        headers.push_back("X-Linked-Size: " + std::to_string(size));
        headers.push_back("ETag: \"0123\"");
        headers.push_back("Location: " + contentServer + "/content/" + file.etag);
        headers.push_back(contentLength(0));
        sendHead(socket, 302, headers);
        return;
    }
    headers.push_back("ETag: W/\"" + file.etag + '"');

    const auto range = request.headers.find("range");
    int64_t begin = 0;
    int status = 200;
    if (range != request.headers.end() && !fault.ignoresRange) {
        begin = std::atoll(range->second.c_str() + std::string("bytes=").size());
        if (begin >= realSize) {
            sendHead(socket, 416, {contentLength(0)});
            return;
        }
        status = 206;
        headers.push_back("Content-Range: bytes " + std::to_string(begin) + '-' +
                          std::to_string(realSize - 1) + '/' + std::to_string(size));
    }
    const std::string& content = fault.body.empty() ? file.content : fault.body;
    headers.push_back(contentLength(size - begin));
    sendHead(socket, status, headers);
    if (request.method == "GET")
        sendBody(socket, content.substr(static_cast<size_t>(begin)), fault);
}

void HubServer::sendBody(int socket, const std::string& body, const HubFault& fault)
{
    const int64_t limit = std::max(fault.breakAfter, fault.stallAfter);
    const bool isCut = limit >= 0;
    sendAll(socket, std::string_view(body).substr(0, isCut ? static_cast<size_t>(limit)
                                                           : std::string::npos));
    if (fault.stallAfter < 0)
        return;
    // Until the client gives up, or the test ends.
    std::unique_lock lock(m_mutex);
    while (!m_isEnding) {
        pollfd entry{socket, POLLIN | POLLRDHUP, 0};
        if (::poll(&entry, 1, 0) > 0)
            return;
        m_ending.wait_for(lock, std::chrono::milliseconds(10));
    }
}

} // namespace samba::test
