#pragma once

#include "engine/api/published_models.h"

#include <functional>
#include <string>
#include <vector>

namespace samba {

class EventSink;

/// Downloads what findModel() will look for, where the source is a published name that the cache
/// does not have; else does nothing. An original model brings the tokenizer it is used with.
/// @param goesOn  asked ten times a second or more; false cancels, and what has arrived is kept.
/// @return        false if cancelled.
/// @throws Error  Network, File or Format. Thread: engine.
bool fetchModel(const std::string& source, EventSink& events, const std::function<bool()>& goesOn);

/// The same for what findTokenizer() will look for.
bool fetchTokenizer(const std::string& name, EventSink& events,
                    const std::function<bool()>& goesOn);

/// The published models and what else the cache has of their kind.
/// @throws Error Config if the environment's settings cannot be used. Thread: any.
std::vector<PretrainedModel> listPretrained();

} // namespace samba
