#include "app/cli/data_location.h"

#include "app/cli/console.h"
#include "engine/hub/published_data.h"

namespace samba::cli {

DatasetConfig locatedDataset(const DatasetConfig& dataset, Console& console)
{
    const auto located =
        hub::locateDataset(dataset, hub::HubClient(), [&](const hub::DownloadState& state) {
            console.progress({.what = "downloading " + state.file,
                              .done = state.doneBytes,
                              .total = state.totalBytes,
                              .perSecond = state.bytesPerSecond});
            return true;
        });
    console.endProgress();
    return *located; // only a cancelled download gives nothing
}

} // namespace samba::cli
