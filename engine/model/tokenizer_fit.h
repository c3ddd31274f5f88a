#pragma once

#include <cstdint>
#include <string>

namespace samba {

/// How well a tokenizer and a vocabulary of that many rows go together.
struct TokenizerFit {
    bool isPossible = true; ///< false: some tokens have no row, so the model cannot be used with it
    std::string warning;    ///< one sentence, "" where they fit
};

/// Judges by the sizes alone, which tell the published tokenizers apart: GPT-NeoX-20B has 50277
/// entries (padded to 50280 rows in the published Mambas), GPT-2 has 50257. Thread: any.
/// @param tokenizerSize  highest id plus one.
/// @param embeddingRows  rows of the embedding.
TokenizerFit judgeTokenizer(int64_t tokenizerSize, int64_t embeddingRows);

} // namespace samba
