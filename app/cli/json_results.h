#pragma once

#include "engine/api/benchmark.h"
#include "engine/api/config_document.h"
#include "engine/api/metrics.h"
#include "engine/api/model_info.h"
#include "engine/api/run_history.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace samba::cli {

// The program's results as JSON. Members keep the order in which they are written; numbers that do
// not exist (a readout loss without a readout) are null. Thread: any.

using Json = nlohmann::ordered_json;

/// {"name", "type", ..., "parameters": {"total", "backbone", "readout", ...}, "memory", "chunks"}
Json toJson(const ModelInfo& info);

/// {"loss", "perplexity", "accuracy", "readout_loss", ..., "chunks": [...]}
Json toJson(const ValidationMetrics& metrics);

/// {"step", "tokens", "total_loss", "loss", "readout_loss", ...}
Json toJson(const StepMetrics& metrics);

/// {"near_zero", "l1", ...}
Json toJson(const ChunkMetrics& metrics);

Json toJson(const RunSummary& run);

/// {"name", "value", "unit", "limit", "ratio", "rivalNote", "quiet", ...}
Json toJson(const BenchmarkResult& result);
Json toJson(const ConfigIssue& issue);
Json toJson(const ConfigValue& value);

/// {"model": {"type": ...}, ...}: every key of the configuration.
Json toJson(const Config& config);

/// Indented, with a line end after it. Bytes that are no UTF-8 become U+FFFD.
std::string toText(const Json& json);

} // namespace samba::cli
