#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace samba {

/// Whether a split has been tokenized.
enum class CacheState {
    Missing, ///< not yet
    Stale,   ///< from other content, by another tokenizer's rules, or not whole
    Ready
};

/// "missing", "stale", "ready".
const char* cacheStateName(CacheState state);

/// One split of a data set.
struct DataSplitInfo {
    std::string name;               ///< "train", "validation", "test"
    std::vector<std::string> files; ///< none for the built-in stories
    int64_t fileBytes = 0;          ///< of the split's part of these files; approximate for stories
    CacheState cacheState = CacheState::Missing;
    std::string cacheFile; ///< where the tokens are, or will be
    // What only the tokens tell: -1 unless the cache is ready.
    int64_t documents = -1;
    int64_t tokens = -1;    ///< end-of-text tokens included
    int64_t textBytes = -1; ///< of the documents as UTF-8
};

/// What the Config panel and `samba-cli data info` say about a data set.
struct DataInfo {
    std::string name;      ///< as dataset.name
    std::string source;    ///< the file or folder on this machine; "stories" for the built-in ones
    std::string tokenizer; ///< as dataset.tokenizer
    int64_t tokenizerSize = 0;
    std::string tokenizerFingerprint;  ///< decides which caches fit
    std::string endOfText;             ///< the token behind each document, empty if there is none
    std::vector<DataSplitInfo> splits; ///< those that the data set has
};

/// The first batch of a run as the model sees it, token by token.
struct BatchPreview {
    struct Token {
        int32_t id = 0;
        std::string text; ///< what it adds to the text; empty inside an unfinished character
        bool isSpecial = false;
    };

    int64_t seqLen = 0; ///< tokens predicted per row
    /// Each with seqLen + 1 tokens: the first seqLen are read, the last seqLen predicted.
    std::vector<std::vector<Token>> rows;
};

} // namespace samba
