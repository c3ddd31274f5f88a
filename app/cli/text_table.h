#pragma once

#include <string>
#include <vector>

namespace samba::cli {

/// Rows of cells, aligned for the terminal.
class TextTable {
public:
    enum class Align { Left, Right };

    struct Column {
        std::string title; ///< if no column has one, no line of titles is written
        Align align = Align::Left;
    };

    explicit TextTable(std::vector<Column> columns);

    /// Adds a row, one cell a column.
    void addRow(std::vector<std::string> cells);

    /// The lines, each with its end and without trailing blanks.
    std::string toString() const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace samba::cli
