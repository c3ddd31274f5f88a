#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "engine/api/config_document.h"
#include "engine/api/run_history.h"
#include "engine/runtime/wandb_sync.h"

#include <memory>

namespace samba::cli {
namespace {

ExitCode runWandb(const WandbSyncOptions& options)
{
    WandbSyncOptions complete = options;
    if (complete.project.empty() && isRunFolder(options.runDir))
        complete.project =
            ConfigDocument::fromFile(options.runDir / "config.yaml").config().logging.projectName;
    switch (syncToWandb(complete)) {
    case WandbSyncEnd::Done:
        return ExitCode::Done;
    case WandbSyncEnd::Failed:
        return ExitCode::Failed; // the helper has said why
    case WandbSyncEnd::NotInstalled:
        break;
    }
    throw Error(ErrorKind::File, wandbMissingMessage(complete), wandbMissingRemedy(complete));
}

void addWandbCommand(CLI::App& sync, CommandAction& action)
{
    const auto options = std::make_shared<WandbSyncOptions>();
    CLI::App* wandb = sync.add_subcommand("wandb", "Send a run to Weights & Biases");
    wandb
        ->add_option_function<std::string>(
            "RUN", [options](const std::string& text) { options->runDir = text; }, "Run folder")
        ->required();
    wandb->add_flag("--live", options->isLive, "Go on until the run ends");
    wandb->add_flag("--offline", options->isOffline,
                    "Write into the run folder's wandb/, to be sent later by wandb sync");
    addText(*wandb, "--project", options->project,
            "Project; without: the run's logging.project_name")
        ->type_name("NAME");
    addText(*wandb, "--python", options->python,
            "Python that has the package wandb; without: SAMBA_PYTHON, the sources' .venv, python3")
        ->type_name("FILE");
    wandb->footer("A run that is sent again becomes the same run there. The key is found by the "
                  "package itself\n(wandb login, WANDB_API_KEY).\n\n"
                  "Examples:\n  samba-cli sync wandb runs/baseline --project samba\n"
                  "  samba-cli sync wandb runs/baseline --offline");
    wandb->callback(
        [options, &action] { action = [options](CommandContext&) { return runWandb(*options); }; });
}

} // namespace

void addSyncCommand(CLI::App& app, CommandAction& action)
{
    CLI::App* sync = app.add_subcommand("sync", "Send a run to another program's dashboard");
    sync->require_subcommand(0, 1);
    sync->footer("Example:\n  samba-cli sync wandb runs/baseline");
    addWandbCommand(*sync, action);
}

} // namespace samba::cli
