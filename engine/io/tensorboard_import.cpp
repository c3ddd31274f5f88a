#include "engine/io/tensorboard_import.h"

#include "engine/io/run_layout.h"
#include "engine/io/tensorboard_file.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <string_view>

namespace samba {

namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 3;
constexpr size_t kMaxFolders = 2000;
constexpr uint64_t kTailBytes = 1 << 18; ///< read of a file for the Runs list

class FolderSearch {
public:
    void visit(const fs::path& folder, int depth)
    {
        if (isRunFolder(folder) || ++m_visited > kMaxFolders)
            return;
        if (!tensorboardFiles(folder).empty())
            m_found.push_back(folder);
        if (depth == kMaxDepth)
            return;
        std::vector<fs::path> inside;
        std::error_code error;
        fs::directory_iterator entries(folder, error);
        for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
            // Links count where somebody gathers runs, but must not lead in circles.
            std::error_code typeError;
            const bool isFolder =
                entries->is_directory(typeError) && (depth == 0 || !entries->is_symlink(typeError));
            if (isFolder && !entries->path().filename().string().starts_with('.'))
                inside.push_back(entries->path());
        }
        std::sort(inside.begin(), inside.end());
        for (const fs::path& path : inside)
            visit(path, depth + 1);
    }

    std::vector<fs::path> takeFound() { return std::move(m_found); }

private:
    std::vector<fs::path> m_found;
    size_t m_visited = 0;
};

/// Whether a tag names a loss of training, for the Runs list.
bool isLossTag(std::string_view tag)
{
    std::string lower(tag);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto has = [&](const char* part) { return lower.find(part) != std::string::npos; };
    return has("loss") && !has("val") && !has("test");
}

/// Whether a loss tells more than another one: this program's main loss, else the shorter name.
bool isBetterLossTag(const std::string& tag, const std::string& other)
{
    constexpr const char* kMainLoss = "loss/main";
    if (tag == kMainLoss || other == kMainLoss)
        return tag == kMainLoss && other != kMainLoss;
    return tag.size() < other.size();
}

/// What the Runs list shows of a log, gathered event by event.
class SummaryCollector {
public:
    explicit SummaryCollector(const fs::path& folder)
    {
        m_summary.path = run_layout::normalPath(folder);
        m_summary.name = m_summary.path.filename().string();
        m_summary.state = RunState::Imported;
        m_summary.lastLoss = m_summary.bestValidationLoss =
            std::numeric_limits<double>::quiet_NaN();
    }

    void setStart(double wallTime) { m_summary.startedAt = wallTime; }

    void add(const TensorboardEvent& event)
    {
        for (const TensorboardValue& value : event.values) {
            if (!value.scalar)
                continue;
            m_hasScalars = true;
            m_summary.step = std::max(m_summary.step, event.step);
            if (!isLossTag(value.tag))
                continue;
            if (m_lossTag.empty() || isBetterLossTag(value.tag, m_lossTag))
                m_lossTag = value.tag;
            if (value.tag == m_lossTag)
                m_summary.lastLoss = *value.scalar;
        }
    }

    bool hasScalars() const { return m_hasScalars; }
    const RunSummary& summary() const { return m_summary; }

private:
    RunSummary m_summary;
    std::string m_lossTag;
    bool m_hasScalars = false;
};

double startOf(const fs::path& file)
{
    const std::optional<TensorboardEvent> first = TensorboardFileReader(file).next();
    return first ? first->wallTime : 0;
}

/// Sorts the points; of several at one step the last one logged is kept.
void putInOrder(std::vector<ScalarPoint>& points)
{
    std::stable_sort(points.begin(), points.end(),
                     [](const auto& a, const auto& b) { return a.step < b.step; });
    // Backwards, unique() keeps the last of equals.
    const auto begin =
        std::unique(points.rbegin(), points.rend(), [](const auto& a, const auto& b) {
            return a.step == b.step;
        }).base();
    points.erase(points.begin(), begin);
}

} // namespace

std::vector<fs::path> findTensorboardFolders(const fs::path& base)
{
    FolderSearch search;
    search.visit(base, 0);
    return search.takeFound();
}

RunSummary readTensorboardSummary(const fs::path& folder)
{
    SummaryCollector collector(folder);
    const std::vector<fs::path> files = tensorboardFiles(folder);
    if (!files.empty())
        collector.setStart(startOf(files.front()));
    for (auto file = files.rbegin(); file != files.rend() && !collector.hasScalars(); ++file) {
        TensorboardFileReader reader(*file);
        const uint64_t size = reader.fileSize();
        if (size > kTailBytes)
            reader.seek(size - kTailBytes);
        while (const std::optional<TensorboardEvent> event = reader.next())
            collector.add(*event);
    }
    return collector.summary();
}

RunHistory readTensorboardRun(const fs::path& folder)
{
    std::map<std::string, std::vector<ScalarPoint>> scalars;
    RunHistory run;
    SummaryCollector collector(folder);
    const std::vector<fs::path> files = tensorboardFiles(folder);
    if (!files.empty())
        collector.setStart(startOf(files.front()));
    for (const fs::path& file : files) {
        TensorboardFileReader reader(file);
        while (const std::optional<TensorboardEvent> event = reader.next()) {
            if (event->isSessionStart) {
                const auto isVoid = [&](const auto& record) { return record.step >= event->step; };
                for (auto& [tag, points] : scalars)
                    std::erase_if(points, isVoid);
                std::erase_if(run.samples, isVoid);
            }
            for (const TensorboardValue& value : event->values) {
                if (value.scalar)
                    scalars[value.tag].push_back({event->step, event->wallTime, *value.scalar});
                if (value.text)
                    run.samples.push_back({event->step, value.tag + ": ", *value.text});
            }
            collector.add(*event);
        }
    }
    run.summary = collector.summary();
    for (auto& [tag, points] : scalars) {
        if (points.empty())
            continue;
        putInOrder(points);
        run.scalars.push_back({tag, std::move(points)});
    }
    return run;
}

} // namespace samba
