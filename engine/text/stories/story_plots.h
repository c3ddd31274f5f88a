#pragma once

#include "engine/text/stories/story_vocabulary.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace samba::stories {

/// One way to fill a plot: the thing it turns on and what follows from that thing.
struct PlotCase {
    Worlds worlds;
    /// "thing: kite; act: fly": variables for the plot's text. `thing` is required; `object`, the
    /// thing as the story names it, is the thing with a colour unless the case gives it.
    std::string_view fields;
};

/// A plot family. The text is a template of story_template.h.
struct Plot {
    std::string_view name;
    Worlds worlds;
    uint8_t placeUses;    ///< PlaceUses that the place must all have
    uint8_t barredSkills; ///< Skills that neither the hero nor the friend may have
    std::vector<PlotCase> cases;
    std::string_view text;
};

/// A named list of sentences or phrases that every plot may use. A name ending in ".child" or
/// ".animal" serves one world.
struct PhraseList {
    std::string_view name;
    std::vector<std::string_view> phrases;
};

/// All plots, in a fixed order that is part of the generator's version. Thread: any.
std::span<const Plot> plots();

/// All phrase lists. Thread: any.
std::span<const PhraseList> phraseLists();

/// The plots of one file each, gathered by plots(). Thread: any.
std::vector<Plot> friendshipPlots(); ///< sharing, promises, truth, new friends
std::vector<Plot> couragePlots();    ///< fears, skills, races
std::vector<Plot> helpingPlots();    ///< animals in need, mending, finding
std::vector<Plot> makingPlots();     ///< gifts, plants, parties, cooking, building

} // namespace samba::stories
