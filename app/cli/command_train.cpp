#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/data_location.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/model_table.h"
#include "app/cli/options.h"
#include "app/cli/training_report.h"
#include "engine/text/corpus.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <utility>

namespace samba::cli {
namespace {

namespace fs = std::filesystem;

struct TrainOptions {
    ConfigArguments config;
    bool ignoresPretrained = false;
    int64_t maxSteps = 0;
    std::string resumedRun;
    std::string outputDir;
    bool printsJson = false;
    bool isDryRun = false;
};

/// The configuration that was named, or the built-in example's.
ConfigDocument baseDocument(const TrainOptions& options, CommandContext& context)
{
    if (!options.config.file.empty())
        return readConfigFile(options.config.file);
    const fs::path builtin = context.builtinDir() / "config.yaml";
    if (!fs::exists(builtin))
        throw Error(ErrorKind::Config,
                    "There is no configuration: the built-in example's was not found at '" +
                        builtin.string() + "'.",
                    "Name one with --config, or the example's folder with --builtin.");
    context.console.note("Using the built-in example's configuration, " + builtin.string() +
                         "; --config names another.");
    return readConfigFile(builtin);
}

/// The document to train from. Everything that overrules it is written into its text, so that the
/// run folder tells what was used.
ConfigDocument trainingDocument(const TrainOptions& options, CommandContext& context)
{
    ConfigDocument document =
        withAssignments(baseDocument(options, context), options.config.assignments);
    requireValid(document, context.console);
    if (options.ignoresPretrained)
        document = document.withValue("pretrained.use_pretrained", false);
    if (options.maxSteps > 0)
        document = document.withValue("training.max_steps", options.maxSteps);
    if (context.global.threads > 0)
        document = document.withValue("training.threads", context.global.threads);
    if (context.global.device != "auto")
        document = document.withValue("training.device", context.global.device);
    return document;
}

ExitCode runDry(const TrainOptions& options, const ConfigDocument& document,
                CommandContext& context)
{
    const Config& config = document.config();
    ModelInfo info = describeModel(resolvedModel(config, context.builtinDir()));
    info.name = document.fileName().empty() ? "new " + info.type
                                            : fs::path(document.fileName()).filename().string();
    openDocuments(locatedDataset(config.dataset, context.console),
                  Split::Train); // throws if there is nothing to train on
    context.output.write(options.printsJson ? toText(toJson(info)) : modelTable(info));
    context.console.note("The configuration is valid; nothing was trained (--dry-run).");
    return ExitCode::Done;
}

ExitCode runTraining(CommandBody body, bool printsJson, CommandContext& context)
{
    EngineClient engine(context.engineOptions(), context.console);
    TrainingReport report(context.console);
    const CommandEnd end = engine.run(
        std::move(body), {.event = [&](const Event& event) { report.see(event); },
                          .metrics = [&](const StepMetrics& metrics) { report.see(metrics); },
                          .progress = [&](const Progress& progress) { report.see(progress); }});
    if (!report.hasEnded()) {
        context.console.note("Interrupted before the run began; nothing was written.");
        return ExitCode::Interrupted;
    }
    context.output.write(printsJson ? toText(report.json()) : report.text());
    context.output.flush();
    if (report.isComplete())
        return ExitCode::Done;
    context.console.note("Resume with: " + report.resumeCommand());
    return end == CommandEnd::Interrupted ? ExitCode::Interrupted : ExitCode::Failed;
}

/// A resumed run is the same run: what decides its course was said when it began.
void requireNothingButResume(const TrainOptions& options)
{
    const std::pair<const char*, bool> others[] = {
        {"--config", !options.config.file.empty()},
        {"--set", !options.config.assignments.empty()},
        {"--no-pretrained", options.ignoresPretrained},
        {"--max-steps", options.maxSteps > 0},
        {"--output", !options.outputDir.empty()},
        {"--dry-run", options.isDryRun},
    };
    for (const auto& [name, isGiven] : others)
        if (isGiven)
            throw Error(ErrorKind::InvalidArgument,
                        std::string(name) + " cannot change a run that is resumed.",
                        "Leave it out, or start a new run without --resume.");
}

ExitCode runTrain(const TrainOptions& options, CommandContext& context)
{
    if (!options.resumedRun.empty()) {
        requireNothingButResume(options);
        return runTraining(ResumeTraining{options.resumedRun}, options.printsJson, context);
    }
    const ConfigDocument document = trainingDocument(options, context);
    if (options.isDryRun)
        return runDry(options, document, context);
    return runTraining(StartTraining{document.text(), document.fileName(), options.outputDir},
                       options.printsJson, context);
}

} // namespace

void addTrainCommand(CLI::App& app, CommandAction& action)
{
    constexpr int64_t kMostSteps = 1'000'000'000'000;
    const auto options = std::make_shared<TrainOptions>();
    CLI::App* train = app.add_subcommand("train", "Train a model in a new run folder, or go on");
    addText(*train, "--config", options->config.file,
            "Configuration; without: the built-in example's")
        ->type_name("FILE");
    addAssignments(*train, options->config);
    train->add_flag("--no-pretrained", options->ignoresPretrained,
                    "Start from fresh weights whatever the configuration says");
    addInteger(*train, "--max-steps", options->maxSteps, {1, kMostSteps}, "Train so many steps");
    addText(*train, "--resume", options->resumedRun,
            "Go on with a run from its newest checkpoint, with its own configuration")
        ->type_name("RUN");
    addText(*train, "--output", options->outputDir,
            "Run folder to make; without: a new one in logging.output_dir")
        ->type_name("DIR");
    train->add_flag("--dry-run", options->isDryRun,
                    "Check everything and count parameters, train nothing");
    train->add_flag("--json", options->printsJson, "Print the result as JSON");
    train->footer(
        "The run folder's path and the losses go to standard output. Ctrl-C ends the run after a "
        "checkpoint\n(exit code 130); a second one ends it at once.\n\n"
        "Examples:\n"
        "  samba-cli train\n"
        "  samba-cli train --config configs/tiny_cpu.yaml --set training.lr=5e-4 --max-steps 500\n"
        "  samba-cli train --set model.type=mamba --max-steps 5000 --output runs/baseline\n"
        "  samba-cli train --resume runs/baseline");
    train->callback([options, &action] {
        action = [options](CommandContext& context) { return runTrain(*options, context); };
    });
}

} // namespace samba::cli
