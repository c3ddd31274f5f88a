#pragma once

#include "engine/text/corpus.h"
#include "engine/text/corpus_files.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace samba {

/// Reads one Parquet file, a document a row; see openDocuments() for the column that is read.
///
/// Row groups are read one after the other and pages of the column as they are needed, so memory
/// holds a page and a row, whatever the size of the file.
class ParquetReader final : public DocumentSource {
public:
    /// What a row holds.
    enum class Rows {
        Documents, ///< a document; rows without text are passed over
        Lines      ///< a line of one document, WikiText's form; an empty row stands for " \n"
    };

    /// @param textField  the column that holds the text.
    /// @throws Error  File if the file cannot be opened; Format if it is no Parquet file or no
    ///                column can be the text.
    ParquetReader(const CorpusFile& file, const std::string& textField, Rows rows);
    ~ParquetReader() override;

    std::optional<DocumentPiece> next() override;
    uint64_t readBytes() const override;
    uint64_t sizeBytes() const override { return m_file.end; }

private:
    class Column;

    std::optional<DocumentPiece> nextLines();

    CorpusFile m_file;
    Rows m_rows;
    std::unique_ptr<Column> m_column;
    std::string m_lines; ///< read, but not given out yet
    bool m_isAtEnd = false;
};

} // namespace samba
