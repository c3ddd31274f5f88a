#pragma once

#include "engine/api/config.h"
#include "engine/model/language_model.h"

namespace samba {

/// The loss of one micro-batch, term by term. Scalars; `total` carries the gradient.
struct LossTerms {
    at::Tensor total;
    at::Tensor main;           ///< mean cross-entropy of the main logits, nats a token
    at::Tensor readout;        ///< the same of the readout logits; undefined without a readout
    at::Tensor pruning;        ///< mean |chunk output|, averaged over chunks
    at::Tensor correct;        ///< int64, targets that the main logits rank first
    at::Tensor readoutCorrect; ///< the same of the readout logits; undefined without a readout
    at::Tensor counted;        ///< int64, targets
};

/// Total = CE(main) + readout_weight * CE(readout) + pruning_weight * Pruning (spec section 2.2).
/// The pruning term is computed for a plain Mamba too but never added to its total.
/// @param output   of model.forward() on the inputs.
/// @param targets  [batch, seqLen], int64: the next token of every position.
/// Thread: engine.
LossTerms computeLosses(const LanguageModel& model, const ForwardResult& output,
                        const at::Tensor& targets, const TrainingConfig& training);

} // namespace samba
