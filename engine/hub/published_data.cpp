#include "engine/hub/published_data.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace samba::hub {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr std::string_view kBuiltinStories = "stories";
constexpr std::string_view kWikitext = "Salesforce/wikitext";
constexpr std::string_view kTinyStories = "roneneldan/TinyStories";
constexpr std::array<std::string_view, 4> kWikitextConfigurations = {
    "wikitext-2-raw-v1", "wikitext-2-v1", "wikitext-103-raw-v1", "wikitext-103-v1"};

std::string lowerCase(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

/// A data set of the hub.
struct Published {
    std::string repo;
    std::string configuration; ///< empty: none
};

Published publishedOf(const DatasetConfig& dataset)
{
    const std::string name = lowerCase(dataset.name);
    if (std::ranges::find(kWikitextConfigurations, name) != kWikitextConfigurations.end())
        return {std::string(kWikitext), name};
    if (name == "tinystories" || name == lowerCase(std::string(kTinyStories)))
        return {std::string(kTinyStories), dataset.configName};
    if (name != "wikitext" && name != lowerCase(std::string(kWikitext)))
        return {dataset.name, dataset.configName};
    if (dataset.configName.empty())
        throw Error(ErrorKind::Config,
                    "The data set " + quotedText(dataset.name) +
                        " has several configurations and none is named.",
                    "Set dataset.config_name, for example to wikitext-2-raw-v1.");
    return {std::string(kWikitext), dataset.configName};
}

bool isInFolder(const std::string& file, const std::string& folder)
{
    return folder.empty() ? file.find('/') == std::string::npos : file.starts_with(folder + '/');
}

/// Where the wanted files lie: the configuration's folder, else `data`, else no folder.
std::string folderOf(const Names& names, const std::string& configuration)
{
    const auto exists = [&](const std::string& folder) {
        return std::ranges::any_of(names,
                                   [&](const auto& name) { return isInFolder(name, folder); });
    };
    if (!configuration.empty() && exists(configuration))
        return configuration;
    return exists("data") ? "data" : "";
}

std::optional<Names> chooseFiles(const Names& names, const std::string& configuration)
{
    const std::string folder = folderOf(names, configuration);
    for (const auto& endings :
         {Names{".parquet"}, Names{".jsonl", ".ndjson"}, Names{".txt", ".raw"}}) {
        Names chosen;
        std::ranges::copy_if(names, std::back_inserter(chosen), [&](const std::string& name) {
            return isInFolder(name, folder) &&
                   std::ranges::any_of(endings, [&](const auto& ending) {
                       return lowerCase(name).ends_with(ending);
                   });
        });
        if (!chosen.empty())
            return haveAllShards(chosen) ? std::optional(chosen) : std::nullopt;
    }
    return std::nullopt;
}

FileChoice dataFiles(const std::string& configuration)
{
    return {configuration.empty() ? "text files" : "text files of " + configuration,
            [configuration](const Names& names) { return chooseFiles(names, configuration); }};
}

DatasetConfig localDataset(DatasetConfig dataset)
{
    std::error_code ignored;
    const fs::path inside = fs::path(dataset.name) / dataset.configName;
    if (!dataset.configName.empty() && fs::is_directory(inside, ignored))
        dataset.name = inside.string();
    return dataset;
}

/// A misspelt path looks like a published name: both are said.
[[noreturn]] void failToLocate(const DatasetConfig& dataset, const Error& error)
{
    std::string reason = error.what();
    if (reason.ends_with('.'))
        reason.pop_back();
    throw Error(error.kind(),
                "The data set " + quotedText(dataset.name) +
                    " is no file or folder here, and it cannot be had from the hub: " + reason +
                    ".",
                error.remedy());
}

} // namespace

std::optional<DatasetConfig> locateDataset(const DatasetConfig& dataset, const HubClient& hub,
                                           const DownloadObserver& observer)
{
    std::error_code ignored;
    if (dataset.name == kBuiltinStories || dataset.name.empty())
        return dataset;
    if (fs::exists(dataset.name, ignored))
        return localDataset(dataset);
    const Published published = publishedOf(dataset);
    const std::optional<HubRepo> repo = parseRepo(RepoKind::Dataset, published.repo);
    // Not a name a hub could know: whoever opens the files says what is wrong with it.
    if (!repo || published.repo.find('/') == std::string::npos)
        return dataset;

    std::optional<Snapshot> snapshot;
    try {
        snapshot = hub.fetch(*repo, dataFiles(published.configuration), observer);
    } catch (const Error& error) {
        failToLocate(dataset, error);
    }
    if (!snapshot)
        return std::nullopt;
    DatasetConfig located = dataset;
    located.name = (snapshot->folder / folderOf(snapshot->files, published.configuration)).string();
    return located;
}

} // namespace samba::hub
