#include "engine/text/stories/story_plots.h"

#include <iterator>

namespace samba::stories {

std::span<const Plot> plots()
{
    static const std::vector<Plot> kPlots = [] {
        std::vector<Plot> all;
        for (auto family : {friendshipPlots, couragePlots, helpingPlots, makingPlots}) {
            std::vector<Plot> some = family();
            std::move(some.begin(), some.end(), std::back_inserter(all));
        }
        return all;
    }();
    return kPlots;
}

} // namespace samba::stories
