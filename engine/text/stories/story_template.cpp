#include "engine/text/stories/story_template.h"

#include "engine/api/error.h"
#include "engine/text/stories/story_plots.h"

#include <algorithm>
#include <vector>

namespace samba::stories {

namespace {

[[noreturn]] void throwDefect(const std::string& what)
{
    throw Error(ErrorKind::Internal, "Defective story template: " + what + ".",
                "Correct the plot tables in engine/text/stories.");
}

/// Position of the bracket that closes the one at `open`; `[` and `{` nest alike.
size_t closingBracket(std::string_view text, size_t open)
{
    int depth = 0;
    for (size_t i = open; i < text.size(); ++i) {
        if (text[i] == '[' || text[i] == '{') {
            ++depth;
        } else if (text[i] == ']' || text[i] == '}') {
            if (--depth == 0) {
                return i;
            }
        }
    }
    throwDefect("a bracket is not closed in \"" + std::string(text.substr(open, 40)) + "\"");
}

/// Splits at the bars that stand outside all brackets.
std::vector<std::string_view> splitAlternatives(std::string_view text)
{
    std::vector<std::string_view> parts;
    int depth = 0;
    size_t begin = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '[' || text[i] == '{') {
            ++depth;
        } else if (text[i] == ']' || text[i] == '}') {
            --depth;
        } else if (text[i] == '|' && depth == 0) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(text.substr(begin));
    return parts;
}

// The locale's character classes are kept out: stories are ASCII and the same everywhere.
bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool isLetter(char c)
{
    return isLower(c) || (c >= 'A' && c <= 'Z');
}

char toUpper(char c)
{
    return isLower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

char toLower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string collapseSpaces(std::string_view raw)
{
    std::string text;
    for (const char c : raw) {
        if (c != ' ' && c != '\n') {
            text += c;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    if (!text.empty() && text.back() == ' ') {
        text.pop_back();
    }
    return text;
}

/// True if a word is spoken with a vowel first, as far as our vocabulary goes.
bool startsWithVowelSound(std::string_view word)
{
    static constexpr std::string_view kVowels = "aeiou";
    if (word.starts_with("one") || word.starts_with("use") || word.starts_with("uni")) {
        return false;
    }
    if (word.starts_with("hour") || word.starts_with("honest")) {
        return true;
    }
    return !word.empty() && kVowels.find(toLower(word.front())) != std::string_view::npos;
}

std::string fixArticles(std::string_view text)
{
    std::string fixed;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool isWordStart = i == 0 || !isLetter(text[i - 1]);
        const bool isArticle =
            isWordStart && toLower(text[i]) == 'a' && i + 1 < text.size() && text[i + 1] == ' ';
        fixed += text[i];
        if (isArticle && startsWithVowelSound(text.substr(i + 2))) {
            fixed += 'n';
        }
    }
    return fixed;
}

void capitaliseSentences(std::string& text)
{
    bool isInQuote = false;
    bool isSentenceStart = true;
    for (size_t i = 0; i < text.size(); ++i) {
        char& c = text[i];
        if (c == '"') {
            isInQuote = !isInQuote;
            if (isInQuote) {
                isSentenceStart = true;
            } else if (i > 0 && (text[i - 1] == '!' || text[i - 1] == '?')) {
                // `"Look!" said Tom.` goes on; a new sentence here is written with its capital.
                isSentenceStart = false;
            }
        } else if (c == '.' || c == '!' || c == '?') {
            isSentenceStart = true;
        } else if (c != ' ') {
            if (isSentenceStart) {
                c = toUpper(c);
            }
            isSentenceStart = false;
        }
    }
}

} // namespace

void StoryTemplate::set(std::string_view name, std::string value)
{
    m_variables.insert_or_assign(std::string(name), std::move(value));
}

std::string StoryTemplate::expand(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '[' && text[i] != '{') {
            out += text[i];
            continue;
        }
        const size_t end = closingBracket(text, i);
        const std::string_view body = text.substr(i + 1, end - i - 1);
        if (text[i] == '{') {
            out += braces(body);
        } else {
            out += brackets(body);
        }
        i = end;
    }
    return out;
}

std::string StoryTemplate::brackets(std::string_view body)
{
    constexpr size_t kOptionalShare = 3;
    if (body.starts_with('?')) {
        if (m_random.below(kOptionalShare) != 0) {
            return {};
        }
        body.remove_prefix(1);
    }
    const auto parts = splitAlternatives(body);
    return expand(parts[m_random.below(parts.size())]);
}

std::string StoryTemplate::braces(std::string_view body)
{
    static constexpr std::string_view kChildTest = "?child|";
    if (body.starts_with('@')) {
        return phrase(body.substr(1));
    }
    if (body.starts_with(kChildTest)) {
        const auto parts = splitAlternatives(body.substr(kChildTest.size()));
        if (parts.size() != 2) {
            throwDefect("{?child} needs two texts in \"" + std::string(body) + "\"");
        }
        return expand(parts[m_world == World::Children ? 0 : 1]);
    }
    const size_t equals = body.find('=');
    if (equals != std::string_view::npos) {
        set(body.substr(0, equals), expand(body.substr(equals + 1)));
        return {};
    }
    return variable(body);
}

std::string StoryTemplate::phrase(std::string_view list)
{
    const std::string inWorld =
        std::string(list) + (m_world == World::Children ? ".child" : ".animal");
    const auto lists = phraseLists();
    const auto found = std::find_if(lists.begin(), lists.end(), [&](const PhraseList& candidate) {
        return candidate.name == list || candidate.name == inWorld;
    });
    if (found == lists.end()) {
        throwDefect("there is no phrase list \"" + std::string(list) + "\"");
    }
    size_t index = m_random.below(found->phrases.size());
    for (size_t tries = 0; tries < found->phrases.size(); ++tries) {
        if (m_usedPhrases.emplace(found->name, index).second) {
            return expand(found->phrases[index]);
        }
        index = (index + 1) % found->phrases.size();
    }
    throwDefect("the phrase list \"" + std::string(list) + "\" is used up within one story");
}

std::string StoryTemplate::variable(std::string_view name) const
{
    if (const auto found = m_variables.find(name); found != m_variables.end()) {
        return found->second;
    }
    std::string lower(name);
    if (!lower.empty()) {
        lower[0] = toLower(lower[0]);
    }
    const auto found = m_variables.find(lower);
    if (found == m_variables.end() || found->second.empty()) {
        throwDefect("there is no variable \"" + std::string(name) + "\"");
    }
    std::string value = found->second;
    value[0] = toUpper(value[0]);
    return value;
}

std::string polishParagraph(std::string_view raw)
{
    std::string text = fixArticles(collapseSpaces(raw));
    capitaliseSentences(text);
    return text;
}

} // namespace samba::stories
