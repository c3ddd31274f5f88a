#pragma once

#include "engine/text/stories/story_plan.h"

#include <string>

namespace samba::stories {

/// The story of a plan: paragraphs joined by line feeds. A pure function. Thread: any.
/// @throws Error Internal if a plot's text is defective.
std::string writeStory(const StoryPlan& plan);

} // namespace samba::stories
