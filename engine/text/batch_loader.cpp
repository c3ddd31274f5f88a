#include "engine/text/batch_loader.h"

#include "engine/api/error.h"
#include "engine/text/permutation.h"
#include "engine/text/token_cache.h"

#include <algorithm>
#include <string>
#include <utility>

namespace samba {

namespace {

void check(const BatchLoaderOptions& options)
{
    if (options.batchSize < 1 || options.seqLen < 1)
        throw Error(ErrorKind::InvalidArgument,
                    "A batch of " + std::to_string(options.batchSize) + " sequences of " +
                        std::to_string(options.seqLen) + " tokens cannot be made.",
                    "Set training.batch_size and training.seq_len to at least 1.");
}

/// Epochs of one seed get orders that have nothing to do with each other.
uint64_t orderKey(uint64_t seed, uint64_t epoch)
{
    return mixBits(mixBits(seed) + epoch);
}

} // namespace

BatchLoaderOptions trainingBatches(const TrainingConfig& training)
{
    return {.batchSize = training.batchSize,
            .seqLen = training.seqLen,
            .seed = static_cast<uint64_t>(training.seed),
            .shuffle = true};
}

BatchLoader::BatchLoader(std::shared_ptr<const TokenCache> cache, const BatchLoaderOptions& options)
    : m_cache(std::move(cache)), m_options(options)
{
    check(m_options);
    const uint64_t size = m_cache->size();
    const auto seqLen = static_cast<uint64_t>(m_options.seqLen);
    m_windowCount = size == 0 ? 0 : (size - 1) / seqLen;
    if (m_windowCount == 0)
        throw Error(ErrorKind::Config,
                    "The corpus has " + std::to_string(size) +
                        " tokens, too few for one sequence of training.seq_len " +
                        std::to_string(seqLen) + " (it takes " + std::to_string(seqLen + 1) + ").",
                    "Lower training.seq_len or use more text (a larger "
                    "dataset.validation_fraction if this is the validation split).");
}

bool BatchLoader::next(TokenBatch& batch)
{
    const auto batchSize = static_cast<uint64_t>(m_options.batchSize);
    const uint64_t left = m_windowCount - std::min(m_state.position, m_windowCount);
    const bool repeats = m_windowCount < batchSize && !m_options.partialLastBatch;
    const bool hasBatch = m_options.partialLastBatch ? left > 0
                          : repeats                  ? m_state.position == 0
                                                     : left >= batchSize;
    if (!hasBatch) {
        restore({m_state.epoch + 1, 0});
        return false;
    }

    const uint64_t rows = repeats ? batchSize : std::min(batchSize, left);
    const auto seqLen = static_cast<uint64_t>(m_options.seqLen);
    batch.rows = static_cast<int64_t>(rows);
    batch.seqLen = m_options.seqLen;
    batch.ids.resize(rows * (seqLen + 1));
    for (uint64_t row = 0; row < rows; ++row) {
        const uint64_t window = windowAt((m_state.position + row) % m_windowCount);
        m_cache->copyTo(window * seqLen, seqLen + 1, batch.ids.data() + row * (seqLen + 1));
    }
    m_state.position += rows;
    return true;
}

uint64_t BatchLoader::batchesPerEpoch() const
{
    const auto batchSize = static_cast<uint64_t>(m_options.batchSize);
    const uint64_t whole = m_windowCount / batchSize;
    const bool hasRest = m_options.partialLastBatch && m_windowCount % batchSize != 0;
    return std::max<uint64_t>(whole + (hasRest ? 1 : 0), 1);
}

void BatchLoader::restore(const State& state)
{
    const uint64_t longest = std::max(m_windowCount, static_cast<uint64_t>(m_options.batchSize));
    if (state.position > longest)
        throw Error(ErrorKind::InvalidArgument,
                    "The place " + std::to_string(state.position) +
                        " lies beyond the end of an epoch of " + std::to_string(m_windowCount) +
                        " sequences.",
                    "Resume with the corpus, training.seq_len and training.batch_size of the run.");
    m_state = state;
}

uint64_t BatchLoader::windowAt(uint64_t position) const
{
    if (!m_options.shuffle)
        return position;
    return Permutation(m_windowCount, orderKey(m_options.seed, m_state.epoch)).at(position);
}

} // namespace samba
