#pragma once

#include "engine/api/config.h"
#include "engine/model/language_model.h"

#include <string>
#include <vector>

namespace samba {

/// AdamW (Loshchilov & Hutter 2019, algorithm 2) over the trainable tensors of a model; tensors
/// that the manifest marks are left out of the weight decay. Turns requires_grad on for what it
/// trains and off for the rest. Thread: engine.
class Optimizer {
public:
    /// @param freezeBackbone  train the readout alone.
    /// @throws Error Config if nothing would be trained.
    Optimizer(const LanguageModel& model, const TrainingConfig& training, bool freezeBackbone);
    ~Optimizer();

    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    /// Drops the gradients.
    void zeroGrad();

    /// Clips the gradients to training.max_grad_norm and updates every tensor.
    /// @param lr  learning rate of this step.
    /// @return    the gradients' norm before clipping.
    double step(double lr);

    /// Updates done.
    int64_t stepCount() const { return m_stepCount; }
    int64_t parameterCount() const;

    /// The moments under `exp_avg.<name>` and `exp_avg_sq.<name>`: views, not copies.
    std::vector<std::pair<std::string, at::Tensor>> state() const;

    /// Takes the moments over.
    /// @throws Error Format if one is missing or misshapen.
    void restore(const ModelWeights& state, int64_t stepCount);

private:
    struct Slot {
        std::string name;
        at::Tensor parameter;
        at::Tensor expAvg;   ///< first moment, as parameter
        at::Tensor expAvgSq; ///< second moment, as parameter
        bool hasWeightDecay = true;
    };

    TrainingConfig m_training;
    std::vector<Slot> m_slots;
    int64_t m_stepCount = 0;
};

} // namespace samba
