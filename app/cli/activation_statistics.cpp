#include "app/cli/activation_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace samba::cli {
namespace {

double meanAttention(const ActivationFrame& frame, int64_t chunk)
{
    if (frame.attention.empty())
        return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (int64_t position = 0; position < frame.seqLen; ++position)
        sum += frame.attention[static_cast<size_t>(position * frame.chunkCount + chunk)];
    return sum / static_cast<double>(frame.seqLen);
}

} // namespace

std::vector<ChunkStatistics> measureFrame(const ActivationFrame& frame, double threshold)
{
    std::vector<ChunkStatistics> chunks;
    for (int64_t chunk = 0; chunk < frame.chunkCount; ++chunk) {
        const std::vector<float>& values = frame.values[static_cast<size_t>(chunk)];
        ChunkStatistics statistics;
        double squares = 0;
        int64_t small = 0;
        for (const float value : values) {
            const double magnitude = std::abs(static_cast<double>(value));
            small += magnitude < threshold ? 1 : 0;
            squares += magnitude * magnitude;
            statistics.l1 += magnitude;
            statistics.maximum = std::max(statistics.maximum, magnitude);
        }
        const double count = static_cast<double>(values.size());
        statistics.nearZero = static_cast<double>(small) / count;
        statistics.l1 /= count;
        statistics.rms = std::sqrt(squares / count);
        statistics.attention = meanAttention(frame, chunk);
        chunks.push_back(statistics);
    }
    return chunks;
}

} // namespace samba::cli
