#include "app/cli/commands.h"
#include "app/cli/config_arguments.h"
#include "app/cli/engine_client.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace samba::cli {
namespace {

struct DataOptions {
    ConfigArguments config;
    std::string data;
    std::string configName;
    std::string tokenizer;
    std::string textField;
    bool prepares = false;
    bool wantsBatch = false;
    bool printsJson = false;
};

/// The configuration with what the command line says of the data.
ConfigDocument dataDocument(const DataOptions& options, CommandContext& context)
{
    if (options.config.file.empty() && options.data.empty())
        throw Error(ErrorKind::InvalidArgument, "samba-cli data needs either --data or --config.",
                    "Name a data set, or the configuration that has one.");
    ConfigDocument document = options.config.file.empty() ? ConfigDocument::fromText({})
                                                          : readConfigFile(options.config.file);
    const std::pair<const char*, const std::string&> overrules[] = {
        {"dataset.name", options.data},
        {"dataset.config_name", options.configName},
        {"dataset.tokenizer", options.tokenizer},
        {"dataset.text_field", options.textField}};
    for (const auto& [path, value] : overrules)
        if (!value.empty())
            document = document.withValue(path, value);
    document = withAssignments(std::move(document), options.config.assignments);
    requireValid(document, context.console);
    return document;
}

std::string countText(int64_t count)
{
    return count < 0 ? "-" : formatInteger(count);
}

std::string infoText(const DataInfo& info)
{
    TextTable head({{}, {}});
    head.addRow({"Data", info.source == info.name ? info.name : info.name + ", " + info.source});
    head.addRow({"Tokenizer", info.tokenizer + ", " + formatInteger(info.tokenizerSize) +
                                  " entries, fingerprint " + info.tokenizerFingerprint});
    head.addRow({"Document end", info.endOfText.empty() ? "none" : info.endOfText});

    TextTable table({{"Split", TextTable::Align::Left},
                     {"Files", TextTable::Align::Right},
                     {"Size", TextTable::Align::Right},
                     {"Documents", TextTable::Align::Right},
                     {"Tokens", TextTable::Align::Right},
                     {"Bytes/token", TextTable::Align::Right},
                     {"Cache", TextTable::Align::Left}});
    for (const DataSplitInfo& split : info.splits) {
        const bool isReady = split.cacheState == CacheState::Ready && split.tokens > 0;
        table.addRow(
            {split.name,
             split.files.empty() ? "-" : formatInteger(static_cast<int64_t>(split.files.size())),
             formatBytes(static_cast<double>(split.fileBytes)), countText(split.documents),
             countText(split.tokens),
             isReady ? formatNumber(static_cast<double>(split.textBytes) /
                                    static_cast<double>(split.tokens))
                     : "-",
             cacheStateName(split.cacheState)});
    }
    return head.toString() + '\n' + table.toString();
}

/// Tokens between bars; a line end is shown and made.
std::string batchText(const BatchPreview& batch)
{
    std::string text;
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
        text += "\nSequence " + std::to_string(row + 1) + " of " +
                std::to_string(batch.rows.size()) + ", " + formatInteger(batch.seqLen) +
                " tokens to predict\n";
        for (const BatchPreview::Token& token : batch.rows[row]) {
            for (const char letter : token.text)
                text += letter == '\n' ? "\u21b5\n" : std::string(1, letter);
            text += '|';
        }
        text += '\n';
    }
    return text;
}

Json splitJson(const DataSplitInfo& split)
{
    const auto count = [](int64_t value) { return value < 0 ? Json() : Json(value); };
    return {{"name", split.name},
            {"files", split.files},
            {"file_bytes", split.fileBytes},
            {"documents", count(split.documents)},
            {"tokens", count(split.tokens)},
            {"text_bytes", count(split.textBytes)},
            {"cache", {{"state", cacheStateName(split.cacheState)}, {"file", split.cacheFile}}}};
}

