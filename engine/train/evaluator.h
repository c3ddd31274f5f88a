#pragma once

#include "engine/api/config.h"
#include "engine/api/metrics.h"
#include "engine/model/language_model.h"

#include <functional>
#include <memory>
#include <optional>

namespace samba {

class TokenCache;

/// What part of a corpus an evaluation runs over, in the order of the corpus.
struct EvaluationOptions {
    int64_t batchSize = 8;
    int64_t seqLen = 256;
    int64_t maxBatches = 0; ///< 0: the whole corpus
};

/// Called between batches with those done and to do; false abandons the evaluation.
using EvaluationCallback = std::function<bool(int64_t done, int64_t total)>;

/// Mean losses, accuracies and chunk measures over a corpus; deterministic.
/// @param training  the weights of the loss terms, and whether products run in bfloat16.
/// @return          nothing if the callback returned false.
/// @throws Error    Config if the corpus has not one whole sequence. Thread: engine.
std::optional<ValidationMetrics> evaluate(LanguageModel& model,
                                          const std::shared_ptr<const TokenCache>& corpus,
                                          const EvaluationOptions& options,
                                          const TrainingConfig& training, int64_t step,
                                          const EvaluationCallback& callback);

} // namespace samba
