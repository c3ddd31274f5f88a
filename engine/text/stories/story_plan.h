#pragma once

#include "engine/text/stories/story_plots.h"
#include "engine/text/story_generator.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace samba::stories {

/// Everything that a story keeps from its beginning to its end.
struct StoryPlan {
    const Plot* plot = nullptr;
    const PlotCase* plotCase = nullptr;
    const Cast* cast = nullptr;
    const Place* place = nullptr;
    std::string thing;     ///< "kite"
    std::string object;    ///< "red kite"
    uint64_t wordSeed = 0; ///< draws the wording
};

/// The plan of a story; a pure function. Thread: any.
StoryPlan planStory(uint64_t index, StorySplit split);

/// True if training never shows this hero in this plot (by plot name). Thread: any.
bool isHeroPlotHeldOut(std::string_view hero, std::string_view plot);

/// True if training never shows this hero with this thing. Thread: any.
bool isHeroThingHeldOut(std::string_view hero, std::string_view thing);

/// The position of an entry of casts() in that table. Thread: any.
size_t castNumber(const Cast& cast);

/// The (key, value) pairs of a case, in order. Thread: any.
std::vector<std::pair<std::string_view, std::string_view>> caseFields(const PlotCase& plotCase);

/// The value of one field of a case ("thing"), or an empty view. Thread: any.
std::string_view caseField(const PlotCase& plotCase, std::string_view key);

} // namespace samba::stories
