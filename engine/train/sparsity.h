#pragma once

#include "engine/api/metrics.h"
#include "engine/model/language_model.h"

#include <vector>

namespace samba {

/// |x| below this counts as near zero (the original program's absolute threshold).
inline constexpr double kNearZero = 1e-3;

/// The per-chunk measures of spec section 5 over every position of the batch.
/// Hoyer sparsity of a position x of n units: (sqrt(n) - |x|_1 / |x|_2) / (sqrt(n) - 1)
/// (Hoyer 2004, equation in section 3.1); a position of zeros counts as 1.
/// @param output  chunk outputs [batch, seqLen, dModel], and the readout attention where there is
/// one
///                (else the field is NaN).
/// @note Waits for the device: call at logging intervals only. Thread: engine.
std::vector<ChunkMetrics> measureChunks(const ForwardResult& output);

} // namespace samba
