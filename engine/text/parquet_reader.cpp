#include "engine/text/parquet_reader.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/text/document_readers.h"
#include "engine/text/piece_cut.h"

// The only place that includes Arrow: its headers cost seconds.
#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace samba {

namespace {

constexpr std::string_view kDefaultTextField = "text";
/// The blank line of WikiText's raw files, which its Parquet files write as an empty row.
constexpr std::string_view kBlankLine = " \n";
/// Rows asked for at once. Their text lies in the page, only the row in hand is copied.
constexpr int64_t kBatchRows = 256;
/// A page that claims to be larger than this is refused, not allocated.
constexpr int64_t kMostMemory = int64_t{1} << 30;
constexpr std::size_t kMostColumnsNamed = 8;

/// Arrow's explanation as the end of a sentence: its first line, without a full stop.
std::string reasonOf(const std::exception& error)
{
    std::string reason = error.what();
    reason.resize(std::min(reason.find('\n'), reason.size()));
    while (reason.ends_with('.') || reason.ends_with(' '))
        reason.pop_back();
    return quotedText(reason);
}

/// Calls `read` and turns what Arrow throws into one sentence about the file.
template <typename Read>
auto guarded(const std::filesystem::path& path, const std::string& what, const Read& read)
{
    try {
        return read();
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        throwFormatError(path, what + ": " + reasonOf(error) + ".");
    }
}

bool isText(const parquet::ColumnDescriptor& column)
{
    const auto& logical = column.logical_type();
    return column.physical_type() == parquet::Type::BYTE_ARRAY &&
           ((logical && (logical->is_string() || logical->is_JSON())) ||
            column.converted_type() == parquet::ConvertedType::UTF8);
}

/// Neither inside a list nor inside another column.
bool isPlain(const parquet::ColumnDescriptor& column)
{
    return column.max_repetition_level() == 0 && column.path()->ToDotVector().size() == 1;
}

std::string namesOf(const std::vector<std::string>& columns)
{
    std::string names;
    for (std::size_t i = 0; i < std::min(columns.size(), kMostColumnsNamed); ++i)
        names += (i == 0 ? "" : ", ") + quotedText(columns[i]);
    return names + (columns.size() > kMostColumnsNamed ? ", ..." : "");
}

/// The column that holds the text: the one of this name; where the name is the default one, else
/// the only one with text.
int textColumn(const parquet::SchemaDescriptor& schema, const std::string& textField,
               const std::filesystem::path& path)
{
    std::vector<int> candidates;
    std::vector<std::string> names;
    for (int i = 0; i < schema.num_columns(); ++i) {
        const parquet::ColumnDescriptor& column = *schema.Column(i);
        if (!isPlain(column))
            continue;
        if (column.name() == textField) {
            // Old writers do not say that bytes are text.
            if (column.physical_type() == parquet::Type::BYTE_ARRAY)
                return i;
            throwFormatError(path, "has no text in its column " + quotedText(textField) + ".",
                             "Set dataset.text_field to the column that holds the text.");
        }
        if (isText(column)) {
            candidates.push_back(i);
            names.push_back(column.name());
        }
    }
    if (candidates.empty())
        throwFormatError(path, "has no column with text.", "Use a file with a column of strings.");
    if (candidates.size() == 1 && textField == kDefaultTextField)
        return candidates.front();
    throwFormatError(path,
                     "has no column " + quotedText(textField) + "; its columns of text are " +
                         namesOf(names) + ".",
                     "Set dataset.text_field to the column that holds the text.");
}

/// Opens the file itself, so that what the system says against it is said as of any other file.
std::shared_ptr<arrow::io::RandomAccessFile> openFile(const std::filesystem::path& path,
                                                      arrow::MemoryPool& memory)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        throwSystemError(path, "read", errno);
    auto file = arrow::io::ReadableFile::Open(fd, &memory);
    if (!file.ok()) {
        ::close(fd);
        throwFormatError(path, "cannot be read: " + quotedText(file.status().message()) + ".");
    }
    return *file;
}

} // namespace

/// The text column of an open file, row by row.
class ParquetReader::Column {
public:
    Column(const CorpusFile& file, const std::string& textField) : m_path(file.path)
    {
        guarded(m_path, "is no Parquet file or a damaged one", [&] {
            parquet::ReaderProperties properties(&m_memory);
            // Without it a whole row group is read at once, and some files are one row group.
            properties.enable_buffered_stream();
            m_reader = parquet::ParquetFileReader::Open(openFile(m_path, m_memory), properties);
            m_index = textColumn(*m_reader->metadata()->schema(), textField, m_path);
            m_rowCount = m_reader->metadata()->num_rows();
        });
    }

