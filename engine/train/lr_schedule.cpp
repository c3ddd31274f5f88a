#include "engine/train/lr_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace samba {

int64_t warmupSteps(const TrainingConfig& training, int64_t totalSteps)
{
    const double steps = training.warmupSteps < 1.0
                             ? std::ceil(training.warmupSteps * static_cast<double>(totalSteps))
                             : training.warmupSteps;
    return static_cast<int64_t>(steps);
}

double learningRate(const TrainingConfig& training, int64_t step, int64_t totalSteps)
{
    const int64_t warmup = warmupSteps(training, totalSteps);
    if (step < warmup)
        return training.lr * static_cast<double>(step + 1) / static_cast<double>(warmup);

    const double progress =
        std::clamp(static_cast<double>(step - warmup) /
                       static_cast<double>(std::max<int64_t>(1, totalSteps - warmup)),
                   0.0, 1.0);
    if (training.lrSchedulerType == "linear")
        return training.lr * (1.0 - progress);
    if (training.lrSchedulerType == "cosine") {
        const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
        return training.lr * (training.minLrRatio + (1.0 - training.minLrRatio) * cosine);
    }
    return training.lr;
}

} // namespace samba
