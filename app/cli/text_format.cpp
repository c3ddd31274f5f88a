#include "app/cli/text_format.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace samba::cli {
namespace {

template <typename... Arguments>
std::string printed(const char* format, Arguments... arguments)
{
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, arguments...);
    return buffer.data();
}

} // namespace

std::string formatInteger(int64_t number)
{
    std::string text = std::to_string(number);
    const size_t firstDigit = number < 0 ? 1 : 0;
    for (size_t end = text.size(); end > firstDigit + 3;) {
        end -= 3;
        text.insert(end, 1, ',');
    }
    return text;
}

std::string formatNumber(double value)
{
    return std::isnan(value) ? "-" : printed("%.4g", value);
}

std::string formatShare(double share)
{
    return std::isnan(share) ? "-" : printed("%.1f %%", 100 * share);
}

std::string formatBytes(double bytes)
{
    static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit)
        bytes /= 1024;
    return printed(unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
}

std::string formatDuration(double milliseconds)
{
    if (!std::isfinite(milliseconds))
        return "-";
    if (milliseconds < 1000)
        return printed("%.0f ms", milliseconds);
    const long long seconds = std::llround(milliseconds / 1000);
    if (seconds < 60)
        return printed("%lld s", seconds);
    if (seconds < 3600)
        return printed("%lld min %02lld s", seconds / 60, seconds % 60);
    return printed("%lld h %02lld min", seconds / 3600, seconds / 60 % 60);
}

std::string formatSpeed(double tokensPerSecond)
{
    if (!std::isfinite(tokensPerSecond))
        return "-";
    const std::string number = tokensPerSecond < 100 ? printed("%.1f", tokensPerSecond)
                                                     : formatInteger(std::llround(tokensPerSecond));
    return number + " tokens/s";
}

std::string formatMoment(double secondsSinceEpoch)
{
    if (!(secondsSinceEpoch > 0))
        return "-";
    const std::time_t time = static_cast<std::time_t>(secondsSinceEpoch);
    std::tm local{};
    localtime_r(&time, &local);
    std::array<char, 32> buffer{};
    std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M", &local);
    return buffer.data();
}

std::string shellQuoted(const std::string& word)
{
    static constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./=:,+@%";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos)
        return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + '\'';
}

size_t displayWidth(std::string_view utf8)
{
    size_t width = 0;
    for (const char c : utf8)
        width += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return width;
}

} // namespace samba::cli
