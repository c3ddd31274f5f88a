#pragma once

#include "engine/api/activation_frame.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace samba::ui {

/// One chunk's output by size: what lies below any threshold is found in O(log n).
class ChunkMagnitudes {
public:
    ChunkMagnitudes() = default;

    /// @param values  [seqLen * dModel], row-major by position
    ChunkMagnitudes(std::span<const float> values, std::int64_t dModel);

    /// Share of the entries with |x| < threshold. NaN counts as an entry that is not near zero.
    double shareBelow(double threshold) const;

    /// |x| that so large a share of the finite entries does not exceed; 0 without any.
    double quantile(double share) const;

    /// Root mean square of the finite entries.
    double rms() const { return m_rms; }

    /// Largest finite |x|.
    double largest() const { return m_sorted.empty() ? 0 : static_cast<double>(m_sorted.back()); }

    /// Share of the entries with edges[i] <= |x| < edges[i + 1].
    /// @param edges  ascending
    std::vector<double> histogram(std::span<const double> edges) const;

    /// Units from the one with the largest mean |x| to the one with the smallest.
    const std::vector<std::int32_t>& unitsByActivity() const { return m_units; }

private:
    std::size_t countBelow(double threshold) const;

    std::vector<float> m_sorted; ///< finite |x|, ascending
    std::size_t m_total = 0;
    double m_rms = 0;
    std::vector<std::int32_t> m_units;
};

/// A frame with what was counted of it. Immutable.
struct MeasuredFrame {
    samba::ActivationFramePtr frame;
    std::vector<ChunkMagnitudes> chunks;
};

/// Counts a frame. Takes some milliseconds a chunk: call it off the GUI thread. Thread: any.
std::shared_ptr<const MeasuredFrame> measureFrame(samba::ActivationFramePtr frame);

} // namespace samba::ui
