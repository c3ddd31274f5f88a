#include "engine/api/config_schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace samba {

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

/// Shortest text that reads back as the same number. An exponent always follows a decimal point and
/// a sign: YAML 1.1 readers take `1e-5` for text.
std::string formatNumber(double value)
{
    if (std::isnan(value))
        return ".nan";
    if (std::isinf(value))
        return value > 0 ? ".inf" : "-.inf";
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    const std::string text(buffer.data(), end);
    const size_t exponentAt = text.find('e');
    if (exponentAt == std::string::npos)
        return text;

    std::string mantissa = text.substr(0, exponentAt);
    if (mantissa.find('.') == std::string::npos)
        mantissa += ".0";
    const char sign = text[exponentAt + 1];
    const size_t digits = text.find_first_not_of('0', exponentAt + 2);
    return mantissa + 'e' + sign + text.substr(digits);
}

/// Whether YAML would read the plain text as something else than that text.
bool looksLikeOtherType(const std::string& text)
{
    static constexpr std::array<std::string_view, 10> kWords = {
        "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n"};
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(kWords.begin(), kWords.end(), lower) != kWords.end())
        return true;
    // Numbers and dates begin with a digit, or with a sign or a point before one.
    const size_t start = text.find_first_not_of("+-.");
    return start != std::string::npos &&
           (std::isdigit(static_cast<unsigned char>(text[start])) != 0 ||
            (start > 0 && (lower.substr(start) == "inf" || lower.substr(start) == "nan")));
}

/// Whether a text can stand in YAML without quotes, inside a bracketed list too.
bool isPlainSafe(const std::string& text)
{
    static constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
    if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':')
        return false;
    // A hyphen begins a list item only before a space.
    const bool startsWithWordHyphen =
        text.size() > 1 && text[0] == '-' && text[1] != ' ' && text[1] != '-';
    if (kIndicators.find(text.front()) != std::string_view::npos && !startsWithWordHyphen)
        return false;
    if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos ||
        text.find_first_of(",[]{}") != std::string::npos)
        return false;
    const bool hasOddBytes = std::any_of(text.begin(), text.end(),
                                         [](unsigned char c) { return c < 0x20 || c >= 0x7F; });
    return !hasOddBytes && !looksLikeOtherType(text);
}

std::string formatString(const std::string& text)
{
    if (isPlainSafe(text))
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
            quoted += "\\\"";
            break;
        case '\\':
            quoted += "\\\\";
            break;
        case '\n':
            quoted += "\\n";
            break;
        case '\r':
            quoted += "\\r";
            break;
        case '\t':
            quoted += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                std::array<char, 8> escape{};
                std::snprintf(escape.data(), escape.size(), "\\x%02X",
                              static_cast<unsigned>(static_cast<unsigned char>(c)));
                quoted += escape.data();
            } else {
                quoted += c;
            }
        }
    }
    return quoted + '"';
}

std::string joined(const std::vector<std::string>& parts)
{
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

/// "from 0 to 1", "> 0 and at most 10", "at least 1", or empty.
std::string describeRange(const ConfigKey& key)
{
    const auto limit = [&key](double value) {
        return key.type == ConfigType::Integer ? std::to_string(static_cast<int64_t>(value))
                                               : formatNumber(value);
    };
    if (key.minimum && key.maximum && !key.minimumIsExclusive && !key.maximumIsExclusive)
        return "from " + limit(*key.minimum) + " to " + limit(*key.maximum);
    std::string text;
    if (key.minimum)
        text = (key.minimumIsExclusive ? "above " : "at least ") + limit(*key.minimum);
    if (key.maximum) {
        text += text.empty() ? "" : " and ";
        text += (key.maximumIsExclusive ? "below " : "at most ") + limit(*key.maximum);
    }
    return text;
}

bool isInRange(const ConfigKey& key, double value)
{
    if (!std::isfinite(value))
        return false;
    if (key.minimum && (key.minimumIsExclusive ? value <= *key.minimum : value < *key.minimum))
        return false;
    return !key.maximum || (key.maximumIsExclusive ? value < *key.maximum : value <= *key.maximum);
}

} // namespace

std::string formatConfigValue(const ConfigValue& value)
{
    return std::visit(Overloaded{
                          [](bool flag) { return std::string(flag ? "true" : "false"); },
                          [](int64_t number) { return std::to_string(number); },
                          [](double number) { return formatNumber(number); },
                          [](const std::string& text) { return formatString(text); },
                          [](const std::vector<std::string>& texts) {
                              std::vector<std::string> parts;
                              std::transform(texts.begin(), texts.end(), std::back_inserter(parts),
                                             formatString);
                              return '[' + joined(parts) + ']';
                          },
                      },
                      value);
}

std::string describeAllowed(const ConfigKey& key)
{
    std::string text;
    switch (key.type) {
    case ConfigType::Bool:
        return "true or false";
    case ConfigType::Integer:
        text = "a whole number";
        break;
    case ConfigType::Number:
        text = "a number";
        break;
    case ConfigType::String:
        return "a text";
    case ConfigType::Choice:
        return "one of " + joined(key.choices);
    case ConfigType::StringList:
        return "a list of texts, such as [one, two]";
    }
    const std::string range = describeRange(key);
    return range.empty() ? text : text + ' ' + range;
}

std::string checkConfigValue(const ConfigKey& key, const ConfigValue& value)
{
    bool isAllowed = false;
    switch (key.type) {
    case ConfigType::Bool:
        isAllowed = std::holds_alternative<bool>(value);
        break;
    case ConfigType::Integer:
        isAllowed = std::holds_alternative<int64_t>(value) &&
                    isInRange(key, static_cast<double>(std::get<int64_t>(value)));
        break;
    case ConfigType::Number:
        isAllowed =
            std::holds_alternative<double>(value) && isInRange(key, std::get<double>(value));
        break;
    case ConfigType::String:
        isAllowed = std::holds_alternative<std::string>(value);
        break;
    case ConfigType::Choice:
        isAllowed = std::holds_alternative<std::string>(value) &&
                    std::find(key.choices.begin(), key.choices.end(),
                              std::get<std::string>(value)) != key.choices.end();
        break;
    case ConfigType::StringList:
        isAllowed = std::holds_alternative<std::vector<std::string>>(value);
        break;
    }
    if (isAllowed)
        return {};
    return "must be " + describeAllowed(key) + ", not " + formatConfigValue(value);
}

} // namespace samba
