#include "app/cli/commands.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"
#include "engine/api/config_schema.h"
#include "engine/api/run_history.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace samba::cli {
namespace {

namespace fs = std::filesystem;

struct RunsOptions {
    std::string dir;
    bool printsJson = false;
};

struct ExportOptions {
    std::string run;
    std::string format;
    std::string output;
};

constexpr const char* kCsv = "csv";
constexpr const char* kJson = "json";

std::string stepOf(const RunSummary& run)
{
    const std::string step = formatInteger(run.step);
    return run.totalSteps > 0 ? step + '/' + formatInteger(run.totalSteps) : step;
}

std::string tableOf(const std::vector<RunSummary>& runs)
{
    using Align = TextTable::Align;
    TextTable table({{"RUN"},
                     {"STATE"},
                     {"MODEL"},
                     {"PARAMETERS", Align::Right},
                     {"STEP", Align::Right},
                     {"LOSS", Align::Right},
                     {"BEST VALIDATION", Align::Right},
                     {"STARTED"}});
    for (const RunSummary& run : runs)
        table.addRow({run.name, runStateName(run.state), run.modelType,
                      run.parameters > 0 ? formatInteger(run.parameters) : std::string(),
                      stepOf(run), formatNumber(run.lastLoss), formatNumber(run.bestValidationLoss),
                      formatMoment(run.startedAt)});
    return table.toString();
}

std::vector<RunSummary> findRuns(const fs::path& dir)
{
    if (isRunFolder(dir))
        return {readRun(dir).summary};
    return listRuns(dir);
}

ExitCode runRuns(const RunsOptions& options, CommandContext& context)
{
    const fs::path dir = options.dir.empty() ? defaultConfig().logging.outputDir : options.dir;
    if (!options.dir.empty() && !fs::is_directory(dir))
        throw Error(ErrorKind::File, "There is no folder '" + dir.string() + "'.",
                    "Name the folder that holds the runs, as logging.output_dir has it.");
    const std::vector<RunSummary> runs = findRuns(dir);
    if (options.printsJson) {
        Json json = Json::array();
        for (const RunSummary& run : runs)
            json.push_back(toJson(run));
        context.output.write(toText(json));
    } else if (runs.empty()) {
        context.console.note("There are no runs in '" + dir.string() +
                             "'; samba-cli train makes one.");
    } else {
        context.output.write(tableOf(runs));
    }
    return ExitCode::Done;
}

/// The format that was asked for, else that of the output's name, else CSV.
std::string formatOf(const ExportOptions& options)
{
    if (options.format.empty())
        return fs::path(options.output).extension() == ".json" ? kJson : kCsv;
    if (options.format != kCsv && options.format != kJson)
        throw Error(ErrorKind::InvalidArgument,
                    "--format must be csv or json, not \"" + options.format + "\".");
    return options.format;
}

ExitCode runExport(const ExportOptions& options, CommandContext& context)
{
    const bool isJson = formatOf(options) == kJson; // before the reading, not after it
    const RunHistory run = readRun(options.run);
    if (options.output.empty()) {
        context.output.write(isJson ? metricsAsJson(run) : metricsAsCsv(run));
        return ExitCode::Done;
    }
    if (isJson)
        exportMetricsJson(run, options.output);
    else
        exportMetricsCsv(run, options.output);
    context.console.note("The metrics are in '" + options.output + "'.");
    return ExitCode::Done;
}

void addRunsExportCommand(CLI::App& runs, CommandAction& action)
{
    const auto options = std::make_shared<ExportOptions>();
    CLI::App* command =
        runs.add_subcommand("export", "Write all metrics of a run as a table or as JSON");
    addText(*command, "RUN", options->run, "Run folder, or a folder of TensorBoard's event files")
        ->required();
    addText(*command, "--format", options->format,
            "csv or json; without: as --output ends, else csv")
        ->type_name("FORMAT");
    addText(*command, "--output", options->output, "File to write; without: standard output")
        ->type_name("FILE");
    command->footer("Examples:\n  samba-cli runs export runs/baseline > baseline.csv\n"
                    "  samba-cli runs export runs/baseline --output baseline.json");
    command->callback([options, &action] {
        action = [options](CommandContext& context) { return runExport(*options, context); };
    });
}

} // namespace

void addRunsCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<RunsOptions>();
    CLI::App* runs = app.add_subcommand("runs", "List the runs of a folder, or export one");
    runs->require_subcommand(0, 0); // none must follow: usage_error.cpp
    runs->add_option("DIR", options->dir, "Folder that holds the runs, or one run; without: runs");
    runs->add_flag("--json", options->printsJson, "Print JSON");
    runs->footer("Folders with TensorBoard's event files that other programs wrote are listed as "
                 "imported.\n\n"
                 "Examples:\n  samba-cli runs\n  samba-cli runs /data/runs --json\n"
                 "  samba-cli runs export runs/baseline > baseline.csv");
    addRunsExportCommand(*runs, action);
    runs->callback([options, runs, &action] {
        if (!runs->get_subcommands().empty())
            return; // its own callback has said what to do
        action = [options](CommandContext& context) { return runRuns(*options, context); };
    });
}

} // namespace samba::cli
