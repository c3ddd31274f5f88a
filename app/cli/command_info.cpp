#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/model_table.h"
#include "app/cli/options.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace samba::cli {
namespace {

struct InfoOptions {
    std::string model;
    ConfigArguments config;
    bool printsJson = false;
};

ModelInfo describeConfig(const InfoOptions& options, CommandContext& context)
{
    const ConfigDocument document =
        withAssignments(readConfigFile(options.config.file), options.config.assignments);
    requireValid(document, context.console);
    ModelInfo info = describeModel(resolvedModel(document.config(), context.builtinDir()));
    info.name = std::filesystem::path(options.config.file).filename().string();
    return info;
}

ExitCode runInfo(const InfoOptions& options, CommandContext& context)
{
    if (options.model.empty() == options.config.file.empty())
        throw Error(ErrorKind::InvalidArgument, "samba-cli info needs either --model or --config.",
                    "Name a model, or the configuration that would make one.");
    if (!options.model.empty() && !options.config.assignments.empty())
        throw Error(ErrorKind::InvalidArgument, "--set changes a configuration, not a model.",
                    "Use it with --config, or leave it out.");
    ModelInfo info;
    if (options.model.empty()) {
        info = describeConfig(options, context);
    } else {
        EngineClient engine(context.engineOptions(), context.console);
        if (engine.loadModel(options.model, &info) == CommandEnd::Interrupted)
            return ExitCode::Interrupted;
    }
    context.output.write(options.printsJson ? toText(toJson(info)) : modelTable(info));
    return ExitCode::Done;
}

} // namespace

void addInfoCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<InfoOptions>();
    CLI::App* info = app.add_subcommand("info", "Parameters by part, memory and chunks of a model");
    addText(*info, "--model", options->model, "Run, checkpoint or model folder, or builtin")
        ->type_name("MODEL");
    addText(*info, "--config", options->config.file, "Configuration of a model yet to be made")
        ->type_name("FILE");
    addAssignments(*info, options->config);
    info->add_flag("--json", options->printsJson, "Print JSON");
    info->footer("Examples:\n"
                 "  samba-cli info --model builtin\n"
                 "  samba-cli info --config configs/samba_130m.yaml --set model.n_layers=48\n"
                 "  samba-cli info --model runs/my-run/checkpoint-best --json");
    info->callback([options, &action] {
        action = [options](CommandContext& context) { return runInfo(*options, context); };
    });
}

} // namespace samba::cli
