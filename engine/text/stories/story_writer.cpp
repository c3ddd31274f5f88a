#include "engine/text/stories/story_writer.h"

#include "engine/text/stories/story_random.h"
#include "engine/text/stories/story_template.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace samba::stories {

namespace {

/// A person's pronouns under the names he, him, his, himself with a prefix: "f" for the friend.
void setPronouns(StoryTemplate& text, const std::string& prefix, bool isFemale)
{
    text.set(prefix + "he", isFemale ? "she" : "he");
    text.set(prefix + "him", isFemale ? "her" : "him");
    text.set(prefix + "his", isFemale ? "her" : "his");
    text.set(prefix + "himself", isFemale ? "herself" : "himself");
}

template <typename Table>
std::string draw(StoryRandom& random, const Table& table)
{
    return std::string(table[random.below(table.size())]);
}

std::string drawRelation(StoryRandom& random, World world)
{
    // The last one is for children only: animal friends are of two species. There are no sisters
    // and brothers, since friends in these stories come to visit.
    static constexpr auto kRelations = std::to_array<std::string_view>(
        {"best friend", "good friend", "dear friend", "neighbor", "cousin"});
    const size_t count = kRelations.size() - (world == World::Animals ? 1 : 0);
    return std::string(kRelations[random.below(count)]);
}

std::string drawParent(StoryRandom& random, StoryTemplate& text, World world)
{
    static constexpr auto kOfChildren =
        std::to_array<std::string_view>({"Mom", "Dad", "Grandma", "Grandpa"});
    static constexpr auto kOfAnimals =
        std::to_array<std::string_view>({"Mama", "Papa", "Grandma", "Grandpa"});
    const size_t pick = random.below(kOfChildren.size());
    setPronouns(text, "p", pick % 2 == 0);
    return std::string(world == World::Children ? kOfChildren[pick] : kOfAnimals[pick]);
}

void setCharacters(StoryTemplate& text, StoryRandom& random, const StoryPlan& plan)
{
    const World world = plan.hero->world;
    const auto child = [](bool isFemale) { return isFemale ? "girl" : "boy"; };
    const bool isAnimal = world == World::Animals;
    text.set("hero", std::string(plan.hero->text));
    text.set("friend", std::string(plan.friendName->text));
    text.set("elder", std::string(plan.elder->name));
    setPronouns(text, "", plan.hero->isFemale);
    setPronouns(text, "f", plan.friendName->isFemale);
    setPronouns(text, "e", plan.elder->isFemale);
    text.set("parent", drawParent(random, text, world));
    text.set("kind", isAnimal ? std::string(plan.heroSpecies->noun) : child(plan.hero->isFemale));
    text.set("fkind",
             isAnimal ? std::string(plan.friendSpecies->noun) : child(plan.friendName->isFemale));
    text.set("hands", isAnimal ? "paws" : "hands");
    text.set("hand", isAnimal ? "paw" : "hand");
    text.set("relation", drawRelation(random, world));

    // Two different traits, so that the two characters do not blur.
    const size_t trait = random.below(traits().size());
    const size_t step = 1 + random.below(traits().size() - 1);
    text.set("trait", std::string(traits()[trait]));
    text.set("ftrait", std::string(traits()[(trait + step) % traits().size()]));

    static constexpr auto kSnug =
        std::to_array<std::string_view>({"cozy", "warm", "snug", "tidy", "little"});
    text.set("home", isAnimal ? std::string(plan.heroSpecies->home) : "house");
    text.set("homeIn", isAnimal ? "in a " + draw(random, kSnug) + ' ' +
                                      std::string(plan.heroSpecies->home) + ' ' +
                                      draw(random, animalHomeSites())
                                : draw(random, childHomes()));
}

void setPlace(StoryTemplate& text, StoryRandom& random, const Place& place)
{
    text.set("place", std::string(place.noun));
    text.set("atPlace", std::string(place.at));
    std::vector<Landmark> landmarks = place.landmarks;
    for (size_t i = 0; i < landmarks.size(); ++i) {
        std::swap(landmarks[i], landmarks[i + random.below(landmarks.size() - i)]);
        const std::string number = std::to_string(i + 1);
        text.set("mark" + number, std::string(landmarks[i].noun));
        text.set("spot" + number, std::string(landmarks[i].spot));
    }
}

void setCase(StoryTemplate& text, const StoryPlan& plan)
{
    text.set("object", plan.object);
    for (const auto& [name, value] : caseFields(*plan.plotCase)) {
        // Fields are templates too: they may speak of the characters and of the object.
        if (name != "object") {
            text.set(name, text.expand(value));
        }
    }
}

} // namespace

std::string writeStory(const StoryPlan& plan)
{
    StoryRandom random(plan.wordSeed);
    StoryTemplate text(random, plan.hero->world);
    setCharacters(text, random, plan);
    setPlace(text, random, *plan.place);
    setCase(text, plan);

    const std::string raw = text.expand(plan.plot->text);
    std::string story;
    for (size_t begin = 0; begin <= raw.size();) {
        const size_t end = std::min(raw.find('#', begin), raw.size());
        if (!story.empty()) {
            story += '\n';
        }
        story += polishParagraph(std::string_view(raw).substr(begin, end - begin));
        begin = end + 1;
    }
    return story;
}

} // namespace samba::stories
