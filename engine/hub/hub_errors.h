#pragma once

#include "engine/api/error.h"
#include "engine/hub/http_client.h"
#include "engine/hub/hub_repo.h"
#include "engine/hub/hub_settings.h"

namespace samba::hub {

// What can go wrong between this program and a hub, each in one sentence with its remedy.
// Thread: any.

/// A request that got no complete answer.
/// @param url  the address asked; its path is left out, as it can hold secrets.
Error requestError(const HttpResult& result, const std::string& url,
                   std::chrono::milliseconds timeout);

/// An answer that says no: 401, 403, 404, 429, 500, ...
/// @param file  the file asked for; empty: the repository.
Error statusError(const HttpResponse& response, const HubRepo& repo, const HubSettings& settings,
                  const std::string& file);

/// Something that is not in the cache while the network must not be used.
Error offlineError(const HubRepo& repo, const std::string& what, const HubSettings& settings);

} // namespace samba::hub
