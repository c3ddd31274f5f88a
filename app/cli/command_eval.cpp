#include "app/cli/commands.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/model_table.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace samba::cli {
namespace {

struct EvalOptions {
    std::string model;
    std::string weights;
    std::string data;
    std::string split;
    int64_t seqLen = 0;
    int64_t maxTokens = 0;
    bool printsJson = false;
};

std::string reportText(const Evaluated& result)
{
    const ValidationMetrics& m = result.metrics;
    TextTable table({{}, {}});
    table.addRow({"Data", result.data + ", " + formatInteger(m.tokens) + " tokens"});
    table.addRow({"Loss", formatNumber(m.main) + " nats/token"});
    table.addRow({"Perplexity", formatNumber(m.perplexity)});
    table.addRow({"Accuracy", formatShare(m.accuracy)});
    table.addRow({"Bits per byte", formatNumber(result.bitsPerByte)});
    if (m.readout == m.readout) { // NaN: the model has no readout
        table.addRow({"Readout loss", formatNumber(m.readout) + " nats/token"});
        table.addRow({"Readout accuracy", formatShare(m.readoutAccuracy)});
    }
    return table.toString() + (m.chunks.empty() ? "" : '\n' + chunkTable(m.chunks));
}

std::string reportJson(const Evaluated& result, const ModelInfo& info)
{
    Json json = {
        {"model", info.source}, {"data", result.data}, {"bits_per_byte", result.bitsPerByte}};
    json.update(toJson(result.metrics));
    return toText(json);
}

ExitCode runEval(const EvalOptions& options, CommandContext& context)
{
    EngineClient engine(context.engineOptions(), context.console);
    ModelInfo info;
    if (engine.loadModel({options.model, options.weights}, &info) == CommandEnd::Interrupted)
        return ExitCode::Interrupted;

    std::optional<Evaluated> result;
    const CommandEnd end =
        engine.run(Evaluate{options.data, options.split, options.seqLen, options.maxTokens},
                   {.event = [&](const Event& event) {
                       if (const auto* evaluated = std::get_if<Evaluated>(&event))
                           result = *evaluated;
                   }});
    if (end == CommandEnd::Interrupted || !result)
        return ExitCode::Interrupted;
    context.output.write(options.printsJson ? reportJson(*result, info) : reportText(*result));
    return ExitCode::Done;
}

} // namespace

void addEvalCommand(CLI::App& app, CommandAction& action)
{
    constexpr int64_t kLongest = 1'048'576;
    const auto options = std::make_shared<EvalOptions>();
    CLI::App* eval =
        app.add_subcommand("eval", "Loss, perplexity, accuracy and sparsity of a model on a text");
    addText(*eval, "--model", options->model, "Run, checkpoint or model folder, or builtin")
        ->required()
        ->type_name("MODEL");
    addText(*eval, "--data", options->data,
            "File or folder of texts, a published data set, or stories")
        ->required()
        ->type_name("DATA");
    addText(*eval, "--split", options->split,
            "train, validation or test; without: a file whole, else validation")
        ->type_name("SPLIT");
    addInteger(*eval, "--seq-len", options->seqLen, {1, kLongest},
               "Tokens of each sequence; without: 256, or as many as the model can read");
    addInteger(*eval, "--max-tokens", options->maxTokens, {1},
               "Read about so many tokens; without: all");
    addWeightsOption(*eval, options->weights);
    eval->add_flag("--json", options->printsJson, "Print JSON");
    eval->footer("Examples:\n"
                 "  samba-cli eval --model builtin --data stories\n"
                 "  samba-cli eval --model runs/my-run --data wikitext-2-raw-v1 --split test\n"
                 "  samba-cli eval --model runs/my-run --data book.txt --max-tokens 100000 --json\n"
                 "  samba-cli eval --model builtin --data stories --weights int4");
    eval->callback([options, &action] {
        action = [options](CommandContext& context) { return runEval(*options, context); };
    });
}

} // namespace samba::cli
