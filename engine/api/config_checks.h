#pragma once

#include "engine/api/config_document.h"

#include <functional>
#include <string_view>
#include <vector>

namespace samba {

/// What is wrong between keys that are each right by themselves: one issue each, with the key to
/// change and without a place.
/// @param isSet  whether the text sets a key; defaults are not held against anybody.
std::vector<ConfigIssue> checkConfig(const Config& config,
                                     const std::function<bool(std::string_view)>& isSet);

} // namespace samba
