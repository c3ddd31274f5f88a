#pragma once

#include "engine/api/benchmark.h"
#include "engine/api/commands.h"

#include <functional>
#include <string>

#include <c10/core/Device.h>

namespace samba {

/// What happens while benchmarks run. Thread: engine.
struct BenchmarkListener {
    std::function<void(const std::string&)> machine; ///< one line on the machine's limits, first
    std::function<void(const BenchmarkResult&)> measured;
    std::function<void(const std::string& name, const std::string& reason)> skipped;
    /// Before every repeat; false ends the run.
    std::function<bool(const std::string& name, int64_t done, int64_t total)> goesOn;
};

/// Runs benchmarks on weights made in memory. Value and limit are measured in turn, `repeats` times
/// after one round that is thrown away; a benchmark for which the machine has too little memory or
/// no instructions, or which the device does not know, is skipped with the reason.
/// @throws Error InvalidArgument for an unknown name. Thread: engine.
void runBenchmarks(const RunBenchmarks& request, c10::Device device,
                   const BenchmarkListener& listener);

} // namespace samba
