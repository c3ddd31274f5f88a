#pragma once

#include "engine/io/run_file_sizes.h"
#include "engine/text/batch_loader.h"
#include "engine/train/loss_meter.h"

#include <cstdint>
#include <limits>
#include <string>

namespace samba {

/// What happens after an optimizer step, in this order.
enum class StepStage { Evaluate, Sample, Save, Done };

/// Where a training run stands between two optimizer steps. Together with weights and moments this
/// is everything: the order of the data is a function of seed, epoch and position, and nothing else
/// in training is random.
struct TrainerState {
    int64_t step = 0;                  ///< optimizer steps done
    StepStage stage = StepStage::Done; ///< the first work of this step not yet done
    int64_t tokens = 0;                ///< tokens trained on
    double elapsedMs = 0;              ///< training time
    BatchLoader::State data;
    double bestValidationLoss = std::numeric_limits<double>::infinity(); ///< main loss
    int64_t bestStep = 0; ///< step of the best checkpoint, 0: none
    double lastValidationLoss = std::numeric_limits<double>::infinity();
    int64_t lastValidationStep = -1;
    LossMeter::Sums meter{};   ///< losses since the last logged step
    int64_t meterTokens = 0;   ///< tokens since then
    double meterElapsedMs = 0; ///< training time since then
    RunFileSizes files;
};

/// JSON text of a state, numbers exact. Thread: any.
std::string toJson(const TrainerState& state);

/// The inverse. @throws Error Format, naming `source`, if it is not such a text.
TrainerState trainerStateFromJson(const std::string& text, const std::string& source);

} // namespace samba
