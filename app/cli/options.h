#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace samba::cli {

// Options that are read strictly: the whole word is the number, in decimals, and in its range.
// (CLI11's own conversion takes 010 for eight, and infinity for a number.)

/// The whole numbers that are allowed.
struct IntegerRange {
    int64_t minimum = std::numeric_limits<int64_t>::min();
    int64_t maximum = std::numeric_limits<int64_t>::max();
};

/// The numbers that are allowed.
struct NumberRange {
    double minimum = std::numeric_limits<double>::lowest();
    double maximum = std::numeric_limits<double>::max();
    bool minimumIsExclusive = false;
};

/// Reads a whole number.
/// @param name  of the option, for the message.
/// @throws Error InvalidArgument if it is none, or outside the range. Thread: any.
int64_t parseInteger(const std::string& name, const std::string& text, IntegerRange range);

/// Reads a finite number. Errors as parseInteger().
double parseNumber(const std::string& name, const std::string& text, NumberRange range);

/// An option that takes a word; the last one given holds.
CLI::Option* addText(CLI::App& app, const std::string& name, std::string& target,
                     const std::string& help);

/// An option that takes a whole number. Parsing throws as parseInteger().
CLI::Option* addInteger(CLI::App& app, const std::string& name, int64_t& target, IntegerRange range,
                        const std::string& help);

/// An option that may be given several times, one word each.
CLI::Option* addTexts(CLI::App& app, const std::string& name, std::vector<std::string>& target,
                      const std::string& help);

/// --weights: how the matrices of a loaded model are kept, as LoadModel takes it.
void addWeightsOption(CLI::App& app, std::string& target);

} // namespace samba::cli
