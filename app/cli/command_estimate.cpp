#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"
#include "engine/api/memory_estimate.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace samba::cli {
namespace {

struct EstimateOptions {
    ConfigArguments config;
    bool printsJson = false;
};

std::string estimateText(const MemoryEstimate& estimate)
{
    TextTable table({{"Part", TextTable::Align::Left}, {"Memory", TextTable::Align::Right}});
    table.addRow({"weights", formatBytes(estimate.weights)});
    table.addRow({"gradients", formatBytes(estimate.gradients)});
    table.addRow({"optimizer", formatBytes(estimate.optimizer)});
    table.addRow({"activations", formatBytes(estimate.activations)});
    table.addRow({"workspace", formatBytes(estimate.workspace)});
    table.addRow({"total", formatBytes(estimate.total())});
    return table.toString();
}

std::string estimateJson(const MemoryEstimate& estimate)
{
    return toText({{"weights", estimate.weights},
                   {"gradients", estimate.gradients},
                   {"optimizer", estimate.optimizer},
                   {"activations", estimate.activations},
                   {"workspace", estimate.workspace},
                   {"total", estimate.total()}});
}

ExitCode runEstimate(const EstimateOptions& options, CommandContext& context)
{
    const ConfigDocument document =
        withAssignments(readConfigFile(options.config.file), options.config.assignments);
    requireValid(document, context.console);
    Config config = document.config();
    config.model = resolvedModel(config, context.builtinDir());
    const MemoryEstimate estimate = estimateTrainingMemory(config);
    context.output.write(options.printsJson ? estimateJson(estimate) : estimateText(estimate));
    return ExitCode::Done;
}

} // namespace

void addEstimateCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<EstimateOptions>();
    CLI::App* estimate =
        app.add_subcommand("estimate", "Memory that training a configuration will take");
    addText(*estimate, "--config", options->config.file, "Configuration of the run")
        ->required()
        ->type_name("FILE");
    addAssignments(*estimate, options->config);
    estimate->add_flag("--json", options->printsJson, "Print JSON, in bytes");
    estimate->footer(
        "Memory at a training step's fullest moment in float32 on the CPU, beyond what "
        "the program itself\ntakes.\n\n"
        "Examples:\n"
        "  samba-cli estimate --config configs/samba_130m.yaml\n"
        "  samba-cli estimate --config configs/samba_130m.yaml --set "
        "training.batch_size=1");
    estimate->callback([options, &action] {
        action = [options](CommandContext& context) { return runEstimate(*options, context); };
    });
}

} // namespace samba::cli
