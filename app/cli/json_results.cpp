#include "app/cli/json_results.h"

#include "engine/api/config_schema.h"

#include <nlohmann/json.hpp>

namespace samba::cli {
namespace {

/// What the losses and accuracies of a step and of a validation have in common.
template <typename Metrics>
Json commonJson(const Metrics& metrics)
{
    Json json = {{"step", metrics.step},
                 {"tokens", metrics.tokens},
                 {"loss", metrics.main},
                 {"perplexity", metrics.perplexity},
                 {"accuracy", metrics.accuracy},
                 {"readout_loss", metrics.readout},
                 {"readout_accuracy", metrics.readoutAccuracy},
                 {"pruning_loss", metrics.pruning},
                 {"total_loss", metrics.total}};
    return json;
}

Json chunksJson(const std::vector<ChunkMetrics>& chunks)
{
    Json json = Json::array();
    for (const ChunkMetrics& chunk : chunks)
        json.push_back(toJson(chunk));
    return json;
}

} // namespace

Json toJson(const ModelInfo& info)
{
    Json parameters = {{"total", info.totalParameters},
                       {"backbone", info.backboneParameters},
                       {"readout", info.readoutParameters},
                       {"trainable", info.trainableParameters}};
    for (const ParameterGroup& group : info.groups)
        parameters[group.name] = group.count;
    Json shape = {{"n_layers", info.layers},
                  {"d_model", info.dModel},
                  {"d_inner", info.dInner},
                  {"readout_hidden_dim", info.readoutHiddenDim},
                  {"vocab_size", info.vocabSize}};
    if (info.heads > 0)
        shape.update({{"n_head", info.heads}, {"n_positions", info.positions}});
    else
        shape.update({{"d_state", info.dState}, {"d_conv", info.dConv}, {"dt_rank", info.dtRank}});
    return {{"name", info.name},
            {"source", info.source},
            {"type", info.type},
            {"step", info.step},
            {"device", info.device},
            {"dtype", info.dtype},
            {"parameters", parameters},
            {"memory", {{"weights_bytes", info.weightBytes}, {"state_bytes", info.stateBytes}}},
            {"chunks", {{"count", info.chunkCount}, {"layers_per_chunk", info.readoutStride}}},
            {"shape", shape},
            {"tokenizer_size", info.tokenizerSize}};
}

Json toJson(const ValidationMetrics& metrics)
{
    Json json = commonJson(metrics);
    json["chunks"] = chunksJson(metrics.chunks);
    return json;
}

Json toJson(const StepMetrics& metrics)
{
    Json json = commonJson(metrics);
    json["lr"] = metrics.lr;
    json["grad_norm"] = metrics.gradNorm;
    json["tokens_per_second"] = metrics.tokensPerSecond;
    json["memory_bytes"] = metrics.memoryBytes;
    json["device_memory_bytes"] = metrics.deviceMemoryBytes;
    json["device_reserved_bytes"] = metrics.deviceReservedBytes;
    json["chunks"] = chunksJson(metrics.chunks);
    return json;
}

Json toJson(const ChunkMetrics& metrics)
{
    Json json;
    for (const MetricField<ChunkMetrics>& field : chunkMetricFields())
        json[field.name] = metrics.*field.value;
    return json;
}

Json toJson(const RunSummary& run)
{
    return {{"path", run.path.string()},
            {"name", run.name},
            {"state", runStateName(run.state)},
            {"type", run.modelType},
            {"parameters", run.parameters},
            {"started_at", run.startedAt},
            {"step", run.step},
            {"total_steps", run.totalSteps},
            {"last_loss", run.lastLoss},
            {"best_validation_loss", run.bestValidationLoss}};
}

Json toJson(const BenchmarkResult& result)
{
    return {
        {"name", result.name},     {"value", result.value},       {"unit", result.unit},
        {"limit", result.limit},   {"ratio", result.ratio},       {"rivalNote", result.rivalNote},
        {"quiet", result.isQuiet}, {"loadNote", result.loadNote}, {"limitNote", result.limitNote},
        {"note", result.note},     {"spread", result.spread},     {"repeats", result.repeats}};
}

Json toJson(const ConfigIssue& issue)
{
    const bool isError = issue.severity == ConfigIssue::Severity::Error;
    return {{"severity", isError ? "error" : "warning"},
            {"file", issue.file},
            {"line", issue.line},
            {"column", issue.column},
            {"key", issue.key},
            {"message", issue.message}};
}

Json toJson(const ConfigValue& value)
{
    return std::visit([](const auto& typed) { return Json(typed); }, value);
}

Json toJson(const Config& config)
{
    Json json;
    for (const ConfigKey& key : configSchema())
        json[std::string(key.section())][std::string(key.name())] = toJson(key.get(config));
    return json;
}

std::string toText(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace samba::cli
