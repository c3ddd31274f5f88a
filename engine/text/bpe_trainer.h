#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

class Tokenizer;

/// What a trained tokenizer shall look like.
struct BpeTrainerOptions {
    int32_t vocabSize = 4096; ///< entries wanted in all: special tokens, 256 bytes, merges
    std::vector<std::string> specialTokens = {"<|endoftext|>"}; ///< get the ids 0, 1, ...
    int64_t minFrequency = 2; ///< a pair seen less often than this is not merged
};

/// Learns a byte-level BPE vocabulary from documents (Sennrich et al. 2016, algorithm 1, over
/// bytes, with GPT-2's split pattern and no normalisation).
///
/// Ids: special tokens in the given order, then the 256 bytes in the order of the characters they
/// are written with (GPT-2's order: `!` first), then one token per merge, in the order learned. The
/// most frequent pair is merged first; among equally frequent ones the pair with the smaller left
/// id, then the smaller right id. So the result depends only on how often each word was seen, not
/// on the order of the documents, and is the one Hugging Face's BpeTrainer gives when it is told to
/// start from the byte alphabet.
///
/// Memory grows with the number of different words, not with the amount of text. Thread: one at a
/// time.
class BpeTrainer {
public:
    /// Called with the number of vocabulary entries made and wanted; false stops the training.
    using Progress = std::function<bool(int32_t made, int32_t wanted)>;

    /// @throws Error  InvalidArgument if vocabSize has no room for the special tokens and bytes, or
    ///                a special token is empty or given twice.
    explicit BpeTrainer(BpeTrainerOptions options = {});
    ~BpeTrainer();

    /// Counts the words of one document. Special tokens found in the text separate words and are
    /// not counted themselves.
    void add(std::string_view document);

    /// Learns the merges. Fewer than vocabSize entries result when no pair is frequent enough.
    /// @return  the tokenizer, or null if `progress` returned false.
    /// @throws Error  InvalidArgument if no word was added.
    std::shared_ptr<const Tokenizer> train(const Progress& progress = {}) const;

private:
    class WordCounts;

    BpeTrainerOptions m_options;
    std::unique_ptr<WordCounts> m_words;
};

} // namespace samba
