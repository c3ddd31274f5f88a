#pragma once

#include "engine/text/corpus.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace samba {

/// How the documents lie in a file.
enum class CorpusFormat { Text, JsonLines, Parquet };

/// A part of a file that belongs to a split.
struct CorpusFile {
    std::filesystem::path path;
    CorpusFormat format = CorpusFormat::Text;
    uint64_t begin = 0;     ///< first byte
    uint64_t end = 0;       ///< byte after the last one
    bool isDivided = false; ///< true: both splits read it and take turns by document
};

/// Where the documents of one split are.
struct CorpusParts {
    bool isBuiltinStories = false; ///< then there are no files
    std::vector<CorpusFile> files; ///< in the order of reading
};

/// Finds the files of a split by the rules of openDocuments(). Errors as there.
CorpusParts findCorpusParts(const DatasetConfig& dataset, Split split);

/// Whether a split has anything in it. @throws Error as openDocuments(), but not for an empty
/// split.
bool hasCorpusParts(const DatasetConfig& dataset, Split split);

} // namespace samba
