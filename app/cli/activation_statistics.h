#pragma once

#include "engine/api/activation_frame.h"

#include <vector>

namespace samba::cli {

/// What a chunk's output for one text amounts to.
struct ChunkStatistics {
    double nearZero = 0;  ///< share of entries with |x| < threshold
    double l1 = 0;        ///< mean |x|
    double rms = 0;       ///< root mean square
    double maximum = 0;   ///< largest |x|
    double attention = 0; ///< mean readout attention; NaN without a readout
};

/// One entry a chunk. Thread: any.
/// @param threshold  > 0.
std::vector<ChunkStatistics> measureFrame(const ActivationFrame& frame, double threshold);

} // namespace samba::cli
