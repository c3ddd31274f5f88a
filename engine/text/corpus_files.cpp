#include "engine/text/corpus_files.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/text/document_readers.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace samba {

namespace {

namespace fs = std::filesystem;

using Words = std::span<const std::string_view>;

constexpr std::string_view kTrainWord = "train";
constexpr std::array<std::string_view, 4> kValidationWords = {"valid", "validation", "val", "dev"};
constexpr std::array<std::string_view, 1> kTestWords = {"test"};

std::string lowerCase(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

bool isWordCharacter(char character)
{
    return std::isalnum(static_cast<unsigned char>(character)) != 0;
}

std::optional<CorpusFormat> formatOf(const fs::path& file)
{
    const std::string ending = lowerCase(file.extension().string());
    if (ending == ".jsonl" || ending == ".ndjson")
        return CorpusFormat::JsonLines;
    if (ending == ".parquet")
        return CorpusFormat::Parquet;
    if (ending == ".txt" || ending == ".raw" || ending == ".text")
        return CorpusFormat::Text;
    return std::nullopt;
}

/// Where `word` stands in `text` as a word of its own.
std::size_t findWord(const std::string& text, std::string_view word)
{
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !isWordCharacter(text[at - 1])) &&
            (end == text.size() || !isWordCharacter(text[end])))
            return at;
    }
    return std::string::npos;
}

bool hasWord(const fs::path& path, Words words)
{
    const std::string name = lowerCase(path.string());
    return std::any_of(words.begin(), words.end(), [&name](std::string_view word) {
        return findWord(name, word) != std::string::npos;
    });
}

CorpusFile wholeFile(const fs::path& path)
{
    const auto format = formatOf(path);
    if (!format)
        throw Error(ErrorKind::Config,
                    quotedPath(path) + " is not a kind of file that text is read from.",
                    "Use a text file (.txt, .raw, .text), JSON lines (.jsonl, .ndjson) or Parquet "
                    "(.parquet).");
    std::error_code failure;
    const uint64_t size = fs::file_size(path, failure);
    if (failure)
        throwSystemError(path, "read", failure.value());
    return {path, *format, 0, size, false};
}

/// The text files in a folder and below, sorted.
std::vector<CorpusFile> filesIn(const fs::path& folder)
{
    std::vector<fs::path> paths;
    std::error_code failure;
    for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure))
        if (entry->is_regular_file() && formatOf(entry->path()))
            paths.push_back(entry->path());
    if (failure)
        throwSystemError(folder, "read", failure.value());
    std::sort(paths.begin(), paths.end());
    std::vector<CorpusFile> files;
    std::transform(paths.begin(), paths.end(), std::back_inserter(files), wholeFile);
    return files;
}

template <typename Condition>
std::vector<CorpusFile> filesWhere(const std::vector<CorpusFile>& files, const Condition& condition)
{
    std::vector<CorpusFile> chosen;
    std::copy_if(files.begin(), files.end(), std::back_inserter(chosen), condition);
    return chosen;
}

/// The file of the same name with one of `words` where `file` has "train".
std::optional<fs::path> sibling(const fs::path& file, Words words)
{
    const std::string name = file.filename().string();
    const std::size_t at = findWord(lowerCase(name), kTrainWord);
    if (at == std::string::npos)
        return std::nullopt;
    for (const std::string_view word : words) {
        std::string other = name;
        other.replace(at, kTrainWord.size(), word);
        const fs::path path = file.parent_path() / other;
        std::error_code ignored;
        if (fs::is_regular_file(path, ignored))
            return path;
    }
    return std::nullopt;
}

/// The place that cuts a text into training and validation part: behind the first line end at or
/// after (1 - fraction) of it.
uint64_t cutOf(const CorpusFile& file, double fraction)
{
    const auto target =
        static_cast<uint64_t>(std::floor(static_cast<double>(file.end) * (1.0 - fraction)));
    std::ifstream input(file.path, std::ios::binary);
    input.seekg(static_cast<std::streamoff>(target));
    uint64_t position = target;
    for (char byte = 0; input.get(byte);) {
        ++position;
        if (byte == '\n')
            return position;
    }
    return file.end;
}

/// Divides files that have no validation files beside them, by rule 4 of openDocuments().
std::vector<CorpusFile> divide(std::vector<CorpusFile> files, double fraction, Split split)
{
    if (fraction <= 0)
        return split == Split::Train ? files : std::vector<CorpusFile>();
    if (split == Split::Test)
        return {};
    for (CorpusFile& file : files)
        file.isDivided = file.format != CorpusFormat::Text || hasSeparator(file.path);
    const auto undivided =
        std::count_if(files.begin(), files.end(), [](const auto& file) { return !file.isDivided; });
    const bool areDocuments = static_cast<double>(undivided) >= 2.0 / fraction;
    for (CorpusFile& file : files) {
        if (areDocuments)
            file.isDivided = true;
        if (file.isDivided)
            continue;
        const uint64_t cut = cutOf(file, fraction);
        if (split == Split::Train)
            file.end = cut;
        else
            file.begin = cut;
    }
    return files;
}

