#include "app/cli/sampling_settings.h"

#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"
#include "engine/api/edit_distance.h"
#include "engine/api/error.h"

#include <span>

namespace samba::cli {
namespace {

/// An option with a value.
struct Setting {
    const char* name; ///< "temperature"
    const char* help;
    void (*set)(SamplingOptions&, const std::string& shownName, const std::string& value);
    std::string (*get)(const SamplingOptions&);
};

/// An option that is on or off.
struct Flag {
    const char* name; ///< in a dialogue
    const char* commandLineName;
    bool commandLineValue; ///< what giving the flag sets it to
    const char* help;
    bool SamplingOptions::*value;
};

constexpr int64_t kMostTokens = 1'000'000'000;

std::span<const Setting> settings()
{
    using Options = SamplingOptions;
    using Text = std::string;
    static const Setting kSettings[] = {
        {"temperature",
         "Flattens (> 1) or sharpens (< 1) the choice; 0: always the likeliest token",
         [](Options& o, const Text& name, const Text& value) {
             o.temperature = parseNumber(name, value, {0, 100});
         },
         [](const Options& o) { return formatNumber(o.temperature); }},
        {"top-k", "Choose among the K likeliest tokens; 0: off",
         [](Options& o, const Text& name, const Text& value) {
             o.topK = parseInteger(name, value, {0});
         },
         [](const Options& o) { return std::to_string(o.topK); }},
        {"top-p", "Choose among the likeliest tokens that hold this share; 1: off",
         [](Options& o, const Text& name, const Text& value) {
             o.topP = parseNumber(name, value, {0, 1, true});
         },
         [](const Options& o) { return formatNumber(o.topP); }},
        {"repetition-penalty", "Makes tokens that stand in the text already less likely; 1: off",
         [](Options& o, const Text& name, const Text& value) {
             o.repetitionPenalty = parseNumber(name, value, {0, 100, true});
         },
         [](const Options& o) { return formatNumber(o.repetitionPenalty); }},
        {"max-new-tokens", "End after so many tokens",
         [](Options& o, const Text& name, const Text& value) {
             o.maxNewTokens = parseInteger(name, value, {1, kMostTokens});
         },
         [](const Options& o) { return std::to_string(o.maxNewTokens); }},
        {"seed", "Start of the random choices, for the same text again; -1: a fresh one",
         [](Options& o, const Text& name, const Text& value) {
             o.seed = parseInteger(name, value, {-1});
         },
         [](const Options& o) { return std::to_string(o.seed); }},
    };
    return kSettings;
}

std::span<const Flag> flags()
{
    static const Flag kFlags[] = {
        {"readout", "--readout", true, "Choose by the readout's output instead of the main one",
         &SamplingOptions::useReadout},
        {"stop-at-end", "--no-stop-at-end", false, "Go on after the end-of-text token",
         &SamplingOptions::stopAtEndOfText},
    };
    return kFlags;
}

std::string onOff(bool isOn)
{
    return isOn ? "on" : "off";
}

[[noreturn]] void throwUnknown(const std::string& name)
{
    std::string best;
    size_t bestDistance = allowedSlips(name.size()) + 1;
    const auto consider = [&](const char* known) {
        if (const size_t distance = editDistance(name, known); distance < bestDistance) {
            bestDistance = distance;
            best = known;
        }
    };
    for (const Setting& setting : settings())
        consider(setting.name);
    for (const Flag& flag : flags())
        consider(flag.name);
    consider("stop");
    throw Error(ErrorKind::InvalidArgument, "There is no sampling option \"" + name + "\".",
                best.empty() ? ":set alone lists them." : "Did you mean " + best + '?');
}

} // namespace

void addSamplingOptions(CLI::App& app, SamplingOptions& sampling)
{
    for (const Setting& setting : settings()) {
        const std::string name = std::string("--") + setting.name;
        const auto take = [&sampling, &setting, name](const std::string& text) {
            setting.set(sampling, name, text);
        };
        app.add_option_function<std::string>(name, take, setting.help)
            ->take_last()
            ->type_name("NUMBER")
            ->default_str(setting.get(sampling));
    }
    addTexts(app, "--stop", sampling.stop, "End before this text; may be repeated");
    for (const Flag& flag : flags()) {
        const auto take = [&sampling, &flag](int64_t) {
            sampling.*flag.value = flag.commandLineValue;
        };
        app.add_flag_function(flag.commandLineName, take, flag.help);
    }
}

void setSampling(SamplingOptions& sampling, const std::string& name, const std::string& value)
{
    for (const Setting& setting : settings())
        if (name == setting.name)
            return setting.set(sampling, name, value);
    for (const Flag& flag : flags()) {
        if (name != flag.name)
            continue;
        if (value != "on" && value != "off")
            throw Error(ErrorKind::InvalidArgument,
                        name + " must be on or off, not \"" + value + "\".");
        sampling.*flag.value = value == "on";
        return;
    }
    if (name != "stop")
        throwUnknown(name);
    sampling.stop = value.empty() ? std::vector<std::string>() : std::vector<std::string>{value};
}

std::string describeSampling(const SamplingOptions& sampling)
{
    TextTable table({{}, {}});
    for (const Setting& setting : settings())
        table.addRow({setting.name, setting.get(sampling)});
    for (const Flag& flag : flags())
        table.addRow({flag.name, onOff(sampling.*flag.value)});
    std::string stops;
    for (const std::string& stop : sampling.stop)
        stops += (stops.empty() ? "\"" : ", \"") + stop + '"';
    table.addRow({"stop", stops.empty() ? "none" : stops});
    return table.toString();
}

} // namespace samba::cli
