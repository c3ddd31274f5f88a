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
                      formatInteger(run.parameters),
                      formatInteger(run.step) + '/' + formatInteger(run.totalSteps),
                      formatNumber(run.lastLoss), formatNumber(run.bestValidationLoss),
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

} // namespace

void addRunsCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<RunsOptions>();
    CLI::App* runs = app.add_subcommand("runs", "List the runs of a folder, the newest first");
    runs->add_option("DIR", options->dir, "Folder that holds the runs, or one run; without: runs");
    runs->add_flag("--json", options->printsJson, "Print JSON");
    runs->footer("Examples:\n  samba-cli runs\n  samba-cli runs /data/runs --json");
    runs->callback([options, &action] {
        action = [options](CommandContext& context) { return runRuns(*options, context); };
    });
}

} // namespace samba::cli
