#include "engine/text/text_splitter.h"

#include "engine/text/utf8.h"

#include <unicode/uchar.h>

#include <array>
#include <cstdint>

namespace samba {

namespace {

enum class CharClass : uint8_t { Letter, Number, Space, Other };

CharClass classify(char32_t codePoint)
{
    const auto character = static_cast<UChar32>(codePoint);
    if (u_isUWhiteSpace(character))
        return CharClass::Space;
    const uint32_t category = U_GET_GC_MASK(character);
    if (category & U_GC_L_MASK)
        return CharClass::Letter;
    if (category & U_GC_N_MASK)
        return CharClass::Number;
    return CharClass::Other;
}

constexpr std::size_t kTableSize = 0x10000;

const std::array<CharClass, kTableSize>& basicPlaneClasses()
{
    static const auto table = [] {
        std::array<CharClass, kTableSize> classes{};
        for (std::size_t i = 0; i < kTableSize; ++i)
            classes[i] = classify(static_cast<char32_t>(i));
        return classes;
    }();
    return table;
}

/// Walks over the characters of a text.
class Scanner {
public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    struct Character {
        CharClass charClass;
        std::size_t length;
    };

    /// The character at `position`, which lies before the end.
    Character at(std::size_t position) const
    {
        const auto byte = static_cast<unsigned char>(m_text[position]);
        if (byte < 0x80)
            return {m_classes[byte], 1};
        const Utf8Step step = nextUtf8(m_text.substr(position));
        if (step.kind != Utf8Kind::Character)
            return {CharClass::Other, step.length};
        return {step.codePoint < kTableSize ? m_classes[step.codePoint] : classify(step.codePoint),
                step.length};
    }

    /// The end of the run of `charClass` that begins at `position`.
    std::size_t runEnd(std::size_t position, CharClass charClass) const
    {
        while (position < m_text.size()) {
            const Character character = at(position);
            if (character.charClass != charClass)
                break;
            position += character.length;
        }
        return position;
    }

    /// The length of the contraction at `position` ('s 't 're 've 'm 'll 'd), or 0.
    std::size_t contractionLength(std::size_t position) const
    {
        if (m_text[position] != '\'' || position + 1 == m_text.size())
            return 0;
        const char first = m_text[position + 1];
        if (first == 's' || first == 't' || first == 'm' || first == 'd')
            return 2;
        if (position + 2 == m_text.size())
            return 0;
        const char second = m_text[position + 2];
        const bool isLong =
            ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
        return isLong ? 3 : 0;
    }

    /// The end of the word that begins at `position`.
    std::size_t wordEnd(std::size_t position) const
    {
        if (const std::size_t length = contractionLength(position))
            return position + length;

        const Character first = at(position);
        if (first.charClass != CharClass::Space)
            return runEnd(position + first.length, first.charClass);
        // One blank belongs to the visible word after it; only U+0020 does.
        if (m_text[position] == ' ' && position + 1 < m_text.size()) {
            const Character second = at(position + 1);
            if (second.charClass != CharClass::Space)
                return runEnd(position + 1 + second.length, second.charClass);
        }
        return spaceEnd(position, first.length);
    }

private:
    /// `\s+(?!\S)|\s+`: a run of spaces leaves its last one to the word after it, unless it has but
    /// one or nothing follows.
    std::size_t spaceEnd(std::size_t position, std::size_t firstLength) const
    {
        std::size_t lastStart = position;
        std::size_t end = position + firstLength;
        while (end < m_text.size()) {
            const Character character = at(end);
            if (character.charClass != CharClass::Space)
                return lastStart == position ? end : lastStart;
            lastStart = end;
            end += character.length;
        }
        return end;
    }

    std::string_view m_text;
    const std::array<CharClass, kTableSize>& m_classes = basicPlaneClasses();
};

class Gpt2Splitter final : public TextSplitter {
public:
    void split(std::string_view text, const WordSink& word) const override
    {
        const Scanner scanner(text);
        std::size_t position = 0;
        while (position < text.size()) {
            const std::size_t end = scanner.wordEnd(position);
            word(text.substr(position, end - position));
            position = end;
        }
    }
};

} // namespace

std::unique_ptr<TextSplitter> makeGpt2Splitter()
{
    return std::make_unique<Gpt2Splitter>();
}

} // namespace samba
