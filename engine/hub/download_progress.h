#pragma once

#include "engine/api/events.h"
#include "engine/hub/hub_client.h"

namespace samba::hub {

/// How far a download is, as the front ends show it. Thread: any.
Progress downloadProgress(const DownloadState& state);

} // namespace samba::hub
