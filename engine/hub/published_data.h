#pragma once

#include "engine/api/config.h"
#include "engine/hub/hub_client.h"

#include <optional>

namespace samba::hub {

/// The data set with its name turned into a file or folder on this machine.
///
/// `dataset.name` is, the first that applies,
/// - `stories`, or a file or folder here: stays as it is, but for a folder that has one of the name
///   `dataset.config_name` in it, which is then the one meant;
/// - `wikitext` with a configuration, or the configuration alone (`wikitext-2-raw-v1`), and
///   `tinystories`: the data sets Salesforce/wikitext and roneneldan/TinyStories;
/// - `owner/name`, a data set of the hub, `dataset.config_name` naming the folder in it.
/// From the hub come Parquet, JSON-lines or text files, in this order of preference, of the
/// configuration's folder, else of the folder `data`, else those that lie in no folder.
///
/// @return  nothing if `observer` cancelled a download.
/// @throws Error  Config for a name that means nothing or lacks its configuration; as
///                HubClient::fetch(). Thread: any.
std::optional<DatasetConfig> locateDataset(const DatasetConfig& dataset, const HubClient& hub,
                                           const DownloadObserver& observer = {});

} // namespace samba::hub
