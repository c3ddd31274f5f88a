#include "engine/text/stories/story_plan.h"

#include "engine/text/stories/story_random.h"

#include <algorithm>
#include <cassert>

namespace samba::stories {

namespace {

/// One pair in this many is held out.
constexpr uint64_t kHeldOutShare = 6;

constexpr uint64_t kTrainSeed = 0x53616D62612D5472ull;
constexpr uint64_t kValidationSeed = 0x53616D62612D5661ull;

bool isPairHeldOut(std::string_view left, std::string_view right)
{
    const uint64_t hash = hashText(right, hashText("/", hashText(left)));
    // FNV's low bits mix poorly over short texts: one SplitMix64 step spreads them.
    return StoryRandom(hash).next() % kHeldOutShare == 0;
}

/// Draws from a table until the entry is fit; every table holds one that is.
template <typename Table, typename IsFit>
const auto* drawFrom(StoryRandom& random, const Table& table, IsFit isFit)
{
    for (;;) {
        const auto& entry = table[random.below(table.size())];
        if (isFit(entry)) {
            return &entry;
        }
    }
}

bool fitsPlot(const Cast& cast, const Plot& plot)
{
    const int skills = cast.hero.skills | cast.companion.skills;
    return fits(plot.worlds, cast.world) && (skills & plot.barredSkills) == 0;
}

/// Where the cast goes in this plot, always the same place; the casts share out those that are fit.
const Place* placeOf(const Cast& cast, const Plot& plot)
{
    std::vector<const Place*> fit;
    for (const Place& place : places()) {
        if (fits(place.worlds, cast.world) && (place.uses & plot.placeUses) == plot.placeUses) {
            fit.push_back(&place);
        }
    }
    assert(!fit.empty());
    return fit[castNumber(cast) % fit.size()];
}

/// The thing's colour, the same in every story.
std::string_view colorOf(std::string_view thing)
{
    return colors()[StoryRandom(hashText(thing)).below(colors().size())];
}

bool fitsSplit(const StoryPlan& plan, StorySplit split)
{
    const std::string_view hero = plan.cast->hero.name;
    const bool isPlotHeldOut = isHeroPlotHeldOut(hero, plan.plot->name);
    const bool isThingHeldOut = isHeroThingHeldOut(hero, plan.thing);
    return split == StorySplit::Train ? !isPlotHeldOut && !isThingHeldOut
                                      : isPlotHeldOut && isThingHeldOut;
}

void drawCastAndCase(StoryRandom& random, StoryPlan& plan)
{
    const Plot& plot = *plan.plot;
    plan.cast = drawFrom(random, casts(), [&](const Cast& cast) { return fitsPlot(cast, plot); });
    plan.plotCase = drawFrom(random, plot.cases, [&](const PlotCase& candidate) {
        return fits(candidate.worlds, plan.cast->world);
    });
    plan.thing = caseField(*plan.plotCase, "thing");
    assert(!plan.thing.empty());
}

} // namespace

bool isHeroPlotHeldOut(std::string_view hero, std::string_view plot)
{
    return isPairHeldOut(hero, plot);
}

bool isHeroThingHeldOut(std::string_view hero, std::string_view thing)
{
    return isPairHeldOut(hero, thing);
}

size_t castNumber(const Cast& cast)
{
    return static_cast<size_t>(&cast - casts().data());
}

std::vector<std::pair<std::string_view, std::string_view>> caseFields(const PlotCase& plotCase)
{
    constexpr std::string_view kSeparator = ": ";
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    std::string_view rest = plotCase.fields;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(';'), rest.size());
        std::string_view field = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
        const size_t separator = field.find(kSeparator);
        assert(separator != std::string_view::npos);
        fields.emplace_back(field.substr(0, separator),
                            field.substr(separator + kSeparator.size()));
    }
    return fields;
}

std::string_view caseField(const PlotCase& plotCase, std::string_view key)
{
    for (const auto& [name, value] : caseFields(plotCase)) {
        if (name == key) {
            return value;
        }
    }
    return {};
}

StoryPlan planStory(uint64_t index, StorySplit split)
{
    const uint64_t base = split == StorySplit::Train ? kTrainSeed : kValidationSeed;
    StoryRandom random(StoryRandom(base + index).next());
    StoryPlan plan;
    // Plots take turns, so that each has its equal share of either split.
    plan.plot = &plots()[index % plots().size()];
    do {
        drawCastAndCase(random, plan);
    } while (!fitsSplit(plan, split));
    plan.place = placeOf(*plan.cast, *plan.plot);
    const std::string_view named = caseField(*plan.plotCase, "object");
    plan.object =
        named.empty() ? std::string(colorOf(plan.thing)) + ' ' + plan.thing : std::string(named);
    plan.wordSeed = random.next();
    return plan;
}

} // namespace samba::stories
