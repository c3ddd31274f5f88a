#include "app/cli/text_table.h"

#include "app/cli/text_format.h"

#include <algorithm>
#include <cassert>

namespace samba::cli {

TextTable::TextTable(std::vector<Column> columns) : m_columns(std::move(columns))
{
    const bool hasTitles = std::any_of(m_columns.begin(), m_columns.end(),
                                       [](const Column& column) { return !column.title.empty(); });
    if (!hasTitles)
        return;
    std::vector<std::string> titles;
    for (const Column& column : m_columns)
        titles.push_back(column.title);
    addRow(std::move(titles));
}

void TextTable::addRow(std::vector<std::string> cells)
{
    assert(cells.size() == m_columns.size());
    m_rows.push_back(std::move(cells));
}

std::string TextTable::toString() const
{
    std::vector<size_t> widths(m_columns.size(), 0);
    for (const auto& row : m_rows)
        for (size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], displayWidth(row[i]));

    std::string text;
    for (const auto& row : m_rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - displayWidth(row[i]), ' ');
            line += i == 0 ? "" : "  ";
            line += m_columns[i].align == Align::Right ? padding + row[i] : row[i] + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

} // namespace samba::cli
