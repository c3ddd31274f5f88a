#include "engine/io/tensorboard_log.h"

#include "engine/io/tensorboard_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>

namespace samba {

namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "brain.Event:2";
constexpr std::string_view kNamePrefix = "events.out.tfevents.";

double secondsSince1970()
{
    using Seconds = std::chrono::duration<double>;
    return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The time for the name of a new file: now, but later than any file's that is there. TensorBoard
/// reads files by name, and two starts may fall into one second, or the clock be set back.
int64_t timeForName(const fs::path& runDir)
{
    auto time = static_cast<int64_t>(secondsSince1970());
    for (const fs::path& file : tensorboardFiles(runDir)) {
        const std::string name = file.filename().string();
        int64_t other = 0;
        if (name.starts_with(kNamePrefix)) {
            std::from_chars(name.data() + kNamePrefix.size(), name.data() + name.size(), other);
            time = std::max(time, other + 1);
        }
    }
    return time;
}

/// Adds the numbers of a record. Those that the model does not have are NaN and left out; once the
/// main loss is no number either, the run has diverged, and that has to be seen.
template <typename Record>
void addFields(std::vector<TensorboardValue>& values, const std::string& prefix,
               const Record& record, std::span<const MetricField<Record>> fields, bool hasDiverged)
{
    for (const MetricField<Record>& field : fields) {
        const double number = record.*field.value;
        if (!std::isnan(number) || hasDiverged)
            values.push_back({prefix + field.name, number, {}});
    }
}

template <typename Record>
TensorboardEvent eventOf(const Record& record, const std::string& prefix,
                         std::span<const MetricField<Record>> fields)
{
    TensorboardEvent event;
    event.step = record.step;
    const bool hasDiverged = !std::isfinite(record.main);
    addFields(event.values, prefix, record, fields, hasDiverged);
    for (size_t i = 0; i < record.chunks.size(); ++i)
        addFields(event.values, prefix + "chunk" + std::to_string(i) + '/', record.chunks[i],
                  chunkMetricFields(), hasDiverged);
    return event;
}

/// The text with replacement characters where it is not UTF-8.
std::string validUtf8(const std::string& text)
{
    using Json = nlohmann::json;
    return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
        .get<std::string>();
}

} // namespace

TensorboardLog::TensorboardLog(const fs::path& runDir)
    : m_file(runDir / tensorboardFileName(timeForName(runDir)), AppendFile::Opening::NewFile)
{
    TensorboardEvent event;
    event.fileVersion = kVersion;
    write(event);
}

void TensorboardLog::beginAgainAt(int64_t step)
{
    TensorboardEvent event;
    event.step = step;
    event.isSessionStart = true;
    write(event);
}

void TensorboardLog::append(const StepMetrics& metrics)
{
    write(eventOf(metrics, "", stepMetricFields()));
}

void TensorboardLog::append(const ValidationMetrics& metrics)
{
    write(eventOf(metrics, "validation/", validationMetricFields()));
}

void TensorboardLog::append(const RunSample& sample)
{
    m_sampleNumber = sample.step == m_sampleStep ? m_sampleNumber + 1 : 0;
    m_sampleStep = sample.step;
    TensorboardEvent event;
    event.step = sample.step;
    event.values.push_back(
        {"sample/" + std::to_string(m_sampleNumber), {}, validUtf8(sample.prompt + sample.text)});
    write(event);
}

void TensorboardLog::write(const TensorboardEvent& event)
{
    TensorboardEvent stamped = event;
    stamped.wallTime = secondsSince1970();
    m_file.append(tensorboardRecord(encodeTensorboardEvent(stamped)));
}

} // namespace samba
