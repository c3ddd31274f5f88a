#include "engine/model/tokenizer_fit.h"

namespace samba {
namespace {

struct PublishedTokenizer {
    const char* name;
    int64_t size;     ///< highest id plus one
    int64_t mostRows; ///< the paddings that are in use: multiples of 8, 16, 64 and 128
};

constexpr PublishedTokenizer kPublished[] = {
    {"EleutherAI/gpt-neox-20b", 50277, 50304},
    {"openai-community/gpt2", 50257, 50264},
};

/// Rows that no padding in use explains.
constexpr int64_t kMostPadding = 128;

/// The published tokenizer that models with so many rows are made for, or nullptr.
const PublishedTokenizer* fittingTokenizer(int64_t embeddingRows)
{
    for (const PublishedTokenizer& published : kPublished)
        if (embeddingRows >= published.size && embeddingRows <= published.mostRows)
            return &published;
    return nullptr;
}

} // namespace

TokenizerFit judgeTokenizer(int64_t tokenizerSize, int64_t embeddingRows)
{
    const PublishedTokenizer* fitting = fittingTokenizer(embeddingRows);
    const bool isFitting = fitting && fitting->size == tokenizerSize;
    // 50304 rows are GPT-2 as well as GPT-NeoX, padded to a multiple of 64.
    constexpr int64_t kAmbiguousRows = 50304;
    const bool isPadded = tokenizerSize <= embeddingRows &&
                          embeddingRows - tokenizerSize < kMostPadding &&
                          (!fitting || embeddingRows == kAmbiguousRows);
    if (isFitting || isPadded)
        return {};

    TokenizerFit fit{tokenizerSize <= embeddingRows, {}};
    fit.warning = "The tokenizer has " + std::to_string(tokenizerSize) +
                  " entries but the model's vocabulary " + std::to_string(embeddingRows) +
                  ": they do not belong together";
    if (!fitting && fit.isPossible) // a guess, where nothing published is recognised
        fit.warning.replace(fit.warning.find("do not"), 6, "probably do not");
    fit.warning += fitting ? std::string("; the tokenizer that fits is ") + fitting->name + " (" +
                                 std::to_string(fitting->size) + " entries)."
                           : ".";
    return fit;
}

} // namespace samba
