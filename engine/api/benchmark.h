#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// A measurement that this program knows to make. Thread: any.
struct BenchmarkInfo {
    std::string name;      ///< "decode.f32"; what comes before a dot names a group
    std::string summary;   ///< what is measured
    std::string rivalNote; ///< what others reached and on which machine; may be empty
    bool isLong = false;   ///< takes minutes: made only if its full name is given
};

/// All benchmarks, in the order in which they run.
const std::vector<BenchmarkInfo>& benchmarkCatalogue();

/// The benchmarks that names stand for, in catalogue order, none twice. A name may also be a group
/// (`decode`, `decode.*`); no name at all means every benchmark that is not long.
/// @throws Error InvalidArgument for a name that stands for nothing, with the nearest one.
std::vector<BenchmarkInfo> chooseBenchmarks(const std::vector<std::string>& names);

/// What a benchmark gave; value, limit and spread are those of all repeats.
struct BenchmarkResult {
    std::string name = {};
    double value = 0;      ///< median
    std::string unit = {}; ///< "tokens/s", "s", "ms" or "MB" (10^6 bytes)
    double limit = 0;      ///< median of what the machine allows, measured in between, same unit
    std::string limitNote = {}; ///< what the limit is
    double ratio = 0;           ///< ratioToLimit(value, limit, unit)
    double spread = 0;          ///< (largest - smallest value) / median
    int64_t repeats = 0;
    std::string note = {};      ///< what else was seen; may be empty
    std::string rivalNote = {}; ///< as in BenchmarkInfo
    bool isQuiet = true;        ///< the machine was quiet, so that the figures can be relied on
    std::string loadNote = {};  ///< why not, one sentence; empty if it was
};

/// How near a value comes to its limit, 1 being there: value / limit where more is better (units
/// ending in "/s"), limit / value for times and memory.
double ratioToLimit(double value, double limit, std::string_view unit);

} // namespace samba
