#include "engine/text/stories/story_writer.h"

#include "engine/text/stories/story_random.h"
#include "engine/text/stories/story_template.h"

#include <algorithm>
#include <string>
#include <string_view>

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

void setCast(StoryTemplate& text, const Cast& cast)
{
    const bool isAnimal = cast.world == World::Animals;
    text.set("hero", std::string(cast.hero.name));
    text.set("friend", std::string(cast.companion.name));
    text.set("parent", std::string(cast.parent.name));
    text.set("elder", std::string(cast.elder.name));
    setPronouns(text, "", cast.hero.isFemale);
    setPronouns(text, "f", cast.companion.isFemale);
    setPronouns(text, "p", cast.parent.isFemale);
    setPronouns(text, "e", cast.elder.isFemale);
    text.set("kind", std::string(cast.hero.kind));
    text.set("fkind", std::string(cast.companion.kind));
    text.set("trait", std::string(cast.hero.trait));
    text.set("ftrait", std::string(cast.companion.trait));
    text.set("relation", std::string(cast.relation));
    text.set("hands", isAnimal ? "paws" : "hands");
    text.set("hand", isAnimal ? "paw" : "hand");
    text.set("home", std::string(cast.home));
    text.set("homeIn", std::string(cast.homeIn));
}

/// The landmarks that a story passes, in an order of the cast's own.
void setPlace(StoryTemplate& text, const Place& place, const Cast& cast)
{
    text.set("place", std::string(place.noun));
    text.set("atPlace", std::string(place.at));
    const size_t count = place.landmarks.size();
    const size_t first = castNumber(cast);
    for (size_t i = 0; i < count; ++i) {
        const Landmark& landmark = place.landmarks[(first + i) % count];
        const std::string number = std::to_string(i + 1);
        text.set("mark" + number, std::string(landmark.noun));
        text.set("spot" + number, std::string(landmark.spot));
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
    StoryTemplate text(random, plan.cast->world);
    setCast(text, *plan.cast);
    setPlace(text, *plan.place, *plan.cast);
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
