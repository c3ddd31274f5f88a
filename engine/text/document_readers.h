#pragma once

#include "engine/text/corpus.h"
#include "engine/text/corpus_files.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace samba {

/// Reads the documents of one text file; see openDocuments() for where they end and
/// DocumentSource::next() for how long ones are cut.
class TextReader final : public DocumentSource {
public:
    /// About the size of a piece of a long document.
    static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

    /// @throws Error  File if the file cannot be opened.
    explicit TextReader(const CorpusFile& file);

    std::optional<DocumentPiece> next() override;
    uint64_t readBytes() const override { return m_readBytes; }
    uint64_t sizeBytes() const override { return m_file.end - m_file.begin; }

    /// True once a line that ends a document has been read.
    bool hasSeenSeparator() const { return m_hasSeenSeparator; }

private:
    bool readBlock();
    std::optional<DocumentPiece> endDocument(std::size_t textEnd, std::size_t nextStart);
    std::optional<DocumentPiece> cutPiece();

    CorpusFile m_file;
    std::ifstream m_input;
    uint64_t m_readBytes = 0;
    std::string m_buffer;            ///< read, but not given out yet
    std::size_t m_lineStart = 0;     ///< in m_buffer: everything before it has been looked at
    bool m_isInsideDocument = false; ///< a piece of the present document has been given out
    bool m_isAtLineStart = true;     ///< m_buffer begins where a line begins
    bool m_hasSeenSeparator = false;
};

/// Reads one JSON-lines file, a document a line.
class JsonLinesReader final : public DocumentSource {
public:
    /// @param textField  the member that holds the text.
    /// @throws Error  File if the file cannot be opened.
    JsonLinesReader(const CorpusFile& file, std::string textField);

    std::optional<DocumentPiece> next() override;
    uint64_t readBytes() const override { return m_readBytes; }
    uint64_t sizeBytes() const override { return m_file.end; }

private:
    std::string textOf(const std::string& line) const;

    CorpusFile m_file;
    std::string m_textField;
    std::ifstream m_input;
    uint64_t m_readBytes = 0;
    uint64_t m_lineNumber = 0;
};

/// Gives the built-in stories one by one.
class StoryReader final : public DocumentSource {
public:
    explicit StoryReader(Split split);

    std::optional<DocumentPiece> next() override;
    uint64_t readBytes() const override { return m_readBytes; }
    uint64_t sizeBytes() const override { return m_sizeBytes; }

private:
    Split m_split;
    uint64_t m_index = 0;
    uint64_t m_readBytes = 0;
    uint64_t m_sizeBytes; ///< guessed from the first stories
};

/// True if a line of the text file ends a document. Reads up to that line.
bool hasSeparator(const std::filesystem::path& file);

} // namespace samba
