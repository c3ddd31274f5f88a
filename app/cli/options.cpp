#include "app/cli/options.h"

#include "app/cli/text_format.h"
#include "engine/api/error.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace samba::cli {
namespace {

template <typename Number>
std::optional<Number> parsed(const std::string& text)
{
    Number number{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || rest != end)
        return std::nullopt;
    return number;
}

std::string plain(int64_t number)
{
    return std::to_string(number);
}

std::string plain(double number)
{
    return formatNumber(number);
}

/// " from 0 to 1", " >= 1", ...
template <typename Range>
std::string describeRange(const Range& range, bool minimumIsExclusive)
{
    const bool hasMinimum = range.minimum > Range{}.minimum;
    const bool hasMaximum = range.maximum < Range{}.maximum;
    const char* above = minimumIsExclusive ? " > " : " >= ";
    if (hasMinimum && hasMaximum && !minimumIsExclusive)
        return " from " + plain(range.minimum) + " to " + plain(range.maximum);
    return (hasMinimum ? above + plain(range.minimum) : "") +
           (hasMinimum && hasMaximum ? " and" : "") +
           (hasMaximum ? " <= " + plain(range.maximum) : "");
}

[[noreturn]] void refuse(const std::string& name, const std::string& text,
                         const std::string& allowed)
{
    throw Error(ErrorKind::InvalidArgument,
                name + " must be " + allowed + ", not \"" + text + "\".");
}

} // namespace

int64_t parseInteger(const std::string& name, const std::string& text, IntegerRange range)
{
    const std::optional<int64_t> number = parsed<int64_t>(text);
    if (!number || *number < range.minimum || *number > range.maximum)
        refuse(name, text, "a whole number" + describeRange(range, false));
    return *number;
}

double parseNumber(const std::string& name, const std::string& text, NumberRange range)
{
    const std::optional<double> number = parsed<double>(text);
    const bool isAllowed =
        number && std::isfinite(*number) && *number <= range.maximum &&
        (range.minimumIsExclusive ? *number > range.minimum : *number >= range.minimum);
    if (!isAllowed)
        refuse(name, text, "a number" + describeRange(range, range.minimumIsExclusive));
    return *number;
}

CLI::Option* addText(CLI::App& app, const std::string& name, std::string& target,
                     const std::string& help)
{
    return app.add_option(name, target, help)->take_last();
}

CLI::Option* addInteger(CLI::App& app, const std::string& name, int64_t& target, IntegerRange range,
                        const std::string& help)
{
    const auto take = [name, &target, range](const std::string& text) {
        target = parseInteger(name, text, range);
    };
    return app.add_option_function<std::string>(name, take, help)->take_last()->type_name("N");
}

CLI::Option* addTexts(CLI::App& app, const std::string& name, std::vector<std::string>& target,
                      const std::string& help)
{
    return app.add_option(name, target, help)->allow_extra_args(false);
}

void addWeightsOption(CLI::App& app, std::string& target)
{
    addText(app, "--weights", target,
            "Keep the model's matrices in fewer bits: bf16, int8 or int4; without: f32")
        ->type_name("FORMAT");
}

} // namespace samba::cli
