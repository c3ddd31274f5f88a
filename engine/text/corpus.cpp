#include "engine/text/corpus.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/text/content_hash.h"
#include "engine/text/corpus_files.h"
#include "engine/text/document_readers.h"
#include "engine/text/parquet_reader.h"
#include "engine/text/story_generator.h"

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string_view>
#include <utility>

namespace samba {

namespace {

/// The configurations of WikiText are published as files with a line a row.
ParquetReader::Rows rowsOf(const std::filesystem::path& file)
{
    const std::string folder =
        std::filesystem::absolute(file).lexically_normal().parent_path().filename().string();
    return folder.starts_with("wikitext-") ? ParquetReader::Rows::Lines
                                           : ParquetReader::Rows::Documents;
}

/// Reads the files of a split one after the other and, in those that both splits share, lets
/// through the documents of this split.
class FilesReader final : public DocumentSource {
public:
    FilesReader(CorpusParts parts, const DatasetConfig& dataset, Split split)
        : m_parts(std::move(parts)), m_dataset(dataset), m_split(split)
    {}

    std::optional<DocumentPiece> next() override
    {
        for (;;) {
            if (!m_reader && !openNextFile())
                return std::nullopt;
            auto piece = m_reader->next();
            if (!piece) {
                m_finishedBytes += m_reader->sizeBytes();
                m_reader.reset();
                continue;
            }
            const bool isOurs = !m_parts.files[m_fileIndex - 1].isDivided || isOurDocument();
            if (piece->endsDocument)
                ++m_documentIndex;
            if (isOurs)
                return piece;
        }
    }

    uint64_t readBytes() const override
    {
        return m_finishedBytes + (m_reader ? m_reader->readBytes() : 0);
    }

    uint64_t sizeBytes() const override
    {
        return std::accumulate(
            m_parts.files.begin(), m_parts.files.end(), uint64_t{0},
            [](uint64_t sum, const CorpusFile& file) { return sum + file.end - file.begin; });
    }

private:
    bool openNextFile()
    {
        if (m_fileIndex == m_parts.files.size())
            return false;
        m_reader = openFile(m_parts.files[m_fileIndex++]);
        return true;
    }

    std::unique_ptr<DocumentSource> openFile(const CorpusFile& file) const
    {
        switch (file.format) {
        case CorpusFormat::Text:
            return std::make_unique<TextReader>(file);
        case CorpusFormat::JsonLines:
            return std::make_unique<JsonLinesReader>(file, m_dataset.textField);
        case CorpusFormat::Parquet:
            break;
        }
        return std::make_unique<ParquetReader>(file, m_dataset.textField, rowsOf(file.path));
    }

    bool isOurDocument() const
    {
        const double f = m_dataset.validationFraction;
        const auto index = static_cast<double>(m_documentIndex);
        const bool isValidation = std::floor((index + 1) * f + 0.5) > std::floor(index * f + 0.5);
        return isValidation == (m_split == Split::Validation);
    }

    CorpusParts m_parts;
    DatasetConfig m_dataset;
    Split m_split;
    std::unique_ptr<DocumentSource> m_reader; ///< of the present file
    std::size_t m_fileIndex = 0;              ///< files opened
    uint64_t m_documentIndex = 0;
    uint64_t m_finishedBytes = 0;
};

/// Adds some blocks of a file to a hash: enough to notice an edit that kept size and time.
void addSampledBlocks(const CorpusFile& file, ContentHash& hash)
{
    constexpr uint64_t kBlocks = 16;
    constexpr uint64_t kBlockBytes = 16 * 1024;
    errno = 0;
    std::ifstream input(file.path, std::ios::binary);
    if (!input)
        throwSystemError(file.path, "read", errno);
    const uint64_t size = std::filesystem::file_size(file.path);
    std::string block(kBlockBytes, '\0');
    for (uint64_t i = 0; i < kBlocks; ++i) {
        const uint64_t last = size > kBlockBytes ? size - kBlockBytes : 0;
        input.clear();
        input.seekg(static_cast<std::streamoff>(last / (kBlocks - 1) * i));
        input.read(block.data(), static_cast<std::streamsize>(block.size()));
        hash.addText(std::string_view(block.data(), static_cast<std::size_t>(input.gcount())));
    }
    if (input.bad())
        throwSystemError(file.path, "read", errno);
}

} // namespace

const char* splitName(Split split)
{
    switch (split) {
    case Split::Train:
        return "train";
    case Split::Validation:
        return "validation";
    case Split::Test:
        break;
    }
    return "test";
}

Split splitOf(std::string_view name)
{
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        if (name == splitName(split))
            return split;
    throw Error(ErrorKind::InvalidArgument,
                "There is no split " + quotedText(name) +
                    "; a data set has train, validation and test.",
                "Name one of the three.");
}

std::unique_ptr<DocumentSource> openDocuments(const DatasetConfig& dataset, Split split)
{
    CorpusParts parts = findCorpusParts(dataset, split);
    if (parts.isBuiltinStories)
        return std::make_unique<StoryReader>(split);
    return std::make_unique<FilesReader>(std::move(parts), dataset, split);
}

bool hasSplit(const DatasetConfig& dataset, Split split)
{
    return hasCorpusParts(dataset, split);
}

std::vector<Split> splitsOf(const DatasetConfig& dataset)
{
    std::vector<Split> splits{Split::Train};
    for (const Split split : {Split::Validation, Split::Test})
        if (hasSplit(dataset, split))
            splits.push_back(split);
    return splits;
}

std::string corpusIdentity(const DatasetConfig& dataset, Split split)
{
    const CorpusParts parts = findCorpusParts(dataset, split);
    if (parts.isBuiltinStories)
        return std::string("stories ") + splitName(split) + " " +
               std::string(storyGeneratorVersion());

    ContentHash hash;
    bool isDivided = false;
    for (const CorpusFile& file : parts.files) {
        hash.addText(std::filesystem::absolute(file.path).string());
        hash.addNumber(file.begin);
        hash.addNumber(file.end);
        hash.addNumber(file.isDivided);
        const auto changed = std::filesystem::last_write_time(file.path).time_since_epoch();
        hash.addNumber(static_cast<uint64_t>(changed.count()));
        if (file.format != CorpusFormat::Text)
            hash.addText(dataset.textField);
        addSampledBlocks(file, hash);
        isDivided = isDivided || file.isDivided;
    }
    return "files " + hash.hex() +
           (isDivided ? std::string(" ") + splitName(split) + " of " +
                            std::to_string(dataset.validationFraction)
                      : std::string());
}

} // namespace samba