std::vector<CorpusFile> filesOfFolder(const fs::path& folder, double fraction, Split split)
{
    const std::vector<CorpusFile> all = filesIn(folder);
    const auto has = [&folder](const CorpusFile& file, Words words) {
        return hasWord(file.path.lexically_relative(folder), words);
    };
    const auto test = filesWhere(all, [&](const auto& f) { return has(f, kTestWords); });
    if (split == Split::Test)
        return test;
    auto validation = filesWhere(all, [&](const auto& f) { return has(f, kValidationWords); });
    if (validation.empty())
        validation = test;
    if (split == Split::Validation && !validation.empty())
        return validation;

    auto training = filesWhere(all, [&](const auto& f) { return has(f, Words(&kTrainWord, 1)); });
    if (training.empty())
        training = filesWhere(
            all, [&](const auto& f) { return !has(f, kValidationWords) && !has(f, kTestWords); });
    return validation.empty() ? divide(std::move(training), fraction, split) : training;
}

std::vector<CorpusFile> filesOfFile(const fs::path& file, double fraction, Split split)
{
    const auto test = sibling(file, kTestWords);
    if (split == Split::Test)
        return test ? std::vector{wholeFile(*test)} : std::vector<CorpusFile>();
    const auto named = sibling(file, kValidationWords);
    const auto validation = named ? named : test;
    if (!validation)
        return divide({wholeFile(file)}, fraction, split);
    return {wholeFile(split == Split::Train ? file : *validation)};
}

/// The files of `dataset.validation`; all of a folder's, or those that are named so.
std::vector<CorpusFile> validationFiles(const fs::path& path)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw Error(ErrorKind::Config,
                    "dataset.validation names " + quotedPath(path) + ", which does not exist.",
                    "Name a file with text or a folder, or leave the key empty.");
    if (!fs::is_directory(path, ignored))
        return {wholeFile(path)};
    const auto all = filesIn(path);
    const auto named = filesWhere(all, [&path](const auto& file) {
        return hasWord(file.path.lexically_relative(path), kValidationWords);
    });
    return named.empty() ? all : named;
}

/// Training files when the validation split is given apart: nothing has to be cut off.
std::vector<CorpusFile> filesOfName(const DatasetConfig& dataset, Split split)
{
    const fs::path path = dataset.name;
    const double fraction = dataset.validation.empty() ? dataset.validationFraction : 0.0;
    std::error_code ignored;
    if (dataset.name.empty() || !fs::exists(path, ignored))
        throw Error(ErrorKind::Config,
                    "The data set " + quotedText(dataset.name) +
                        " is neither 'stories' nor a file or folder on this machine.",
                    "Set dataset.name to a .txt, .jsonl or .parquet file, or to a folder of them.");
    return fs::is_directory(path, ignored) ? filesOfFolder(path, fraction, split)
                                           : filesOfFile(path, fraction, split);
}

/// The parts of a split, none where it has nothing in it.
CorpusParts collectParts(const DatasetConfig& dataset, Split split)
{
    CorpusParts parts;
    if (split == Split::Validation && !dataset.validation.empty())
        parts.files = validationFiles(dataset.validation);
    else if (dataset.name == "stories")
        parts.isBuiltinStories = split != Split::Test;
    else
        parts.files = filesOfName(dataset, split);

    std::erase_if(parts.files, [](const CorpusFile& file) { return file.begin >= file.end; });
    return parts;
}

const char* remedyForEmpty(Split split)
{
    switch (split) {
    case Split::Train:
        return "Name a file with text in it, or a folder with .txt, .jsonl or .parquet files.";
    case Split::Validation:
        return "Raise dataset.validation_fraction or set dataset.validation.";
    case Split::Test:
        break;
    }
    return "Put a file with the word test in its name into the folder, or use another split.";
}

} // namespace

bool hasCorpusParts(const DatasetConfig& dataset, Split split)
{
    const CorpusParts parts = collectParts(dataset, split);
    return parts.isBuiltinStories || !parts.files.empty();
}

CorpusParts findCorpusParts(const DatasetConfig& dataset, Split split)
{
    CorpusParts parts = collectParts(dataset, split);
    if (!parts.isBuiltinStories && parts.files.empty())
        throw Error(ErrorKind::Config,
                    "The " + std::string(splitName(split)) + " split of the data set " +
                        quotedText(dataset.name) + " is empty.",
                    remedyForEmpty(split));
    return parts;
}

} // namespace samba
