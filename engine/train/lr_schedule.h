#pragma once

#include "engine/api/config.h"

#include <cstdint>

namespace samba {

/// Warm-up steps of a run: training.warmup_steps, which is a ratio of all steps where below 1.
int64_t warmupSteps(const TrainingConfig& training, int64_t totalSteps);

/// Learning rate of one optimizer step: linear warm-up, then constant, linear to zero, or half a
/// cosine down to min_lr_ratio * lr (Loshchilov & Hutter 2017, equation 5, without restarts).
/// @param step  0-based; the first step of a warm-up already moves (1 / warmup of the peak).
double learningRate(const TrainingConfig& training, int64_t step, int64_t totalSteps);

} // namespace samba
