#pragma once

#include "engine/api/config.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace samba {

class TokenCache;

/// How a corpus is served.
struct BatchLoaderOptions {
    int64_t batchSize = 8; ///< sequences per batch, >= 1
    int64_t seqLen = 256;  ///< tokens per sequence that are predicted, >= 1
    uint64_t seed = 0;     ///< decides the order of every epoch
    bool shuffle = true;   ///< false: windows in the order of the corpus
    /// What becomes of the windows left over at the end of an epoch when batchSize does not divide
    /// their number: true gives them as one smaller batch (evaluation: every token counts once),
    /// false leaves them out of this epoch (training: every batch has the same shape).
    bool partialLastBatch = false;
};

/// How a run serves its training split.
BatchLoaderOptions trainingBatches(const TrainingConfig& training);

/// Some sequences of a corpus. Row r holds the window's seqLen + 1 tokens: the inputs are the first
/// seqLen of them and the targets the last seqLen.
struct TokenBatch {
    int64_t rows = 0;         ///< batchSize, or fewer in a partial last batch
    int64_t seqLen = 0;       ///< tokens predicted per row
    std::vector<int64_t> ids; ///< [rows * (seqLen + 1)], row-major
};

/// Serves the windows of a token cache as batches, in an order that a seed decides, and can go on
/// later exactly where it stopped.
///
/// Window w holds the tokens [w * seqLen, w * seqLen + seqLen]: each token but the first is
/// predicted once, the tokens after the last whole window are left out and nothing is padded. The
/// order of an epoch is a pseudo-random permutation computed place by place, so memory does not
/// grow with the corpus. Thread: one at a time.
class BatchLoader {
public:
    /// A place in the stream of batches.
    struct State {
        uint64_t epoch = 0;    ///< epochs finished
        uint64_t position = 0; ///< windows served in this epoch

        bool operator==(const State&) const = default;
    };

    /// @throws Error  InvalidArgument for sizes below 1; Config if the corpus is too small for one
    ///                window.
    BatchLoader(std::shared_ptr<const TokenCache> cache, const BatchLoaderOptions& options);

    /// Fills `batch` with the next batch of this epoch and returns true; at the end of the epoch
    /// returns false once, leaves `batch` alone and stands at the beginning of the next epoch.
    /// So `while (loader.next(batch))` is one epoch, and a batch never mixes two, with one
    /// exception: without partialLastBatch, a corpus with fewer windows than batchSize gives one
    /// batch an epoch in which windows repeat.
    bool next(TokenBatch& batch);

    /// Batches of one epoch, >= 1.
    uint64_t batchesPerEpoch() const;

    /// Windows in the corpus, >= 1.
    uint64_t windowCount() const { return m_windowCount; }

    /// Where the loader stands: the next batch after restore() of it is the one next() would give.
    State state() const { return m_state; }

    /// Goes to a place. The options and the corpus have to be those the state was taken with.
    /// @throws Error  InvalidArgument if the position lies beyond the epoch's end.
    void restore(const State& state);

private:
    uint64_t windowAt(uint64_t position) const;

    std::shared_ptr<const TokenCache> m_cache;
    BatchLoaderOptions m_options;
    uint64_t m_windowCount = 0;
    State m_state;
};

} // namespace samba
