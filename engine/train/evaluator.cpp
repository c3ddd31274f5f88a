#include "engine/train/evaluator.h"

#include "engine/text/batch_loader.h"
#include "engine/train/autocast.h"
#include "engine/train/loss_meter.h"
#include "engine/train/sparsity.h"
#include "engine/train/token_tensors.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace samba {
namespace {

/// Adds `part` times `weight` to `sum`, field by field.
void accumulate(std::vector<ChunkMetrics>& sum, const std::vector<ChunkMetrics>& part,
                double weight)
{
    sum.resize(part.size());
    for (size_t c = 0; c < part.size(); ++c)
        for (const MetricField<ChunkMetrics>& field : chunkMetricFields())
            sum[c].*field.value += weight * part[c].*field.value;
}

} // namespace

std::optional<ValidationMetrics> evaluate(LanguageModel& model,
                                          const std::shared_ptr<const TokenCache>& corpus,
                                          const EvaluationOptions& options,
                                          const TrainingConfig& training, int64_t step,
                                          const EvaluationCallback& callback)
{
    const at::NoGradGuard noGrad;
    BatchLoader loader(corpus, {.batchSize = options.batchSize,
                                .seqLen = options.seqLen,
                                .shuffle = false,
                                .partialLastBatch = true});
    const int64_t available = static_cast<int64_t>(loader.batchesPerEpoch());
    const int64_t total =
        options.maxBatches > 0 ? std::min(options.maxBatches, available) : available;

    LossMeter meter;
    std::vector<ChunkMetrics> chunks;
    double rows = 0;
    TokenBatch batch;
    for (int64_t done = 0; done < total; ++done) {
        if (!callback(done, total))
            return std::nullopt;
        loader.next(batch);
        const TokenTensors tokens = toTensors(batch, model.device());
        const AutocastGuard autocast(training.bf16);
        const ForwardResult output = model.forward(tokens.inputs);
        meter.add(computeLosses(model, output, tokens.targets, training));
        accumulate(chunks, measureChunks(output), static_cast<double>(batch.rows));
        rows += static_cast<double>(batch.rows);
    }
    for (ChunkMetrics& chunk : chunks)
        for (const MetricField<ChunkMetrics>& field : chunkMetricFields())
            chunk.*field.value /= rows;

    const LossMeter::Means means = meter.means();
    return ValidationMetrics{.step = step,
                             .tokens = means.counted,
                             .total = means.total,
                             .main = means.main,
                             .readout = means.readout,
                             .pruning = means.pruning,
                             .perplexity = means.perplexity,
                             .accuracy = means.accuracy,
                             .readoutAccuracy = means.readoutAccuracy,
                             .chunks = std::move(chunks)};
}

} // namespace samba
