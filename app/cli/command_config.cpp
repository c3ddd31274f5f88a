#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "engine/api/config_schema.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace samba::cli {
namespace {

struct ConfigOptions {
    std::vector<std::string> files;
    ConfigArguments shown;
    bool printsJson = false;
};

std::string plural(size_t count, const std::string& noun)
{
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

ExitCode check(const ConfigOptions& options, CommandContext& context)
{
    Json json = Json::array();
    bool areValid = true;
    for (const std::string& file : options.files) {
        const ConfigDocument document = readConfigFile(file);
        areValid &= document.isValid();
        Json issues = Json::array();
        for (const ConfigIssue& issue : document.issues()) {
            issues.push_back(toJson(issue));
            if (!options.printsJson)
                context.output.write(issue.toString() + '\n');
        }
        json.push_back({{"file", file}, {"valid", document.isValid()}, {"issues", issues}});
        if (!options.printsJson && document.isValid()) {
            const size_t warnings = document.issues().size();
            context.output.write(file + ": ok" +
                                 (warnings > 0 ? ", " + plural(warnings, "warning") : "") + '\n');
        }
    }
    if (options.printsJson)
        context.output.write(toText(json));
    return areValid ? ExitCode::Done : ExitCode::Usage;
}

ExitCode show(const ConfigOptions& options, CommandContext& context)
{
    const bool hasFile = !options.shown.file.empty();
    const ConfigDocument document = withAssignments(
        hasFile ? readConfigFile(options.shown.file) : ConfigDocument(), options.shown.assignments);
    requireValid(document, context.console);
    if (options.printsJson) {
        context.output.write(toText(toJson(document.config())));
        return ExitCode::Done;
    }
    // The document of defaults has every key with its help; a key's own text is kept where the
    // value is the default one anyway.
    ConfigDocument effective;
    for (const ConfigKey& key : configSchema()) {
        const ConfigValue value = key.get(document.config());
        if (value != key.defaultValue)
            effective = effective.withValue(key.path, value);
    }
    context.output.write(effective.text());
    return ExitCode::Done;
}

} // namespace

void addConfigCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<ConfigOptions>();
    CLI::App* config = app.add_subcommand("config", "Check, show and explain configurations");
    config->require_subcommand(0, 1);
    config->footer("Examples:\n"
                   "  samba-cli config check configs/*.yaml\n"
                   "  samba-cli config show configs/tiny_cpu.yaml --set training.lr=5e-4\n"
                   "  samba-cli config reference > docs/config-reference.md");

    CLI::App* checking =
        config->add_subcommand("check", "Report every problem with its place and a remedy");
    checking->add_option("FILE", options->files, "Configuration files")->required();
    checking->add_flag("--json", options->printsJson, "Print the problems as JSON");
    checking->footer("Lines are FILE:LINE:COLUMN: error: KEY: what is wrong. Exit code 2 if a "
                     "file cannot be used.\n\nExample:\n"
                     "  samba-cli config check configs/tiny_cpu.yaml");
    checking->callback([options, &action] {
        action = [options](CommandContext& context) { return check(*options, context); };
    });

    CLI::App* showing =
        config->add_subcommand("show", "Print every key with the value that holds, as YAML");
    showing->add_option("FILE", options->shown.file, "Configuration file; without: the defaults");
    addAssignments(*showing, options->shown);
    showing->add_flag("--json", options->printsJson, "Print JSON instead of YAML");
    showing->footer("Examples:\n"
                    "  samba-cli config show > my.yaml\n"
                    "  samba-cli config show configs/tiny_cpu.yaml --set model.n_layers=12");
    showing->callback([options, &action] {
        action = [options](CommandContext& context) { return show(*options, context); };
    });

    CLI::App* reference =
        config->add_subcommand("reference", "Print the page that describes every key, as Markdown");
    reference->footer("Example:\n  samba-cli config reference > docs/config-reference.md");
    reference->callback([&action] {
        action = [](CommandContext& context) {
            context.output.write(configReferenceMarkdown());
            return ExitCode::Done;
        };
    });
}

} // namespace samba::cli
