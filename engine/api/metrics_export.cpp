#include "engine/api/run_history.h"
#include "engine/io/atomic_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace samba {

namespace {

/// The shortest text that reads back as the same number.
std::string numberText(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    std::array<char, 32> buffer{};
    return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

/// The table of a run: a row for each step that was logged or evaluated.
class CsvTable {
public:
    explicit CsvTable(const RunHistory& run)
    {
        for (const StepMetrics& metrics : run.metrics) {
            m_rows[metrics.step].step = &metrics;
            m_chunks = std::max(m_chunks, metrics.chunks.size());
        }
        for (const ValidationMetrics& metrics : run.validation)
            m_rows[metrics.step].validation = &metrics;
    }

    std::string text() const
    {
        std::string text = header();
        for (const auto& [step, row] : m_rows)
            text += rowText(step, row);
        return text;
    }

private:
    struct Row {
        const StepMetrics* step = nullptr;
        const ValidationMetrics* validation = nullptr;
    };

    std::string header() const
    {
        std::string line = "step,tokens,elapsed_ms";
        for (const auto& field : stepMetricFields())
            line += std::string(",") + field.name;
        for (const auto& field : validationMetricFields())
            line += std::string(",validation/") + field.name;
        for (size_t chunk = 0; chunk < m_chunks; ++chunk) {
            for (const auto& field : chunkMetricFields())
                line += ",chunk" + std::to_string(chunk) + '/' + field.name;
        }
        return line + '\n';
    }

    /// A field of a record that the row does not have stays empty.
    template <typename Record>
    static std::string cells(const Record* record, std::span<const MetricField<Record>> fields)
    {
        std::string text;
        for (const MetricField<Record>& field : fields)
            text += ',' + (record ? numberText(record->*field.value) : std::string());
        return text;
    }

    std::string rowText(int64_t step, const Row& row) const
    {
        std::string line = std::to_string(step);
        line += row.step
                    ? ',' + std::to_string(row.step->tokens) + ',' + numberText(row.step->elapsedMs)
                    : std::string(",,");
        line += cells(row.step, stepMetricFields());
        line += cells(row.validation, validationMetricFields());
        for (size_t chunk = 0; chunk < m_chunks; ++chunk) {
            const bool hasChunk = row.step && chunk < row.step->chunks.size();
            line += cells(hasChunk ? &row.step->chunks[chunk] : nullptr, chunkMetricFields());
        }
        return line + '\n';
    }

    std::map<int64_t, Row> m_rows;
    size_t m_chunks = 0;
};

/// A cell as CSV readers take it: quoted where it holds what has a meaning to them.
std::string csvCell(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

/// The table of an imported run: a row a step, a column a tag.
std::string scalarTable(const std::vector<ScalarSeries>& scalars)
{
    std::string text = "step";
    std::map<int64_t, std::vector<std::string>> rows;
    for (size_t column = 0; column < scalars.size(); ++column) {
        text += ',' + csvCell(scalars[column].tag);
        for (const ScalarPoint& point : scalars[column].points) {
            std::vector<std::string>& cells = rows[point.step];
            cells.resize(scalars.size());
            cells[column] = numberText(point.value);
        }
    }
    text += '\n';
    for (const auto& [step, cells] : rows) {
        text += std::to_string(step);
        for (const std::string& cell : cells)
            text += ',' + cell;
        text += '\n';
    }
    return text;
}

std::string jsonText(const std::string& text)
{
    using Json = nlohmann::json;
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string jsonNumber(double value)
{
    return std::isfinite(value) ? numberText(value) : '"' + numberText(value) + '"';
}

/// The scalars of an imported run as a JSON object, a list of points a tag.
std::string scalarsText(const std::vector<ScalarSeries>& scalars)
{
    std::string text = "{";
    for (const ScalarSeries& series : scalars) {
        text += (text.size() == 1 ? "\n    " : ",\n    ") + jsonText(series.tag) + ": [";
        for (const ScalarPoint& point : series.points) {
            text += &point == &series.points.front() ? "" : ", ";
            text += "{\"step\": " + std::to_string(point.step) +
                    ", \"wall_time\": " + jsonNumber(point.wallTime) +
                    ", \"value\": " + jsonNumber(point.value) + '}';
        }
        text += ']';
    }
    return text + "\n  }";
}

/// Records as a JSON array, one a line, each as it stands in the run folder.
template <typename Record>
std::string arrayText(const std::vector<Record>& records)
{
    std::string text = "[";
    for (const Record& record : records)
        text += (text.size() == 1 ? "\n    " : ",\n    ") + toJsonLine(record);
    return text + (records.empty() ? "]" : "\n  ]");
}

} // namespace

std::string metricsAsCsv(const RunHistory& run)
{
    return run.scalars.empty() ? CsvTable(run).text() : scalarTable(run.scalars);
}

std::string metricsAsJson(const RunHistory& run)
{
    std::string text = "{\n  \"name\": " + jsonText(run.summary.name) + ",\n";
    text += "  \"config\": " + jsonText(run.configText) + ",\n";
    text += "  \"metrics\": " + arrayText(run.metrics) + ",\n";
    text += "  \"validation\": " + arrayText(run.validation);
    if (!run.scalars.empty())
        text += ",\n  \"scalars\": " + scalarsText(run.scalars);
    return text + "\n}\n";
}

void exportMetricsCsv(const RunHistory& run, const std::filesystem::path& file)
{
    writeFileAtomically(file, metricsAsCsv(run));
}

void exportMetricsJson(const RunHistory& run, const std::filesystem::path& file)
{
    writeFileAtomically(file, metricsAsJson(run));
}

} // namespace samba
