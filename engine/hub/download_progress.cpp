#include "engine/hub/download_progress.h"

#include <limits>

namespace samba::hub {

Progress downloadProgress(const DownloadState& state)
{
    Progress progress{.what = "downloading"};
    if (!state.file.empty())
        progress.what += ' ' + state.file;
    progress.done = state.doneBytes;
    progress.total = state.totalBytes;
    progress.perSecond = state.bytesPerSecond;
    progress.remainingMs = state.bytesPerSecond > 0 && state.totalBytes > 0
                               ? 1000.0 * static_cast<double>(state.totalBytes - state.doneBytes) /
                                     state.bytesPerSecond
                               : std::numeric_limits<double>::quiet_NaN();
    progress.isBytes = true;
    return progress;
}

} // namespace samba::hub
