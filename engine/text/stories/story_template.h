#pragma once

#include "engine/text/stories/story_random.h"
#include "engine/text/stories/story_vocabulary.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace samba::stories {

/// Expands the little language in which plots are written:
///  - `{name}`         the value of a variable; `{Name}` with its first letter as a capital
///  - `{name=text}`    expands the text once and keeps it as a variable; prints nothing
///  - `{@list}`        a phrase of a shared list, no phrase twice in one story
///  - `{?child|a|b}`   the first text in a story about children, the second in one about animals
///  - `[a|b|c]`        one of the texts, `[a|]` thus being an optional one
///  - `[?a|b]`        the same, but in two stories of three nothing at all; all of this nests
///  - `#`              the end of a paragraph
/// White space of any length counts as one space. Thread: one expander belongs to one thread.
class StoryTemplate {
public:
    StoryTemplate(StoryRandom& random, World world) : m_random(random), m_world(world) {}

    /// Gives a variable its value; the value is final text, not a template.
    void set(std::string_view name, std::string value);

    /// The expanded text, not yet polished (see polishParagraph()).
    /// @throws Error Internal if the text names an unknown variable or list, or brackets do not
    /// match.
    std::string expand(std::string_view text);

private:
    std::string brackets(std::string_view body);
    std::string braces(std::string_view body);
    std::string phrase(std::string_view list);
    std::string variable(std::string_view name) const;

    StoryRandom& m_random;
    World m_world;
    std::map<std::string, std::string, std::less<>> m_variables;
    std::set<std::pair<std::string_view, size_t>> m_usedPhrases;
};

/// Turns an expanded paragraph into print: single spaces, capitals where sentences and quotations
/// begin, "a" or "an" by the word that follows.
std::string polishParagraph(std::string_view raw);

} // namespace samba::stories
