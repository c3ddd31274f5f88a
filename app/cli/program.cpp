#include "app/cli/program.h"

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/usage_error.h"
#include "app/program_name.h"

#include <csignal>
#include <exception>
#include <new>

namespace samba::cli {
namespace {

constexpr const char* kDescription =
    "Trains, inspects and runs sparse Mamba language models.\n"
    "MODEL is a run folder, a checkpoint folder, a model folder, a published name like\n"
    "state-spaces/mamba-130m-hf (downloaded once), or builtin (the shipped example).";

constexpr const char* kGlobalOptionsNote =
    "\n\nEvery command also takes --device, --threads, --quiet, --builtin and --allow-missing: "
    "samba-cli --help.";

constexpr const char* kExamples =
    "Examples:\n"
    "  samba-cli generate --model builtin --prompt \"Once upon a time\"\n"
    "  samba-cli train --config configs/tiny_cpu.yaml --set training.lr=5e-4\n"
    "  samba-cli train --resume runs/samba-20261123-090512\n\n"
    "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 not enough resources,\n"
    "130 interrupted.";

/// Accepts auto, cpu, cuda and cuda:N.
std::string checkedDevice(const std::string& device)
{
    const std::string number = device.starts_with("cuda:") ? device.substr(5) : "";
    const bool isNumbered = !number.empty() && number.size() <= 3 &&
                            number.find_first_not_of("0123456789") == std::string::npos;
    if (device == "auto" || device == "cpu" || device == "cuda" || isNumbered)
        return device;
    throw Error(ErrorKind::InvalidArgument,
                "--device must be auto, cpu, cuda or cuda:N, not \"" + device + "\".");
}

void addGlobalOptions(CLI::App& app, GlobalOptions& global)
{
    constexpr int64_t kMostThreads = 1024;
    app.add_option_function<std::string>(
           "--device", [&](const std::string& text) { global.device = checkedDevice(text); },
           "Where to compute: auto, cpu, cuda, cuda:N")
        ->take_last()
        ->type_name("DEVICE");
    addInteger(app, "--threads", global.threads, {0, kMostThreads}, "CPU threads; 0: all cores");
    app.add_flag("-q,--quiet", global.isQuiet, "Warnings and errors only on standard error");
    addText(app, "--builtin", global.builtinDir, "Folder of the shipped example")->type_name("DIR");
    addTexts(app, "--allow-missing", global.allowMissing,
             "Tensors that a model's file may lack, as 'readout.*'; they are filled afresh")
        ->type_name("PATTERN");
    addTexts(app, "--allow-unexpected", global.allowUnexpected,
             "Tensors that a model's file may have beyond its own")
        ->type_name("PATTERN");
    app.add_flag("--strict", global.isStrict,
                 "Refuse a model if any tensor is missing or unexpected (the default)");
}

void addCommands(CLI::App& app, CommandAction& action)
{
    addTrainCommand(app, action);
    addGenerateCommand(app, action);
    addEvalCommand(app, action);
    addInspectCommand(app, action);
    addInfoCommand(app, action);
    addDataCommand(app, action);
    addDoctorCommand(app, action);
    addEstimateCommand(app, action);
    addTokenizerCommand(app, action);
    addConfigCommand(app, action);
    addPullCommand(app, action);
    addRunsCommand(app, action);
    addVerifyCommand(app, action);
    addExportCommand(app, action);
    addDumpCommand(app, action);
    addSyncCommand(app, action);
    addBenchCommand(app, action);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; }))
        command->footer(command->get_footer() + kGlobalOptionsNote);
}

/// Reads the command line.
/// @return whether there is a command to run: not after --help and --version, which are answered.
/// @throws Error InvalidArgument for what cannot be understood.
bool parse(CLI::App& app, int argc, const char* const* argv, Output& output)
{
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        output.write(app.help());
        return false;
    } catch (const CLI::CallForVersion& version) {
        output.write(std::string(version.what()) + '\n');
        return false;
    } catch (const CLI::ArgumentMismatch& error) {
        // "--seed: 1 required NUMBER missing": the one mismatch that our options leave possible.
        const std::string message = error.what();
        throw usageError(app, message.substr(0, message.find(':')) + " needs a value.");
    } catch (const CLI::ParseError& error) {
        throw usageError(app, error.what());
    }
    requireCommand(app);
    return true;
}

ExitCode runCommandLine(int argc, const char* const* argv, Output& output, Console& console)
{
    CLI::App app(kDescription, "samba-cli");
    app.footer(kExamples);
    app.set_version_flag("--version", programName("samba-cli"),
                         "Say which version this is and end");
    app.set_help_flag("-h,--help", "Say what this does and end");
    app.get_formatter()->column_width(34);
    app.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app.get_formatter()->label("SUBCOMMANDS", "COMMANDS");
    app.get_formatter()->label("Subcommands", "Commands");
    app.get_formatter()->label("REQUIRED", "(required)");
    app.fallthrough();
    app.require_subcommand(0, 1); // requireCommand() says it in our words

    GlobalOptions global;
    CommandAction action;
    addGlobalOptions(app, global);
    addCommands(app, action);

    ExitCode code = ExitCode::Done;
    if (parse(app, argc, argv, output)) {
        console.setQuiet(global.isQuiet);
        if (global.isStrict && !(global.allowMissing.empty() && global.allowUnexpected.empty()))
            throw Error(ErrorKind::InvalidArgument,
                        "--strict allows no exceptions, but --allow-missing or --allow-unexpected "
                        "names some.",
                        "Leave one of them out.");
        CommandContext context{global, output, console};
        code = action(context);
    }
    output.flush();
    return code;
}

} // namespace

int runProgram(int argc, const char* const* argv)
{
    // A closed pipe is noticed where standard output is written; the engine must live on.
    std::signal(SIGPIPE, SIG_IGN);

    Console console;
    Output output;
    ExitCode code = ExitCode::Failed;
    try {
        code = runCommandLine(argc, argv, output, console);
    } catch (const OutputClosed&) {
        code = ExitCode::Done;
    } catch (const Error& error) {
        console.error(error.what(), error.remedy());
        code = exitCodeOf(error.kind());
    } catch (const std::bad_alloc&) {
        console.error("There is not enough memory for this.", "Choose a smaller job.");
        code = ExitCode::Refused;
    } catch (const std::exception& error) {
        console.error(error.what(), "This is a defect of the program: please report it.");
    }
    return static_cast<int>(code);
}

} // namespace samba::cli
