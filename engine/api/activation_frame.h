#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace samba {

/// What the chunks put out for one sequence: the content of the heatmap. Immutable once published.
struct ActivationFrame {
    enum class Source { Text, TrainingBatch };

    Source source = Source::Text;
    int64_t step = 0; ///< training step of the weights
    int64_t chunkCount = 0;
    int64_t seqLen = 0;              ///< positions
    int64_t dModel = 0;              ///< units
    std::vector<int32_t> tokenIds;   ///< [seqLen]
    std::vector<std::string> tokens; ///< [seqLen], each token's text; invalid UTF-8 parts as U+FFFD
    std::vector<std::vector<float>> values; ///< per chunk [seqLen * dModel], row-major by position
    std::vector<float> attention; ///< [seqLen * chunkCount], row-major; empty without a readout

    float value(int64_t chunk, int64_t position, int64_t unit) const
    {
        return values[static_cast<size_t>(chunk)][static_cast<size_t>(position * dModel + unit)];
    }
};

using ActivationFramePtr = std::shared_ptr<const ActivationFrame>;

} // namespace samba
