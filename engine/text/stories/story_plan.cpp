#include "engine/text/stories/story_plan.h"

#include "engine/text/stories/story_random.h"

#include <algorithm>
#include <cassert>

namespace samba::stories {

namespace {

/// One pair in this many is held out.
constexpr uint64_t kHeldOutShare = 8;

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

World drawWorld(StoryRandom& random, const Plot& plot)
{
    // Children are more common than animals, as there are more names for them.
    const World drawn = names()[random.below(names().size())].world;
    if (fits(plot.worlds, drawn)) {
        return drawn;
    }
    return drawn == World::Children ? World::Animals : World::Children;
}

bool fitsSplit(const StoryPlan& plan, StorySplit split)
{
    const bool isPlotHeldOut = isHeroPlotHeldOut(plan.hero->text, plan.plot->name);
    const bool isThingHeldOut = isHeroThingHeldOut(plan.hero->text, plan.thing);
    return split == StorySplit::Train ? !isPlotHeldOut && !isThingHeldOut
                                      : isPlotHeldOut && isThingHeldOut;
}

void drawHeroAndCase(StoryRandom& random, StoryPlan& plan)
{
    const Plot& plot = *plan.plot;
    const World world = drawWorld(random, plot);
    plan.hero = drawFrom(random, names(), [&](const Name& name) { return name.world == world; });
    plan.plotCase = drawFrom(random, plot.cases, [&](const PlotCase& candidate) {
        return fits(candidate.worlds, world);
    });
    plan.thing = caseField(*plan.plotCase, "thing");
    assert(!plan.thing.empty());
}

void drawRest(StoryRandom& random, StoryPlan& plan)
{
    const Plot& plot = *plan.plot;
    const World world = plan.hero->world;
    plan.friendName = drawFrom(random, names(), [&](const Name& name) {
        return name.world == world && name.isFemale != plan.hero->isFemale;
    });
    if (world == World::Animals) {
        const auto isAllowed = [&](const Species& kind) {
            return (kind.skills & plot.barredSkills) == 0;
        };
        plan.heroSpecies = drawFrom(random, species(), isAllowed);
        plan.friendSpecies = drawFrom(random, species(), [&](const Species& kind) {
            return isAllowed(kind) && &kind != plan.heroSpecies;
        });
    }
    plan.elder =
        drawFrom(random, elders(), [&](const Elder& elder) { return fits(elder.worlds, world); });
    plan.place = drawFrom(random, places(), [&](const Place& place) {
        return fits(place.worlds, world) && (place.uses & plot.placeUses) == plot.placeUses;
    });
    const std::string_view named = caseField(*plan.plotCase, "object");
    plan.object = named.empty()
                      ? std::string(colors()[random.below(colors().size())]) + ' ' + plan.thing
                      : std::string(named);
    plan.wordSeed = random.next();
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
        drawHeroAndCase(random, plan);
    } while (!fitsSplit(plan, split));
    drawRest(random, plan);
    return plan;
}

} // namespace samba::stories
