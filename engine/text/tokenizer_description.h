#pragma once

#include "engine/text/text_splitter.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace samba {

/// A token that is found in the text as it stands, before words are cut.
struct AddedToken {
    int32_t id = 0;
    std::string content;
    bool isSpecial = false;    ///< left out by decode() on request
    bool isNormalized = false; ///< looked for in the normalised text instead of the raw one
};

/// Everything that decides a byte-level BPE tokenizer, as plain values: what a file says, what the
/// trainer learned.
struct TokenizerDescription {
    /// Tokens, written in the byte alphabet (byte_alphabet.h), and their ids.
    std::vector<std::pair<std::string, int32_t>> vocabulary;
    /// Pairs in the order they are merged in, written in the byte alphabet.
    std::vector<std::pair<std::string, std::string>> merges;
    std::vector<AddedToken> addedTokens;
    /// What cuts text into words; empty: text is one word.
    std::optional<std::string> splitPattern = std::string(kGpt2SplitPattern);
    bool normalizesNfc = false;   ///< text is brought to Unicode's NFC first
    bool addsPrefixSpace = false; ///< text that begins without a blank gets one
    bool ignoresMerges = false;   ///< a word that is a token is not built by merges
};

/// Reads a `tokenizer.json`. Only its form is checked; Tokenizer::fromDescription() checks that the
/// parts fit each other.
/// @throws Error  File if it cannot be read; Format, naming the file and the part, if it is damaged
///                or asks for something that is not supported.
TokenizerDescription readTokenizerJson(const std::filesystem::path& file);

/// Reads GPT-2's two files. `<|endoftext|>` becomes a special token where the vocabulary has it.
/// Errors as readTokenizerJson().
TokenizerDescription readVocabularyAndMerges(const std::filesystem::path& vocabularyFile,
                                             const std::filesystem::path& mergesFile);

/// Writes what readTokenizerJson() reads, replacing the file in one step.
/// @throws Error  File if it cannot be written.
void writeTokenizerJson(const TokenizerDescription& description, const std::filesystem::path& file);

} // namespace samba
