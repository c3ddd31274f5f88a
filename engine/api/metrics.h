#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace samba {

/// Sparsity of one chunk's output over the positions of one step (spec: measures per chunk).
struct ChunkMetrics {
    double nearZero = 0;         ///< share of entries with |x| < 1e-3
    double nearZeroRelative = 0; ///< share of entries with |x| < 1e-3 * RMS of the chunk
    double l0 = 0;               ///< mean number of entries a position with |x| >= 1e-3
    double l1 = 0;               ///< mean |x|
    double hoyer = 0;            ///< Hoyer sparsity, mean over positions, 0 dense ... 1 one-hot
    double rms = 0;              ///< root mean square
    double deadUnits = 0;        ///< share of units with |x| < 1e-3 at every position
    double attention = 0;        ///< mean readout attention paid to the chunk
};

/// One logged training step. Values that a model does not have (readout of a plain Mamba) are NaN.
struct StepMetrics {
    int64_t step = 0;      ///< optimizer steps done, 1-based
    int64_t tokens = 0;    ///< tokens trained on since the start of the run
    double elapsedMs = 0;  ///< training time since the start of the run, pauses left out
    double total = 0;      ///< total loss, nats a token
    double main = 0;       ///< cross-entropy of the main logits
    double readout = 0;    ///< cross-entropy of the readout logits
    double pruning = 0;    ///< pruning loss before its weight
    double perplexity = 0; ///< exp(main)
    double accuracy = 0;   ///< share of next tokens that the main logits rank first
    double readoutAccuracy = 0;
    double lr = 0;
    double gradNorm = 0; ///< before clipping
    double tokensPerSecond = 0;
    double memoryBytes = 0; ///< resident memory of the process
    /// On a CUDA device the most that tensors held since the last record, and what the allocator
    /// has taken from the device; NaN on the CPU.
    double deviceMemoryBytes = std::numeric_limits<double>::quiet_NaN();
    double deviceReservedBytes = std::numeric_limits<double>::quiet_NaN();
    std::vector<ChunkMetrics> chunks;
};

/// One evaluation on the validation split.
struct ValidationMetrics {
    int64_t step = 0;
    int64_t tokens = 0; ///< tokens evaluated
    double total = 0;
    double main = 0;
    double readout = 0;
    double pruning = 0;
    double perplexity = 0;
    double accuracy = 0;
    double readoutAccuracy = 0;
    std::vector<ChunkMetrics> chunks;
};

/// How one number of a metrics struct is called in files, plots and exports.
template <typename Record>
struct MetricField {
    const char* name;  ///< "loss/main": key in metrics.jsonl, tag elsewhere
    const char* label; ///< "Main loss"
    const char* unit;  ///< "nats/token", ... or ""
    double Record::*value;
};

/// The plotted numbers of a record, in display order. Thread: any.
std::span<const MetricField<StepMetrics>> stepMetricFields();
std::span<const MetricField<ValidationMetrics>> validationMetricFields();
std::span<const MetricField<ChunkMetrics>> chunkMetricFields();

/// One line of JSON, without the line end; NaN and infinities are the strings "NaN", "Infinity",
/// "-Infinity", so that every JSON reader accepts the line.
std::string toJsonLine(const StepMetrics& metrics);
std::string toJsonLine(const ValidationMetrics& metrics);

/// The inverse. @throws Error Format if the line is not such a record.
StepMetrics stepMetricsFromJson(const std::string& line);
ValidationMetrics validationMetricsFromJson(const std::string& line);

} // namespace samba
