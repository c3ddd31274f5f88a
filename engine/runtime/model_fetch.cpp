#include "engine/runtime/model_fetch.h"

#include "engine/api/error.h"
#include "engine/hub/download_progress.h"
#include "engine/hub/hub_client.h"
#include "engine/io/model_source.h"
#include "engine/io/text_file.h"
#include "engine/runtime/event_sink.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <system_error>

namespace samba {
namespace {

namespace fs = std::filesystem;

/// The repository that a source names; nothing if it means something on this machine.
std::optional<hub::HubRepo> publishedRepo(const std::string& source)
{
    std::error_code error;
    if (source == kBuiltinSource || fs::exists(source, error))
        return std::nullopt;
    return parsePublishedName(source);
}

/// Downloads a repository's files with progress. False if cancelled.
bool fetch(const hub::HubClient& client, const hub::HubRepo& repo, const hub::FileChoice& choice,
           EventSink& events, const std::function<bool()>& goesOn)
{
    std::string lastTrouble;
    return client
        .fetch(repo, choice,
               [&](const hub::DownloadState& state) {
                   if (state.trouble != lastTrouble && !state.trouble.empty())
                       events.log(LogLevel::Info, repo.text() + ": " + state.trouble + ".");
                   lastTrouble = state.trouble;
                   events.setProgress(hub::downloadProgress(state));
                   return goesOn();
               })
        .has_value();
}

/// Whether a config.json describes a model that this program may load.
bool isModelConfig(const fs::path& file)
{
    constexpr size_t kMaxConfigBytes = 1 << 20;
    const auto json = nlohmann::json::parse(readTextFile(file, kMaxConfigBytes), nullptr, false);
    if (!json.is_object())
        return false;
    const auto type = json.find("model_type");
    if (type != json.end())
        return *type == "mamba" || *type == "samba" || *type == "gpt2";
    return json.contains("d_model") && json.contains("n_layer") && json.contains("ssm_cfg");
}

PretrainedModel describeCached(const std::string& name, const hub::Snapshot& snapshot)
{
    PretrainedModel model{.name = name, .folder = snapshot.folder.string()};
    for (const std::string& file : snapshot.files) {
        std::error_code error;
        const uintmax_t size = fs::file_size(snapshot.folder / file, error);
        if (!error)
            model.diskBytes += static_cast<int64_t>(size);
    }
    return model;
}

} // namespace

bool fetchModel(const std::string& source, EventSink& events, const std::function<bool()>& goesOn)
{
    const std::optional<hub::HubRepo> repo = publishedRepo(source);
    if (!repo)
        return true;
    const hub::HubClient client;
    try {
        if (!fetch(client, *repo, hub::modelFiles(), events, goesOn))
            return false;
    } catch (const Error& error) {
        // It may have been meant for a folder.
        throw Error(error.kind(), "There is no folder '" + source + "' here. " + error.what(),
                    error.remedy());
    }
    const PublishedModel* published = findPublishedModel(repo->name);
    if (!published || published->tokenizer.empty())
        return true;
    try {
        return fetch(client, {.name = published->tokenizer}, hub::tokenizerFiles(), events, goesOn);
    } catch (const Error& error) {
        // The weights alone can be looked at; that the tokenizer is missing is said when loaded.
        events.log(LogLevel::Warning, std::string(error.what()) + ' ' + error.remedy());
        return true;
    }
}

bool fetchTokenizer(const std::string& name, EventSink& events, const std::function<bool()>& goesOn)
{
    const std::optional<hub::HubRepo> repo = publishedRepo(name);
    try {
        return !repo || fetch(hub::HubClient(), *repo, hub::tokenizerFiles(), events, goesOn);
    } catch (const Error& error) {
        throw Error(error.kind(),
                    "dataset.tokenizer: there is no tokenizer at '" + name + "' here. " +
                        error.what(),
                    error.remedy());
    }
}

std::vector<PretrainedModel> listPretrained()
{
    const hub::HubCache cache(hub::HubSettings::fromEnvironment().cacheDir);
    std::vector<PretrainedModel> models;
    for (const PublishedModel& published : publishedModels()) {
        const auto snapshot = cache.findComplete({.name = published.name}, hub::modelFiles());
        models.push_back(snapshot ? describeCached(published.name, *snapshot)
                                  : PretrainedModel{published.name, {}, 0});
    }
    for (const std::string& name : cache.repoNames(hub::RepoKind::Model)) {
        if (findPublishedModel(name))
            continue;
        const auto snapshot = cache.findComplete({.name = name}, hub::modelFiles());
        if (snapshot && isModelConfig(snapshot->folder / "config.json"))
            models.push_back(describeCached(name, *snapshot));
    }
    return models;
}

} // namespace samba