Json batchJson(const BatchPreview& batch)
{
    Json rows = Json::array();
    for (const auto& row : batch.rows) {
        Json ids = Json::array();
        Json texts = Json::array();
        for (const BatchPreview::Token& token : row) {
            ids.push_back(token.id);
            texts.push_back(token.text);
        }
        rows.push_back({{"ids", ids}, {"texts", texts}});
    }
    return {{"seq_len", batch.seqLen}, {"rows", rows}};
}

std::string resultJson(const DataDescribed& result)
{
    const DataInfo& info = result.info;
    Json json = {{"name", info.name},
                 {"source", info.source},
                 {"tokenizer",
                  {{"name", info.tokenizer},
                   {"size", info.tokenizerSize},
                   {"fingerprint", info.tokenizerFingerprint},
                   {"end_of_text", info.endOfText.empty() ? Json() : Json(info.endOfText)}}}};
    json["splits"] = Json::array();
    for (const DataSplitInfo& split : info.splits)
        json["splits"].push_back(splitJson(split));
    if (result.batch)
        json["batch"] = batchJson(*result.batch);
    return toText(json);
}

ExitCode runData(const DataOptions& options, CommandContext& context)
{
    const ConfigDocument document = dataDocument(options, context);
    EngineClient engine(context.engineOptions(), context.console);
    std::optional<DataDescribed> result;
    const CommandEnd end =
        engine.run(DescribeData{.configText = document.text(),
                                .configName = document.fileName(),
                                .prepares = options.prepares,
                                .wantsBatch = options.wantsBatch},
                   {.event = [&](const Event& event) {
                       if (const auto* described = std::get_if<DataDescribed>(&event))
                           result = *described;
                   }});
    if (end == CommandEnd::Interrupted || !result) {
        context.console.note("Interrupted; what was tokenized so far is dropped.");
        return ExitCode::Interrupted;
    }
    if (options.printsJson)
        context.output.write(resultJson(*result));
    else
        context.output.write(infoText(result->info) +
                             (result->batch ? batchText(*result->batch) : std::string()));
    return ExitCode::Done;
}

void addDataOptions(CLI::App& app, DataOptions& options)
{
    addText(app, "--data", options.data,
            "File or folder of texts, a published data set, or stories")
        ->type_name("DATA");
    addText(app, "--config-name", options.configName,
            "Configuration of a published data set, as wikitext-2-raw-v1")
        ->type_name("NAME");
    addText(app, "--tokenizer", options.tokenizer,
            "tokenizer.json, a folder that holds one, or builtin; without: the configuration's")
        ->type_name("PATH");
    addText(app, "--text-field", options.textField, "Field or column that holds the text")
        ->type_name("NAME");
    addText(app, "--config", options.config.file, "Configuration whose data set is meant")
        ->type_name("FILE");
    addAssignments(app, options.config);
    app.add_flag("--batch", options.wantsBatch,
                 "Show the first batch as the model sees it; tokenizes the training split");
    app.add_flag("--json", options.printsJson, "Print JSON");
}

} // namespace

void addDataCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<DataOptions>();
    CLI::App* data = app.add_subcommand("data", "What a data set holds, and its tokens");
    data->require_subcommand(0, 1);
    data->footer("Examples:\n"
                 "  samba-cli data info --data stories --tokenizer builtin\n"
                 "  samba-cli data prepare --config configs/samba_130m.yaml");

    CLI::App* info = data->add_subcommand("info", "Splits, files, and tokens where there are any");
    addDataOptions(*info, *options);
    info->footer("Examples:\n"
                 "  samba-cli data info --data books/ --tokenizer my-tokens --batch\n"
                 "  samba-cli data info --config configs/samba_130m.yaml --json");
    info->callback([options, &action] {
        action = [options](CommandContext& context) { return runData(*options, context); };
    });

    CLI::App* prepare =
        data->add_subcommand("prepare", "Tokenize every split now, for all runs to come");
    addDataOptions(*prepare, *options);
    prepare->footer(
        "Ctrl-C ends it; a run would start it again.\n\n"
        "Example:\n  samba-cli data prepare --data wikitext-2-raw-v1 --tokenizer gpt2/");
    prepare->callback([options, &action] {
        options->prepares = true;
        action = [options](CommandContext& context) { return runData(*options, context); };
    });
}

} // namespace samba::cli
