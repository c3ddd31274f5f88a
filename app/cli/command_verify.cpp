#include "app/cli/command_verify.h"

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/verification_text.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace samba::cli {
namespace {

struct VerifyOptions {
    std::string model;
    std::string against;
    bool printsJson = false;
};

ExitCode runVerify(const VerifyOptions& options, CommandContext& context)
{
    EngineClient engine(context.engineOptions(), context.console);
    const std::optional<ModelVerified> result =
        verifyModel(engine, {options.model, options.against}, context.console);
    if (!result)
        return ExitCode::Interrupted;
    if (options.printsJson) {
        Json json = toJson(*result->report);
        if (result->comparison)
            json["comparison"] = toJson(*result->comparison);
        context.output.write(toText(json));
    } else {
        context.output.write(result->comparison ? comparisonTable(*result->comparison)
                                                : verificationTable(*result->report));
    }
    const bool isGood =
        result->report->isSound() && (!result->comparison || result->comparison->isComparable());
    return isGood ? ExitCode::Done : ExitCode::Failed;
}

} // namespace

std::optional<ModelVerified> verifyModel(EngineClient& engine, const VerifyModel& request,
                                         Console& console)
{
    std::optional<ModelVerified> result;
    const CommandEnd end =
        engine.run(request, {.event = [&](const Event& event) {
                       if (const auto* verified = std::get_if<ModelVerified>(&event))
                           result = *verified;
                   }});
    if (end == CommandEnd::Interrupted || !result)
        return std::nullopt;
    for (const std::string& warning : result->report->warnings)
        console.warning(warning);
    for (const std::string& fault : result->report->faults)
        console.error(fault, {});
    return result;
}

void addVerifyCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App* verify =
        app.add_subcommand("verify", "Account for every tensor of a model, or compare two models");
    addText(*verify, "--model", options->model, "Run, checkpoint or model folder, or builtin")
        ->required()
        ->type_name("MODEL");
    addText(*verify, "--against", options->against,
            "Another model, compared tensor by tensor whatever its format")
        ->type_name("MODEL");
    verify->add_flag("--json", options->printsJson, "Print JSON");
    verify->footer("Exit code 1 if a tensor is missing, unexpected or misshapen, or the two models "
                   "do not have the same tensors.\n\n"
                   "Examples:\n"
                   "  samba-cli verify --model models/mamba-130m\n"
                   "  samba-cli verify --model models/mamba-130m --against models/mamba-130m-hf");
    verify->callback([options, &action] {
        action = [options](CommandContext& context) { return runVerify(*options, context); };
    });
}

} // namespace samba::cli
