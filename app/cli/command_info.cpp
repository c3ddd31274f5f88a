#include "app/cli/command_verify.h"
#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/model_table.h"
#include "app/cli/options.h"
#include "app/cli/verification_text.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace samba::cli {
namespace {

struct InfoOptions {
    std::string model;
    ConfigArguments config;
    bool printsJson = false;
    bool isVerified = false;
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

/// Describes a model after its tensors have been accounted for; a model that is not usable is
/// described by what is wrong with it.
ExitCode runVerifiedInfo(const InfoOptions& options, CommandContext& context)
{
    EngineClient engine(context.engineOptions(), context.console);
    const std::optional<ModelVerified> verified =
        verifyModel(engine, {options.model, {}}, context.console);
    if (!verified)
        return ExitCode::Interrupted;
    const VerificationReport& report = *verified->report;
    Json json = Json::object();
    std::string text;
    if (report.isSound()) {
        ModelInfo info;
        if (engine.run(LoadModel{options.model}, {.event = [&](const Event& event) {
                           if (const auto* loaded = std::get_if<ModelLoaded>(&event))
                               info = loaded->info;
                       }}) == CommandEnd::Interrupted)
            return ExitCode::Interrupted;
        json = toJson(info);
        text = modelTable(info) + '\n';
    }
    json["verification"] = toJson(report);
    context.output.write(options.printsJson ? toText(json) : text + verificationTable(report));
    return report.isSound() ? ExitCode::Done : ExitCode::Failed;
}

ExitCode runInfo(const InfoOptions& options, CommandContext& context)
{
    if (options.model.empty() == options.config.file.empty())
        throw Error(ErrorKind::InvalidArgument, "samba-cli info needs either --model or --config.",
                    "Name a model, or the configuration that would make one.");
    if (!options.model.empty() && !options.config.assignments.empty())
        throw Error(ErrorKind::InvalidArgument, "--set changes a configuration, not a model.",
                    "Use it with --config, or leave it out.");
    if (options.isVerified && options.model.empty())
        throw Error(ErrorKind::InvalidArgument, "--verify needs files to verify.",
                    "Name them with --model.");
    if (options.isVerified)
        return runVerifiedInfo(options, context);
    ModelInfo info;
    if (options.model.empty()) {
        info = describeConfig(options, context);
    } else {
        EngineClient engine(context.engineOptions(), context.console);
        if (engine.loadModel({options.model}, &info) == CommandEnd::Interrupted)
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
    info->add_flag("--verify", options->isVerified,
                   "Account for every tensor; exit code 1 if anything is wrong");
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
