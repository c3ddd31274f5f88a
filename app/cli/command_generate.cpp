#include "app/cli/commands.h"
#include "app/cli/completion_dialogue.h"
#include "app/cli/engine_client.h"
#include "app/cli/generation.h"
#include "app/cli/json_results.h"
#include "app/cli/line_reader.h"
#include "app/cli/options.h"
#include "app/cli/sampling_settings.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace samba::cli {
namespace {

struct GenerateOptions {
    std::string model;
    std::string weights;
    std::string prompt;
    bool hasPrompt = false;
    bool isInteractive = false;
    bool printsTokenIds = false;
    bool printsJson = false;
    SamplingOptions sampling;
};

std::string findPrompt(const GenerateOptions& options)
{
    if (options.hasPrompt)
        return options.prompt;
    if (isInputTerminal())
        throw Error(ErrorKind::InvalidArgument, "samba-cli generate needs a text to continue.",
                    "Give --prompt TEXT or --interactive, or pipe the text into it.");
    std::string text = readStandardInput();
    // What `echo` and editors put at the end is no part of the text to continue.
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string resultJson(const Generation& generation, const std::string& prompt,
                       const GenerateOptions& options)
{
    const GenerationFinished& end = generation.end;
    return toText({{"model", options.model},
                   {"prompt", prompt},
                   {"text", generation.text},
                   {"token_ids", end.tokenIds},
                   {"end", generationEndName(end.reason)},
                   {"prompt_tokens", end.promptTokens},
                   {"new_tokens", end.newTokens},
                   {"prefill_ms", end.prefillMs},
                   {"tokens_per_second", end.tokensPerSecond},
                   {"seed", end.seed}});
}

void requireConsistency(const GenerateOptions& options)
{
    const std::pair<const char*, bool> others[] = {{"--prompt", options.hasPrompt},
                                                   {"--token-ids", options.printsTokenIds},
                                                   {"--json", options.printsJson}};
    for (const auto& [name, isGiven] : others)
        if (options.isInteractive && isGiven)
            throw Error(ErrorKind::InvalidArgument,
                        std::string("--interactive and ") + name + " exclude each other.",
                        "Leave one of them out.");
}

ExitCode runGenerate(const GenerateOptions& options, CommandContext& context)
{
    requireConsistency(options);
    const std::string prompt = options.isInteractive ? std::string() : findPrompt(options);
    EngineClient engine(context.engineOptions(), context.console);
    if (engine.loadModel({options.model, options.weights}) == CommandEnd::Interrupted)
        return ExitCode::Interrupted;
    if (options.isInteractive)
        return CompletionDialogue(engine, context, options.sampling).run();

    const bool streamsText = !options.printsTokenIds && !options.printsJson;
    const Generation generation =
        generate(engine, {prompt, options.sampling}, streamsText ? &context.output : nullptr);
    if (options.printsJson) {
        context.output.write(resultJson(generation, prompt, options));
    } else if (options.printsTokenIds) {
        std::string line;
        for (const int32_t id : generation.end.tokenIds)
            line += (line.empty() ? "" : " ") + std::to_string(id);
        context.output.write(line + '\n');
    }
    context.output.flush();
    context.console.note(statisticsText(generation.end));
    return generation.end.reason == GenerationEnd::Cancelled ? ExitCode::Interrupted
                                                             : ExitCode::Done;
}

} // namespace

void addGenerateCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<GenerateOptions>();
    CLI::App* generating = app.add_subcommand("generate", "Continue a text");
    addText(*generating, "--model", options->model, "Run, checkpoint or model folder, or builtin")
        ->required()
        ->type_name("MODEL");
    const auto takePrompt = [options](const std::string& text) {
        options->prompt = text;
        options->hasPrompt = true;
    };
    generating
        ->add_option_function<std::string>(
            "--prompt", takePrompt,
            "Text to continue; without: standard input, less its last line end")
        ->take_last()
        ->type_name("TEXT");
    generating->add_flag("-i,--interactive", options->isInteractive,
                         "Continue one typed text after the other");
    addWeightsOption(*generating, options->weights);
    addSamplingOptions(*generating, options->sampling);
    generating->add_flag("--token-ids", options->printsTokenIds,
                         "Print the ids of the new tokens, not the text");
    generating->add_flag("--json", options->printsJson,
                         "Print text, token ids and statistics as JSON");
    generating->footer(
        "The continuation alone goes to standard output, as it comes; statistics go to standard "
        "error.\n\nExamples:\n"
        "  samba-cli generate --model builtin --prompt \"Once upon a time\" --temperature 0.7\n"
        "  echo \"The fox\" | samba-cli generate --model runs/my-run --max-new-tokens 50\n"
        "  samba-cli generate --model runs/my-run/checkpoint-best --interactive --weights int8");
    generating->callback([options, &action] {
        action = [options](CommandContext& context) { return runGenerate(*options, context); };
    });
}

} // namespace samba::cli
