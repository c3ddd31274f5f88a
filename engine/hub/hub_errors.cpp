#include "engine/hub/hub_errors.h"

#include "engine/io/file_error.h"

#include <cstdio>

namespace samba::hub {
namespace {

std::string secondsText(std::chrono::milliseconds time)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%g", static_cast<double>(time.count()) / 1000);
    return text;
}

std::string kindName(const HubRepo& repo)
{
    return repo.kind == RepoKind::Model ? "model" : "data set";
}

std::string pageUrl(const HubRepo& repo, const HubSettings& settings)
{
    return settings.endpoint + (repo.kind == RepoKind::Model ? "/" : "/datasets/") + repo.name;
}

Error notFoundError(const HubRepo& repo, const HubSettings& settings)
{
    const std::string login = settings.token.empty()
                                  ? "for a private one set HF_TOKEN to your token."
                                  : "a private one needs a token of somebody who may read it.";
    return Error(ErrorKind::Network,
                 "The hub has no " + kindName(repo) + " '" + repo.name + "', or it is private.",
                 "Check the name (owner/name); " + login);
}

} // namespace

Error requestError(const HttpResult& result, const std::string& url,
                   std::chrono::milliseconds timeout)
{
    const std::string server = quotedText(urlOrigin(url));
    switch (result.end) {
    case HttpEnd::HostNotFound:
        return Error(ErrorKind::Network, "The server " + server + " cannot be found.",
                     "Check the network connection; without one, set HF_HUB_OFFLINE=1 and use what "
                     "the cache has.");
    case HttpEnd::Unreachable:
        return Error(ErrorKind::Network, "The server " + server + " cannot be reached.",
                     "Check the network connection and the proxy settings (https_proxy).");
    case HttpEnd::Untrusted:
        return Error(
            ErrorKind::Network,
            "The server " + server + " cannot be trusted (" + result.detail + ").",
            "Check the machine's clock; behind a company's proxy, set SSL_CERT_FILE to its "
            "certificates.");
    case HttpEnd::Stalled:
        return Error(ErrorKind::Network,
                     "The server " + server + " sent nothing for " + secondsText(timeout) +
                         " seconds.",
                     "Try again: what has arrived is kept. HF_HUB_DOWNLOAD_TIMEOUT and "
                     "HF_HUB_ETAG_TIMEOUT give it more time.");
    case HttpEnd::Broken:
    case HttpEnd::Cancelled:
    case HttpEnd::Complete:
        break;
    }
    return Error(ErrorKind::Network,
                 "The connection to " + server + " broke" +
                     (result.detail.empty() ? "." : " (" + result.detail + ")."),
                 "Try again: what has arrived is kept.");
}

Error statusError(const HttpResponse& response, const HubRepo& repo, const HubSettings& settings,
                  const std::string& file)
{
    const std::string& code = response.header("x-error-code");
    const std::string status = "HTTP " + std::to_string(response.status);
    if (code == "GatedRepo")
        return Error(ErrorKind::Network,
                     "The " + kindName(repo) + " '" + repo.name +
                         "' is open only to those whom its authors let in.",
                     "Ask for access at " + pageUrl(repo, settings) +
                         ", then set HF_TOKEN to your token.");
    if (code == "RevisionNotFound")
        return Error(ErrorKind::Network,
                     "The " + kindName(repo) + " '" + repo.name + "' has no revision " +
                         quotedText(repo.revision) + ".",
                     "See its branches and tags at " + pageUrl(repo, settings) + "/tree/main.");
    if (code == "EntryNotFound" || (response.status == 404 && !file.empty()))
        return Error(ErrorKind::Network,
                     "The hub lists the file " + quotedText(file) + " of '" + repo.name +
                         "' and does not have it (" + status + ").",
                     "Try again later; if HF_ENDPOINT is set, check the server it names.");
    switch (response.status) {
    case 401:
        if (!settings.token.empty() && code != "RepoNotFound")
            return Error(ErrorKind::Network, "The hub does not accept your token (" + status + ").",
                         "Make a new one at " + settings.endpoint +
                             "/settings/tokens and set HF_TOKEN to it, or unset HF_TOKEN.");
        return notFoundError(repo, settings);
    case 403:
        return Error(ErrorKind::Network,
                     "The hub refuses access to '" + repo.name + "' (" + status + ").",
                     settings.token.empty() ? "Set HF_TOKEN to a token that may read it."
                                            : "Give the token in HF_TOKEN the right to read it.");
    case 404:
    case 410:
        return notFoundError(repo, settings);
    case 429:
        return Error(
            ErrorKind::Network, "The hub gets too many requests from here (" + status + ").",
            settings.token.empty() ? "Wait some minutes, or set HF_TOKEN: it allows more."
                                   : "Wait some minutes and try again: what has arrived is kept.");
    default:
        break;
    }
    if (response.status >= 500)
        return Error(ErrorKind::Network, "The hub has trouble of its own (" + status + ").",
                     "Try again later: what has arrived is kept.");
    return Error(ErrorKind::Network,
                 "The hub gave an unexpected answer for '" + repo.name + "' (" + status + ").",
                 "Check HF_ENDPOINT and the proxy settings.");
}

Error offlineError(const HubRepo& repo, const std::string& what, const HubSettings& settings)
{
    return Error(ErrorKind::Network,
                 "The cache " + quotedPath(settings.cacheDir) + " does not have " + what + " of '" +
                     repo.text() + "', and HF_HUB_OFFLINE forbids to download.",
                 "Unset HF_HUB_OFFLINE (and TRANSFORMERS_OFFLINE), or set HF_HUB_CACHE to a cache "
                 "that has it.");
}

} // namespace samba::hub
