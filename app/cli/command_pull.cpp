#include "app/cli/commands.h"
#include "app/cli/interrupts.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "engine/api/published_models.h"
#include "engine/hub/download_progress.h"
#include "engine/hub/hub_client.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace samba::cli {
namespace {

namespace fs = std::filesystem;

struct PullOptions {
    std::string name;
    std::string revision;
    std::vector<std::string> patterns;
    bool isDataset = false;
    bool isTokenizer = false;
    bool printsJson = false;
};

hub::HubRepo requestedRepo(const PullOptions& options)
{
    auto repo = hub::parseRepo(options.isDataset ? hub::RepoKind::Dataset : hub::RepoKind::Model,
                               options.revision.empty() ? options.name
                                                        : options.name + '@' + options.revision);
    if (!repo)
        throw Error(
            ErrorKind::InvalidArgument,
            "'" + options.name +
                (options.revision.empty() ? "" : "' with the revision '" + options.revision) +
                "' is no name that the hub could have.",
            "Write it as owner/name, like state-spaces/mamba-130m-hf.");
    return *repo;
}

/// All files of a data set but those about it.
hub::FileChoice dataFiles()
{
    return {"data files",
            [](const std::vector<std::string>& names) -> std::optional<std::vector<std::string>> {
                std::vector<std::string> chosen;
                std::ranges::copy_if(names, std::back_inserter(chosen), [](const auto& name) {
                    return !name.starts_with('.') && !name.ends_with(".md");
                });
                return chosen.empty() ? std::nullopt : std::optional(chosen);
            }};
}

hub::FileChoice requestedFiles(const PullOptions& options)
{
    if (!options.patterns.empty())
        return hub::filesMatching(options.patterns);
    if (options.isTokenizer)
        return hub::tokenizerFiles();
    return options.isDataset ? dataFiles() : hub::modelFiles();
}

int64_t sizeOf(const hub::Snapshot& snapshot)
{
    int64_t bytes = 0;
    for (const std::string& file : snapshot.files)
        bytes += static_cast<int64_t>(fs::file_size(snapshot.folder / file));
    return bytes;
}

/// Asks the hub for the newest state. Nothing after Ctrl-C.
std::optional<hub::Snapshot> pull(const hub::HubClient& client, const hub::HubRepo& repo,
                                  const hub::FileChoice& choice, CommandContext& context,
                                  const Interrupts& interrupts)
{
    try {
        auto snapshot = client.pull(repo, choice, [&](const hub::DownloadState& state) {
            context.console.progress(hub::downloadProgress(state), state.trouble);
            return !interrupts.isRequested();
        });
        context.console.endProgress();
        return snapshot;
    } catch (const Error& error) {
        const auto cached = client.cache().findComplete(repo, choice);
        if (error.kind() != ErrorKind::Network || !cached)
            throw;
        throw Error(error.kind(), error.what(),
                    error.remedy() + " The cache has '" + repo.text() + "' as of commit " +
                        cached->commit + ": it can be used as it is.");
    }
}

ExitCode runPull(const PullOptions& options, CommandContext& context)
{
    if (options.isDataset && options.isTokenizer)
        throw Error(ErrorKind::InvalidArgument, "--dataset and --tokenizer exclude each other.",
                    "Name one of them.");
    const hub::HubRepo repo = requestedRepo(options);
    const hub::HubClient client;
    const Interrupts interrupts;

    std::optional<hub::Snapshot> snapshot =
        pull(client, repo, requestedFiles(options), context, interrupts);
    // An original model is of no use without the tokenizer that its authors load from elsewhere.
    const PublishedModel* published = findPublishedModel(repo.name);
    const bool wantsTokenizer = published && !published->tokenizer.empty() && !options.isDataset &&
                                !options.isTokenizer && options.patterns.empty();
    bool isInterrupted = !snapshot;
    if (snapshot && wantsTokenizer)
        isInterrupted = !pull(client, {.name = published->tokenizer}, hub::tokenizerFiles(),
                              context, interrupts);
    if (isInterrupted) {
        context.console.note("The download was interrupted; the same command goes on with it.");
        return ExitCode::Interrupted;
    }

    const int64_t bytes = sizeOf(*snapshot);
    if (options.printsJson) {
        context.output.write(toText(Json{{"name", repo.name},
                                         {"revision", repo.revision},
                                         {"commit", snapshot->commit},
                                         {"folder", snapshot->folder.string()},
                                         {"bytes", bytes},
                                         {"files", snapshot->files}}));
    } else {
        context.console.note(repo.text() + ": " + std::to_string(snapshot->files.size()) +
                             " files, " + formatBytes(static_cast<double>(bytes)));
        context.output.write(snapshot->folder.string() + '\n');
    }
    return ExitCode::Done;
}

} // namespace

void addPullCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<PullOptions>();
    CLI::App* pull = app.add_subcommand(
        "pull", "Download a published model, tokenizer or data set, or what is new of it");
    pull->add_option("NAME", options->name, "owner/name or owner/name@revision")->required();
    addText(*pull, "--revision", options->revision, "Branch, tag or commit; without: main")
        ->type_name("REVISION");
    pull->add_flag("--dataset", options->isDataset, "NAME is a data set");
    pull->add_flag("--tokenizer", options->isTokenizer, "The tokenizer of the model NAME alone");
    addTexts(*pull, "--files", options->patterns, "These files alone; * matches within a folder")
        ->type_name("PATTERN");
    pull->add_flag("--json", options->printsJson, "Print JSON");
    pull->footer(
        "The folder of the files is printed. It lies in the cache that Python's huggingface_hub "
        "uses too,\nand HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE are "
        "honoured.\n\n"
        "Examples:\n"
        "  samba-cli pull state-spaces/mamba-130m-hf\n"
        "  samba-cli pull EleutherAI/gpt-neox-20b --tokenizer\n"
        "  samba-cli pull Salesforce/wikitext --dataset --files 'wikitext-2-raw-v1/*.parquet'");
    pull->callback([options, &action] {
        action = [options](CommandContext& context) { return runPull(*options, context); };
    });
}

} // namespace samba::cli
