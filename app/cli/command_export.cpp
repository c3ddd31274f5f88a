#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace samba::cli {
namespace {

struct ExportOptions {
    ExportModel request;
    ConfigArguments config;
    bool ignoresPretrained = false;
    bool printsJson = false;
};

/// "5GB", "200MB", "300KB" or a number of bytes; decimal units, as transformers has them.
int64_t parseSize(const std::string& text)
{
    constexpr int64_t kMost = 1'000'000'000'000;
    const std::pair<const char*, int64_t> units[] = {
        {"KB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}};
    for (const auto& [unit, bytes] : units)
        if (text.ends_with(unit))
            return bytes * parseInteger("--max-shard-size", text.substr(0, text.size() - 2),
                                        {1, kMost / bytes});
    return parseInteger("--max-shard-size", text, {1, kMost});
}

ExportFormat parseFormat(const std::string& text)
{
    if (text == "hf")
        return ExportFormat::HuggingFace;
    if (text == "original")
        return ExportFormat::Original;
    if (text == "safetensors")
        return ExportFormat::Safetensors;
    throw Error(ErrorKind::InvalidArgument,
                "--format must be hf, original or safetensors, not \"" + text + "\".");
}

/// The configuration of a model to be made from nothing.
std::string freshConfig(const ExportOptions& options, CommandContext& context)
{
    ConfigDocument document =
        withAssignments(readConfigFile(options.config.file), options.config.assignments);
    requireValid(document, context.console);
    const bool wantsPretrained =
        document.config().pretrained.usePretrained && !options.ignoresPretrained;
    if (wantsPretrained)
        throw Error(ErrorKind::InvalidArgument,
                    "The configuration starts from pretrained weights, which are a model already.",
                    "Export those with --model, or add --no-pretrained for fresh random weights.");
    return document.text();
}

ExitCode runExport(ExportOptions options, CommandContext& context)
{
    if (options.request.source.empty() == options.config.file.empty())
        throw Error(ErrorKind::InvalidArgument,
                    "samba-cli export needs either --model or --config.",
                    "Name a model, or the configuration that makes one from nothing.");
    if (!options.config.file.empty())
        options.request.configText = freshConfig(options, context);

    std::optional<ModelExported> result;
    EngineClient engine(context.engineOptions(), context.console);
    const CommandEnd end =
        engine.run(options.request, {.event = [&](const Event& event) {
                       if (const auto* exported = std::get_if<ModelExported>(&event))
                           result = *exported;
                   }});
    if (end == CommandEnd::Interrupted || !result) {
        context.console.note("Interrupted; nothing was written.");
        return ExitCode::Interrupted;
    }
    for (const std::string& warning : result->warnings)
        context.console.warning(warning);
    if (options.printsJson) {
        const Json json = {{"output", result->outputDir},
                           {"files", result->files},
                           {"bytes", result->bytes},
                           {"warnings", result->warnings}};
        context.output.write(toText(json));
    } else {
        for (const std::string& file : result->files)
            context.output.write((std::filesystem::path(result->outputDir) / file).string() + '\n');
        context.console.note(std::to_string(result->files.size()) + " files, " +
                             formatBytes(static_cast<double>(result->bytes)));
    }
    return ExitCode::Done;
}

} // namespace

void addExportCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<ExportOptions>();
    ExportModel& request = options->request;
    CLI::App* command =
        app.add_subcommand("export", "Write a model's folder for transformers or mamba-ssm");
    addText(*command, "--model", request.source, "Run, checkpoint or model folder, or builtin")
        ->type_name("MODEL");
    addText(*command, "--config", options->config.file,
            "Instead: fresh random weights as this configuration makes them")
        ->type_name("FILE");
    addAssignments(*command, options->config);
    command->add_flag("--no-pretrained", options->ignoresPretrained,
                      "Fresh weights whatever the configuration says");
    command
        ->add_option_function<std::string>(
            "--format", [&request](const std::string& text) { request.format = parseFormat(text); },
            "hf: for transformers; original: for mamba-ssm, no transformers; safetensors: for this "
            "program, readout included")
        ->take_last()
        ->type_name("FORMAT")
        ->default_str("hf");
    addText(*command, "--output", request.outputDir, "Folder to make")
        ->required()
        ->type_name("DIR");
    addText(*command, "--dtype", request.dtype,
            "Store weights as f32, f16 or bf16; without: as they are")
        ->type_name("TYPE");
    command
        ->add_option_function<std::string>(
            "--max-shard-size",
            [&request](const std::string& text) { request.maxShardBytes = parseSize(text); },
            "Split safetensors beyond this size, as 500MB")
        ->take_last()
        ->type_name("SIZE")
        ->default_str("5GB");
    command->add_flag("--force", request.isReplacing, "Replace a model folder that is there");
    command->add_flag("--json", options->printsJson, "Print JSON");
    command->footer(
        "A Samba is exported to hf and original as the Mamba it is built on; its readout lies "
        "beside "
        "it in\nreadout.safetensors, which this program reads again.\n\n"
        "Examples:\n"
        "  samba-cli export --model runs/my-run --format hf --output my-model\n"
        "  samba-cli export --model my-model --format original --dtype f16 --output my-model-orig\n"
        "  samba-cli export --config configs/mamba_130m.yaml --no-pretrained --output random-130m");
    command->callback([options, &action] {
        action = [options](CommandContext& context) { return runExport(*options, context); };
    });
}

} // namespace samba::cli
