#include "engine/api/metrics.h"

#include "engine/api/error.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <limits>

namespace samba {

namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kLossUnit = "nats/token";

constexpr std::array<MetricField<StepMetrics>, 13> kStepFields = {{
    {"loss/total", "Total loss", kLossUnit, &StepMetrics::total},
    {"loss/main", "Main loss", kLossUnit, &StepMetrics::main},
    {"loss/readout", "Readout loss", kLossUnit, &StepMetrics::readout},
    {"loss/pruning", "Pruning loss", "", &StepMetrics::pruning},
    {"perplexity", "Perplexity", "", &StepMetrics::perplexity},
    {"accuracy/main", "Main accuracy", "", &StepMetrics::accuracy},
    {"accuracy/readout", "Readout accuracy", "", &StepMetrics::readoutAccuracy},
    {"lr", "Learning rate", "", &StepMetrics::lr},
    {"grad_norm", "Gradient norm", "", &StepMetrics::gradNorm},
    {"tokens_per_second", "Speed", "tokens/s", &StepMetrics::tokensPerSecond},
    {"memory_bytes", "Memory", "bytes", &StepMetrics::memoryBytes},
    {"device_memory_bytes", "Memory of the device", "bytes", &StepMetrics::deviceMemoryBytes},
    {"device_reserved_bytes", "Reserved on the device", "bytes",
     &StepMetrics::deviceReservedBytes},
}};

constexpr std::array<MetricField<ValidationMetrics>, 7> kValidationFields = {{
    {"loss/total", "Validation total loss", kLossUnit, &ValidationMetrics::total},
    {"loss/main", "Validation main loss", kLossUnit, &ValidationMetrics::main},
    {"loss/readout", "Validation readout loss", kLossUnit, &ValidationMetrics::readout},
    {"loss/pruning", "Validation pruning loss", "", &ValidationMetrics::pruning},
    {"perplexity", "Validation perplexity", "", &ValidationMetrics::perplexity},
    {"accuracy/main", "Validation main accuracy", "", &ValidationMetrics::accuracy},
    {"accuracy/readout", "Validation readout accuracy", "", &ValidationMetrics::readoutAccuracy},
}};

constexpr std::array<MetricField<ChunkMetrics>, 8> kChunkFields = {{
    {"near_zero", "Near zero", "", &ChunkMetrics::nearZero},
    {"near_zero_relative", "Near zero, relative", "", &ChunkMetrics::nearZeroRelative},
    {"l0", "L0", "entries/token", &ChunkMetrics::l0},
    {"l1", "L1", "", &ChunkMetrics::l1},
    {"hoyer", "Hoyer sparsity", "", &ChunkMetrics::hoyer},
    {"rms", "RMS", "", &ChunkMetrics::rms},
    {"dead_units", "Dead units", "", &ChunkMetrics::deadUnits},
    {"attention", "Readout attention", "", &ChunkMetrics::attention},
}};

constexpr const char* kNaN = "NaN";
constexpr const char* kInfinity = "Infinity";
constexpr const char* kMinusInfinity = "-Infinity";

OrderedJson numberToJson(double value)
{
    if (std::isnan(value))
        return kNaN;
    if (std::isinf(value))
        return value > 0 ? kInfinity : kMinusInfinity;
    return value;
}

double numberFromJson(const Json& value)
{
    if (value.is_number())
        return value.get<double>();
    const std::string& word = value.get_ref<const std::string&>();
    if (word == kInfinity)
        return std::numeric_limits<double>::infinity();
    if (word == kMinusInfinity)
        return -std::numeric_limits<double>::infinity();
    if (word == kNaN)
        return std::numeric_limits<double>::quiet_NaN();
    throw Error(ErrorKind::Format, "\"" + word + "\" is no number of a line of metrics.");
}

template <typename Record>
void writeFields(OrderedJson& json, const Record& record,
                 std::span<const MetricField<Record>> fields)
{
    for (const MetricField<Record>& field : fields)
        json[field.name] = numberToJson(record.*field.value);
}

/// A field that a line lacks, because an older program wrote it, was not measured: NaN.
template <typename Record>
void readFields(const Json& json, Record& record, std::span<const MetricField<Record>> fields)
{
    for (const MetricField<Record>& field : fields) {
        const auto found = json.find(field.name);
        record.*field.value =
            found == json.end() ? std::numeric_limits<double>::quiet_NaN() : numberFromJson(*found);
    }
}

OrderedJson chunksToJson(const std::vector<ChunkMetrics>& chunks)
{
    OrderedJson list = OrderedJson::array();
    for (const ChunkMetrics& chunk : chunks) {
        OrderedJson item;
        writeFields(item, chunk, chunkMetricFields());
        list.push_back(std::move(item));
    }
    return list;
}

std::vector<ChunkMetrics> chunksFromJson(const Json& json)
{
    std::vector<ChunkMetrics> chunks;
    const auto list = json.find("chunks");
    if (list == json.end())
        return chunks;
    for (const Json& item : *list) {
        if (!item.is_object())
            throw Error(ErrorKind::Format, "A chunk in a line of metrics is no record.");
        ChunkMetrics& chunk = chunks.emplace_back();
        readFields(item, chunk, chunkMetricFields());
    }
    return chunks;
}

/// Runs a reader over a parsed line and makes one kind of error of whatever is wrong with it.
template <typename Read>
auto readLine(const std::string& line, Read read)
{
    try {
        return read(Json::parse(line));
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::Format,
                    std::string("A line of metrics is damaged: ") + error.what() + '.');
    }
}

} // namespace

std::span<const MetricField<StepMetrics>> stepMetricFields()
{
    return kStepFields;
}

std::span<const MetricField<ValidationMetrics>> validationMetricFields()
{
    return kValidationFields;
}

std::span<const MetricField<ChunkMetrics>> chunkMetricFields()
{
    return kChunkFields;
}

std::string toJsonLine(const StepMetrics& metrics)
{
    OrderedJson json;
    json["step"] = metrics.step;
    json["tokens"] = metrics.tokens;
    json["elapsed_ms"] = numberToJson(metrics.elapsedMs);
    writeFields(json, metrics, stepMetricFields());
    json["chunks"] = chunksToJson(metrics.chunks);
    return json.dump();
}

std::string toJsonLine(const ValidationMetrics& metrics)
{
    OrderedJson json;
    json["step"] = metrics.step;
    json["tokens"] = metrics.tokens;
    writeFields(json, metrics, validationMetricFields());
    json["chunks"] = chunksToJson(metrics.chunks);
    return json.dump();
}

StepMetrics stepMetricsFromJson(const std::string& line)
{
    return readLine(line, [](const Json& json) {
        StepMetrics metrics;
        metrics.step = json.at("step").get<int64_t>();
        metrics.tokens = json.value("tokens", int64_t{0});
        metrics.elapsedMs = json.contains("elapsed_ms") ? numberFromJson(json["elapsed_ms"]) : 0;
        readFields(json, metrics, stepMetricFields());
        metrics.chunks = chunksFromJson(json);
        return metrics;
    });
}

ValidationMetrics validationMetricsFromJson(const std::string& line)
{
    return readLine(line, [](const Json& json) {
        ValidationMetrics metrics;
        metrics.step = json.at("step").get<int64_t>();
        metrics.tokens = json.value("tokens", int64_t{0});
        readFields(json, metrics, validationMetricFields());
        metrics.chunks = chunksFromJson(json);
        return metrics;
    });
}

} // namespace samba
