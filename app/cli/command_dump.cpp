#include "app/cli/commands.h"
#include "app/cli/engine_client.h"
#include "app/cli/options.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace samba::cli {
namespace {

struct DumpOptions {
    std::string model;
    std::string ids;
    std::string dtype = "float32";
    DumpTensors request;
};

/// "1,2,3", or the name of a file that holds them.
void readIds(const std::string& text, DumpTensors& request)
{
    if (text.ends_with(".safetensors")) {
        request.idsFile = text;
        return;
    }
    constexpr int64_t kMost = int64_t{1} << 31;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find(',', begin), text.size());
        request.ids.push_back(
            parseInteger("Each id of --ids", text.substr(begin, end - begin), {0, kMost}));
        begin = end + 1;
    }
}

ExitCode runDump(DumpOptions options, CommandContext& context)
{
    if (options.dtype != "float32" && options.dtype != "float64")
        throw Error(ErrorKind::InvalidArgument,
                    "--dtype must be float32 or float64, not \"" + options.dtype + "\".");
    options.request.isDouble = options.dtype == "float64";
    if (options.ids.empty() == options.request.text.empty())
        throw Error(ErrorKind::InvalidArgument, "samba-cli dump needs either --ids or --text.",
                    "Give the sequence as ids, or as text for the model's tokenizer.");
    if (!options.ids.empty())
        readIds(options.ids, options.request);

    EngineClient engine(context.engineOptions(), context.console);
    if (engine.loadModel({options.model}) == CommandEnd::Interrupted)
        return ExitCode::Interrupted;
    std::optional<TensorsDumped> result;
    const CommandEnd end =
        engine.run(options.request, {.event = [&](const Event& event) {
                       if (const auto* dumped = std::get_if<TensorsDumped>(&event))
                           result = *dumped;
                   }});
    if (end == CommandEnd::Interrupted || !result)
        return ExitCode::Interrupted;
    context.output.write(result->file + '\n');
    context.console.note(std::to_string(result->names.size()) + " tensors");
    return ExitCode::Done;
}

} // namespace

void addDumpCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<DumpOptions>();
    DumpTensors& request = options->request;
    CLI::App* dump = app.add_subcommand(
        "dump", "Write what a model computes for a sequence, tensor by tensor, to a file");
    addText(*dump, "--model", options->model, "Run, checkpoint or model folder, or builtin")
        ->required()
        ->type_name("MODEL");
    addText(*dump, "--ids", options->ids,
            "Token ids as 1,2,3, or a .safetensors file with input_ids [batch, length]")
        ->type_name("IDS");
    addText(*dump, "--text", request.text, "Instead: a text, for the model's tokenizer");
    addText(*dump, "--output", request.outputFile, "Safetensors file to write")
        ->required()
        ->type_name("FILE");
    addText(*dump, "--dtype", options->dtype, "Compute in float32 or float64")
        ->type_name("TYPE")
        ->default_str("float32");
    dump->add_flag("--gradients", request.hasGradients,
                   "With the gradient of the loss for every parameter");
    dump->add_flag("--states", request.hasStates, "With the states after the last token");
    dump->footer(
        "Names in the file: input_ids, logits, loss, hidden_states.{i}, chunk_outputs.{c}; of a "
        "Samba readout_logits,\nreadout_attention, readout_loss, pruning_loss, total_loss; with "
        "--gradients grad.{name} (of loss, of a Samba's\ntotal_loss); with --states ssm_state.{i} "
        "and conv_state.{i},\nof a transformer keys.{i} and values.{i}.\n\n"
        "Examples:\n"
        "  samba-cli dump --model builtin --text \"Once upon a time\" --output dump.safetensors\n"
        "  samba-cli dump --model my-model --ids ids.safetensors --dtype float64 --gradients "
        "--output dump.safetensors");
    dump->callback([options, &action] {
        action = [options](CommandContext& context) { return runDump(*options, context); };
    });
}

} // namespace samba::cli
