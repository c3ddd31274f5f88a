#include "app/cli/commands.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace samba::cli {
namespace {

struct BenchOptions {
    std::vector<std::string> names;
    int64_t repeats = 5;
    bool isTiny = false;
    bool printsList = false;
    bool printsJson = false;
};

std::string listText(const std::vector<BenchmarkInfo>& benchmarks)
{
    TextTable table({{}, {}});
    for (const BenchmarkInfo& benchmark : benchmarks)
        table.addRow({benchmark.name, benchmark.summary + (benchmark.isLong ? " (minutes)" : "")});
    return table.toString();
}

std::string listJson(const std::vector<BenchmarkInfo>& benchmarks)
{
    Json json = Json::array();
    for (const BenchmarkInfo& benchmark : benchmarks)
        json.push_back({{"name", benchmark.name},
                        {"summary", benchmark.summary},
                        {"rivalNote", benchmark.rivalNote},
                        {"long", benchmark.isLong}});
    return toText(json);
}

std::string resultTable(const std::vector<BenchmarkResult>& results)
{
    using Align = TextTable::Align;
    TextTable table({{"Benchmark"},
                     {"Value", Align::Right},
                     {"Spread", Align::Right},
                     {"Limit", Align::Right},
                     {"Unit"},
                     {"Ratio", Align::Right},
                     {"Quiet"}});
    for (const BenchmarkResult& result : results)
        table.addRow({result.name, formatNumber(result.value), formatShare(result.spread),
                      formatNumber(result.limit), result.unit, formatNumber(result.ratio),
                      result.isQuiet ? "yes" : "no"});
    return table.toString();
}

/// What the figures of a table mean, a line for each benchmark that has something to say.
std::string remarks(const std::vector<BenchmarkResult>& results)
{
    std::string text;
    for (const BenchmarkResult& result : results) {
        text += result.name + ": the limit is " + result.limitNote;
        for (const std::string& part : {result.note, result.rivalNote})
            if (!part.empty())
                text += "; " + part;
        text += ".\n";
    }
    return text;
}

ExitCode runBench(const BenchOptions& options, CommandContext& context)
{
    // Also before the engine starts: a name that is none should not wait for it.
    const std::vector<BenchmarkInfo> chosen = chooseBenchmarks(options.names);
    if (options.printsList) {
        const std::vector<BenchmarkInfo>& listed =
            options.names.empty() ? benchmarkCatalogue() : chosen;
        context.output.write(options.printsJson ? listJson(listed) : listText(listed));
        return ExitCode::Done;
    }
    std::vector<BenchmarkResult> results;
    EngineClient engine(context.engineOptions(), context.console);
    const CommandEnd end = engine.run(
        RunBenchmarks{options.names, options.repeats, options.isTiny},
        {.event = [&](const Event& event) {
            if (const auto* measured = std::get_if<BenchmarkMeasured>(&event)) {
                results.push_back(measured->result);
                if (!measured->result.isQuiet)
                    context.console.warning(measured->result.name + ": the machine is not quiet: " +
                                            measured->result.loadNote);
            } else if (const auto* skipped = std::get_if<BenchmarkSkipped>(&event)) {
                context.console.warning(skipped->name + " is left out: " + skipped->reason);
            }
        }});
    Json json = Json::array();
    for (const BenchmarkResult& result : results)
        json.push_back(toJson(result));
    if (options.printsJson)
        context.output.write(toText(json));
    else if (!results.empty())
        context.output.write(resultTable(results) + '\n' + remarks(results));
    if (end == CommandEnd::Interrupted)
        return ExitCode::Interrupted;
    return results.empty() ? ExitCode::Refused : ExitCode::Done;
}

} // namespace

void addBenchCommand(CLI::App& app, CommandAction& action)
{
    constexpr int64_t kMostRepeats = 1000;
    const auto options = std::make_shared<BenchOptions>();
    CLI::App* bench =
        app.add_subcommand("bench", "Speed and memory, against the limits of this machine");
    bench->add_option("NAME", options->names,
                      "Benchmarks or groups, as decode.f32 or decode; without: all that take "
                      "seconds");
    addInteger(*bench, "--repeats", options->repeats, {1, kMostRepeats},
               "Measurements of each; without: 5");
    bench->add_flag("--list", options->printsList, "Say which benchmarks there are and end");
    bench->add_flag("--tiny", options->isTiny,
                    "Toy sizes: shows that the benchmarks work, not how fast the machine is");
    bench->add_flag("--json", options->printsJson, "Print JSON");
    bench->footer("Value and limit are measured in turn; the figures are medians. The ratio says "
                  "how near the value comes\nto the limit, 1 being there.\n\nExamples:\n"
                  "  samba-cli bench decode prefill\n"
                  "  samba-cli bench scan.forward --repeats 20 --json\n"
                  "  samba-cli bench train.small.8x256.fp32.sequential\n"
                  "  samba-cli bench --device cuda scan train");
    bench->callback([options, &action] {
        action = [options](CommandContext& context) { return runBench(*options, context); };
    });
}

} // namespace samba::cli
