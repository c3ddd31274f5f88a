#include "app/cli/activation_picture.h"
#include "app/cli/activation_statistics.h"
#include "app/cli/commands.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"
#include "engine/io/atomic_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>

namespace samba::cli {
namespace {

namespace fs = std::filesystem;

struct InspectOptions {
    std::string model;
    std::string text;
    std::string output;
    double threshold = 1e-3;
};

enum class OutputKind { Picture, Data };

OutputKind outputKind(const std::string& output)
{
    std::string ending = fs::path(output).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (ending == ".png")
        return OutputKind::Picture;
    if (ending == ".json")
        return OutputKind::Data;
    throw Error(ErrorKind::InvalidArgument,
                "--output must end in .png or .json, not \"" + output + "\".",
                "A .png file gets the picture, a .json file the numbers.");
}

Json statisticsJson(const ChunkStatistics& statistics)
{
    return {{"near_zero", statistics.nearZero},
            {"l1", statistics.l1},
            {"rms", statistics.rms},
            {"max", statistics.maximum},
            {"attention", statistics.attention}};
}

/// Rows of `width` values each.
Json rowsOf(const std::vector<float>& values, int64_t width)
{
    Json rows = Json::array();
    for (size_t begin = 0; begin < values.size(); begin += static_cast<size_t>(width)) {
        const std::span<const float> row(values.data() + begin, static_cast<size_t>(width));
        rows.push_back(std::vector<float>(row.begin(), row.end()));
    }
    return rows;
}

Json frameJson(const ActivationFrame& frame, const std::vector<ChunkStatistics>& statistics,
               const InspectOptions& options)
{
    Json chunks = Json::array();
    for (size_t i = 0; i < statistics.size(); ++i) {
        Json chunk = statisticsJson(statistics[i]);
        chunk["values"] = rowsOf(frame.values[i], frame.dModel);
        chunks.push_back(chunk);
    }
    return {{"model", options.model},
            {"step", frame.step},
            {"text", options.text},
            {"threshold", options.threshold},
            {"positions", frame.seqLen},
            {"units", frame.dModel},
            {"token_ids", frame.tokenIds},
            {"tokens", frame.tokens},
            {"chunks", chunks},
            {"attention",
             frame.attention.empty() ? Json() : rowsOf(frame.attention, frame.chunkCount)}};
}

std::string reportText(const std::vector<ChunkStatistics>& statistics, const std::string& output)
{
    using Align = TextTable::Align;
    TextTable table({{"CHUNK", Align::Right},
                     {"NEAR ZERO", Align::Right},
                     {"L1", Align::Right},
                     {"RMS", Align::Right},
                     {"MAX", Align::Right},
                     {"ATTENTION", Align::Right}});
    for (size_t i = 0; i < statistics.size(); ++i) {
        const ChunkStatistics& s = statistics[i];
        table.addRow({std::to_string(i + 1), formatShare(s.nearZero), formatNumber(s.l1),
                      formatNumber(s.rms), formatNumber(s.maximum), formatShare(s.attention)});
    }
    return table.toString() + '\n' + output + '\n';
}

ExitCode runInspect(const InspectOptions& options, CommandContext& context)
{
    const OutputKind kind = outputKind(options.output);
    EngineClient engine(context.engineOptions(), context.console);
    ModelInfo info;
    if (engine.loadModel({options.model}, &info) == CommandEnd::Interrupted)
        return ExitCode::Interrupted;

    ActivationFramePtr frame;
    const CommandEnd end =
        engine.run(InspectText{options.text}, {.event = [&](const Event& event) {
                       if (const auto* inspected = std::get_if<TextInspected>(&event))
                           frame = inspected->frame;
                   }});
    if (end == CommandEnd::Interrupted || !frame)
        return ExitCode::Interrupted;

    const std::vector<ChunkStatistics> statistics = measureFrame(*frame, options.threshold);
    if (kind == OutputKind::Picture)
        savePicture({*frame, info, statistics, options.threshold}, options.output);
    else
        writeFileAtomically(options.output, toText(frameJson(*frame, statistics, options)));
    context.output.write(reportText(statistics, options.output));
    return ExitCode::Done;
}

} // namespace

void addInspectCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<InspectOptions>();
    CLI::App* inspect =
        app.add_subcommand("inspect", "Look at what each chunk puts out for a text");
    addText(*inspect, "--model", options->model, "Run, checkpoint or model folder, or builtin")
        ->required()
        ->type_name("MODEL");
    addText(*inspect, "--text", options->text, "Text to read")->required();
    addText(*inspect, "--output", options->output,
            "File to write: .png for a picture, .json for "
            "numbers")
        ->required()
        ->type_name("FILE");
    const auto takeThreshold = [options](const std::string& text) {
        options->threshold =
            parseNumber("--threshold", text, {.minimum = 0, .minimumIsExclusive = true});
    };
    inspect
        ->add_option_function<std::string>("--threshold", takeThreshold,
                                           "Entries with |x| below it count as zero")
        ->take_last()
        ->type_name("NUMBER")
        ->default_str("0.001");
    inspect->footer("Examples:\n"
                    "  samba-cli inspect --model builtin --text \"The fox ran home.\" "
                    "--output fox.png\n"
                    "  samba-cli inspect --model runs/my-run --text \"The fox\" --output fox.json");
    inspect->callback([options, &action] {
        action = [options](CommandContext& context) { return runInspect(*options, context); };
    });
}

} // namespace samba::cli