    /// The next row, empty where it has no value; nothing at the end.
    std::optional<std::string> next()
    {
        return guarded(m_path, "is damaged in row " + std::to_string(m_row + 1),
                       [this]() -> std::optional<std::string> {
                           while (m_nextLevel == m_levelCount)
                               if (!readBatch())
                                   return std::nullopt;
                           ++m_row;
                           if (m_levels[m_nextLevel++] < m_valueLevel)
                               return std::string();
                           const parquet::ByteArray& value = m_values[m_nextValue++];
                           return std::string(reinterpret_cast<const char*>(value.ptr), value.len);
                       });
    }

    int64_t rowsRead() const { return m_row; }
    int64_t rowCount() const { return m_rowCount; }

private:
    /// Reads the next rows of the row group, or of the next one; false at the end of the file.
    bool readBatch()
    {
        while (!m_column || !m_column->HasNext()) {
            if (m_nextGroup == m_reader->metadata()->num_row_groups())
                return false;
            m_group = m_reader->RowGroup(m_nextGroup++);
            const auto column = m_group->Column(m_index);
            m_column = std::dynamic_pointer_cast<parquet::ByteArrayReader>(column);
            if (!m_column)
                throw parquet::ParquetException("the column changes its type");
            m_valueLevel = column->descr()->max_definition_level();
        }
        int64_t valueCount = 0;
        const int64_t levelCount =
            m_column->ReadBatch(kBatchRows, m_levels.data(), nullptr, m_values.data(), &valueCount);
        // A column that must have values has no levels.
        if (m_valueLevel == 0)
            std::fill_n(m_levels.begin(), levelCount, int16_t{0});
        m_levelCount = static_cast<std::size_t>(levelCount);
        const auto expected =
            std::count_if(m_levels.begin(), m_levels.begin() + levelCount,
                          [this](int16_t level) { return level >= m_valueLevel; });
        if (expected != valueCount)
            throw parquet::ParquetException("a page has fewer values than it says");
        m_nextLevel = 0;
        m_nextValue = 0;
        return true;
    }

    std::filesystem::path m_path;
    arrow::CappedMemoryPool m_memory{arrow::system_memory_pool(), kMostMemory};
    std::unique_ptr<parquet::ParquetFileReader> m_reader;
    std::shared_ptr<parquet::RowGroupReader> m_group;
    std::shared_ptr<parquet::ByteArrayReader> m_column; ///< of m_group
    int m_index = 0;
    int m_nextGroup = 0;
    int16_t m_valueLevel = 0; ///< rows with a lower definition level have no value
    int64_t m_row = 0;        ///< rows given out
    int64_t m_rowCount = 0;
    std::array<int16_t, kBatchRows> m_levels{};
    std::array<parquet::ByteArray, kBatchRows> m_values{};
    std::size_t m_levelCount = 0;
    std::size_t m_nextLevel = 0;
    std::size_t m_nextValue = 0;
};

ParquetReader::ParquetReader(const CorpusFile& file, const std::string& textField, Rows rows)
    : m_file(file), m_rows(rows), m_column(std::make_unique<Column>(file, textField))
{}

ParquetReader::~ParquetReader() = default;

std::optional<DocumentPiece> ParquetReader::next()
{
    if (m_rows == Rows::Lines)
        return nextLines();
    while (auto text = m_column->next())
        if (!text->empty())
            return DocumentPiece{std::move(*text), true};
    return std::nullopt;
}

/// Joins rows to pieces of about the size that text files are read in.
std::optional<DocumentPiece> ParquetReader::nextLines()
{
    while (!m_isAtEnd && m_lines.size() <= TextReader::kPieceBytes) {
        const auto line = m_column->next();
        m_isAtEnd = !line;
        if (line)
            m_lines += line->empty() ? kBlankLine : std::string_view(*line);
    }
    if (m_isAtEnd) {
        if (m_lines.empty())
            return std::nullopt;
        return DocumentPiece{std::exchange(m_lines, {}), true};
    }
    const std::size_t cut = cutPlace(m_lines);
    DocumentPiece piece{m_lines.substr(0, cut), false};
    m_lines.erase(0, cut);
    return piece;
}

uint64_t ParquetReader::readBytes() const
{
    if (m_column->rowCount() <= 0)
        return sizeBytes();
    const double share =
        static_cast<double>(m_column->rowsRead()) / static_cast<double>(m_column->rowCount());
    return std::min(sizeBytes(), static_cast<uint64_t>(static_cast<double>(sizeBytes()) * share));
}

} // namespace samba
