#include "engine/hub/hub_settings.h"

#include "engine/api/error.h"
#include "engine/io/text_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <system_error>

#include <pwd.h>
#include <unistd.h>

namespace samba::hub {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// The first of the variables that says something.
template <typename... Names>
std::string firstOf(Names... names)
{
    for (const char* name : {names...})
        if (std::string value = environment(name); !value.empty())
            return value;
    return {};
}

bool isTrue(std::string value)
{
    std::ranges::transform(value, value.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

std::string homeFolder(const std::string& user)
{
    if (user.empty())
        if (std::string home = environment("HOME"); !home.empty())
            return home;
    const passwd* entry = user.empty() ? getpwuid(getuid()) : getpwnam(user.c_str());
    return entry && entry->pw_dir ? entry->pw_dir : "";
}

/// "~/x" and "~user/x" as a shell reads them; what it does not know stays as it is.
std::string expandHome(const std::string& path)
{
    if (!path.starts_with('~'))
        return path;
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string home = homeFolder(path.substr(1, slash - 1));
    return home.empty() ? path : home + path.substr(slash);
}

/// "$NAME" and "${NAME}" by their values; what is not set stays as it is.
std::string expandVariables(const std::string& text)
{
    const auto isNameCharacter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    std::string expanded;
    size_t i = 0;
    while (i < text.size()) {
        if (text[i] != '$') {
            expanded += text[i++];
            continue;
        }
        const bool isBraced = i + 1 < text.size() && text[i + 1] == '{';
        const size_t begin = i + (isBraced ? 2 : 1);
        size_t end = begin;
        while (end < text.size() && (isBraced ? text[end] != '}' : isNameCharacter(text[end])))
            ++end;
        const size_t next = std::min(end + (isBraced ? 1 : 0), text.size());
        const char* value = end > begin && (!isBraced || end < text.size())
                                ? std::getenv(text.substr(begin, end - begin).c_str())
                                : nullptr;
        expanded += value ? std::string(value) : text.substr(i, std::max(next, i + 1) - i);
        i = std::max(next, i + 1);
    }
    return expanded;
}

fs::path expandedPath(const std::string& text)
{
    return fs::path(expandVariables(expandHome(text)));
}

/// HF_HOME: cache and login of the Python libraries.
fs::path hubHome()
{
    if (const std::string home = environment("HF_HOME"); !home.empty())
        return expandedPath(home);
    const std::string xdg = environment("XDG_CACHE_HOME");
    return expandedPath(xdg.empty() ? "~/.cache" : xdg) / "huggingface";
}

std::string cleanToken(std::string token)
{
    std::erase_if(token, [](char c) { return c == '\r' || c == '\n'; });
    const size_t begin = token.find_first_not_of(" \t");
    if (begin == std::string::npos)
        return {};
    token = token.substr(begin, token.find_last_not_of(" \t") - begin + 1);
    // It becomes a line of an HTTP header.
    if (std::ranges::any_of(token, [](unsigned char c) { return c <= 0x20 || c >= 0x7F; }))
        throw Error(ErrorKind::Config, "The hub token has characters that no token has.",
                    "Set HF_TOKEN to the token alone, or log in again.");
    return token;
}

std::string findToken(const fs::path& home)
{
    if (isTrue(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN")))
        return {};
    if (std::string token = cleanToken(firstOf("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"));
        !token.empty())
        return token;
    const std::string named = environment("HF_TOKEN_PATH");
    const fs::path file = named.empty() ? home / "token" : expandedPath(named);
    std::error_code error;
    if (!fs::is_regular_file(file, error))
        return {};
    constexpr size_t kMaxTokenBytes = 4096;
    return cleanToken(readTextFile(file, kMaxTokenBytes));
}

/// Whole seconds; 0 and nothing mean the default, as in Python.
std::chrono::milliseconds timeout(const char* name, std::chrono::milliseconds standard)
{
    const std::string text = environment(name);
    if (text.empty())
        return standard;
    constexpr int kMaxSeconds = 86'400;
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
        seconds > kMaxSeconds)
        throw Error(ErrorKind::Config,
                    std::string(name) + " must be a whole number of seconds, not '" + text + "'.",
                    "Set it to 10, for example, or unset it.");
    return seconds == 0 ? standard : std::chrono::seconds(seconds);
}

std::string checkedEndpoint(std::string endpoint)
{
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    const bool hasScheme = endpoint.starts_with("https://") || endpoint.starts_with("http://");
    if (!hasScheme || endpoint.find_first_of(" \t\r\n@?#") != std::string::npos ||
        endpoint.size() <= endpoint.find("://") + 3)
        throw Error(ErrorKind::Config, "HF_ENDPOINT is no address of a hub: '" + endpoint + "'.",
                    "Set it to an address like https://huggingface.co, or unset it.");
    return endpoint;
}

} // namespace

HubSettings HubSettings::fromEnvironment()
{
    HubSettings settings;
    const fs::path home = hubHome();
    const std::string cache = firstOf("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
    settings.cacheDir = cache.empty() ? home / "hub" : expandedPath(cache);
    if (std::string endpoint = environment("HF_ENDPOINT"); !endpoint.empty())
        settings.endpoint = checkedEndpoint(std::move(endpoint));
    settings.token = findToken(home);
    settings.isOffline = isTrue(firstOf("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"));
    settings.usesSymlinks = !isTrue(environment("HF_HUB_DISABLE_SYMLINKS"));
    settings.certificateFile = firstOf("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE");
    settings.metadataTimeout = timeout("HF_HUB_ETAG_TIMEOUT", settings.metadataTimeout);
    settings.downloadTimeout = timeout("HF_HUB_DOWNLOAD_TIMEOUT", settings.downloadTimeout);
    return settings;
}

} // namespace samba::hub
