#include "app/cli/commands.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace samba::cli {
namespace {

std::string reportText(const DeviceReport& report)
{
    TextTable table({{}, {}, {}});
    for (const DeviceReport::Finding& finding : report.findings)
        table.addRow({finding.topic, finding.inUse, finding.reason});
    return table.toString();
}

std::string reportJson(const DeviceReport& report)
{
    Json findings = Json::array();
    for (const DeviceReport::Finding& finding : report.findings)
        findings.push_back({{"topic", finding.topic},
                            {"in_use", finding.inUse},
                            {"reason", finding.reason.empty() ? Json() : Json(finding.reason)}});
    return toText(
        {{"device", report.device.empty() ? Json() : Json(report.device)}, {"findings", findings}});
}

ExitCode runDoctor(bool printsJson, CommandContext& context)
{
    EngineClient engine(context.engineOptions(), context.console);
    std::optional<DeviceReport> report;
    const CommandEnd end =
        engine.run(DescribeDevice{}, {.event = [&](const Event& event) {
                       if (const auto* described = std::get_if<DeviceDescribed>(&event))
                           report = described->report;
                   }});
    if (end == CommandEnd::Interrupted || !report)
        return ExitCode::Interrupted;
    context.output.write(printsJson ? reportJson(*report) : reportText(*report));
    return report->device.empty() ? ExitCode::Failed : ExitCode::Done;
}

} // namespace

void addDoctorCommand(CLI::App& app, CommandAction& action)
{
    const auto printsJson = std::make_shared<bool>(false);
    CLI::App* doctor =
        app.add_subcommand("doctor", "What device and kernels are in use here, and why");
    doctor->add_flag("--json", *printsJson, "Print JSON");
    doctor->footer("Fails (exit code 1) if the device asked for by --device cannot be used.\n\n"
                   "Examples:\n"
                   "  samba-cli doctor\n"
                   "  samba-cli doctor --device cuda");
    doctor->callback([printsJson, &action] {
        action = [printsJson](CommandContext& context) { return runDoctor(*printsJson, context); };
    });
}

} // namespace samba::cli
