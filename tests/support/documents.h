#pragma once

#include "engine/text/corpus.h"

#include <filesystem>
#include <string>
#include <vector>

namespace samba::test {

/// A data set by its name, a file or a folder; JSON lines and tables hold the text as "text", and
/// nothing is cut off for validation.
inline DatasetConfig datasetOf(const std::filesystem::path& name)
{
    DatasetConfig config;
    config.name = name.string();
    config.textField = "text";
    return config;
}

/// All documents of a split, whole.
inline std::vector<std::string> readDocuments(const DatasetConfig& config, Split split)
{
    std::vector<std::string> documents;
    bool isNew = true;
    const auto source = openDocuments(config, split);
    while (const auto piece = source->next()) {
        if (isNew)
            documents.emplace_back();
        documents.back() += piece->text;
        isNew = piece->endsDocument;
    }
    return documents;
}

} // namespace samba::test
