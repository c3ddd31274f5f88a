#include "engine/text/text_splitter.h"

#include "engine/api/error.h"
#include "engine/text/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace samba {

namespace {

// A word of ordinary text needs a few dozen steps. The limit keeps a hostile pattern from running
// for ever.
constexpr uint32_t kMatchLimit = 1'000'000;

template <auto function>
struct Release {
    template <typename T>
    void operator()(T* object) const
    {
        function(object);
    }
};

using Code = std::unique_ptr<pcre2_code, Release<pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Release<pcre2_match_data_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Release<pcre2_match_context_free>>;

std::string pcreMessage(int errorCode)
{
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(errorCode, buffer.data(), buffer.size());
    return std::string(buffer.begin(), std::find(buffer.begin(), buffer.end(), PCRE2_UCHAR{0}));
}

PCRE2_SPTR codeUnits(std::string_view text)
{
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

/// The length of the valid UTF-8 that `text` begins with.
std::size_t validLength(std::string_view text)
{
    std::size_t length = 0;
    while (length < text.size()) {
        const Utf8Step step = nextUtf8(text.substr(length));
        if (step.kind != Utf8Kind::Character)
            break;
        length += step.length;
    }
    return length;
}

class PatternSplitter final : public TextSplitter {
public:
    PatternSplitter(const std::string& pattern, const std::string& source) : m_source(source)
    {
        int errorCode = 0;
        PCRE2_SIZE errorOffset = 0;
        m_code.reset(pcre2_compile(codeUnits(pattern), pattern.size(), PCRE2_UTF | PCRE2_UCP,
                                   &errorCode, &errorOffset, nullptr));
        if (!m_code)
            throw Error(ErrorKind::Format,
                        source + ": the split pattern is not a regular expression at character " +
                            std::to_string(errorOffset) + ": " + pcreMessage(errorCode) + ".",
                        "Use a tokenizer whose pre_tokenizer is ByteLevel, or repair the pattern.");
        // Where the machine has no just-in-time compiler the interpreter gives the same matches.
        pcre2_jit_compile(m_code.get(), PCRE2_JIT_COMPLETE);
        m_context.reset(pcre2_match_context_create(nullptr));
        if (!m_context)
            throw std::bad_alloc();
        pcre2_set_match_limit(m_context.get(), kMatchLimit);
    }

    void split(std::string_view text, const WordSink& word) const override
    {
        const MatchData match(pcre2_match_data_create_from_pattern(m_code.get(), nullptr));
        if (!match)
            throw std::bad_alloc();
        while (!text.empty()) {
            const std::size_t valid = validLength(text);
            splitValid(text.substr(0, valid), match.get(), word);
            text.remove_prefix(valid);
            if (!text.empty()) {
                const std::size_t broken = nextUtf8(text).length;
                word(text.substr(0, broken));
                text.remove_prefix(broken);
            }
        }
    }

private:
    void splitValid(std::string_view text, pcre2_match_data* match, const WordSink& word) const
    {
        std::size_t wordStart = 0;
        std::size_t searchFrom = 0;
        while (searchFrom < text.size() && findMatch(text, searchFrom, match)) {
            const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(match);
            const PCRE2_SIZE start = bounds[0];
            const PCRE2_SIZE end = bounds[1];
            if (end <= start) { // an empty match is no word: look again one character later
                if (start >= text.size())
                    break;
                searchFrom = start + nextUtf8(text.substr(start)).length;
                continue;
            }
            if (start > wordStart)
                word(text.substr(wordStart, start - wordStart));
            word(text.substr(start, end - start));
            wordStart = end;
            searchFrom = end;
        }
        if (wordStart < text.size())
            word(text.substr(wordStart));
    }

    bool findMatch(std::string_view text, std::size_t from, pcre2_match_data* match) const
    {
        int result = pcre2_match(m_code.get(), codeUnits(text), text.size(), from,
                                 PCRE2_NO_UTF_CHECK, match, m_context.get());
        if (result == PCRE2_ERROR_JIT_STACKLIMIT) // the interpreter keeps its stack on the heap
            result = pcre2_match(m_code.get(), codeUnits(text), text.size(), from,
                                 PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, match, m_context.get());
        if (result == PCRE2_ERROR_NOMATCH)
            return false;
        if (result < 0)
            throw Error(
                ErrorKind::Format,
                m_source + ": the split pattern cannot cut this text: " + pcreMessage(result) + ".",
                "Use a tokenizer with a simpler split pattern.");
        return true;
    }

    std::string m_source;
    Code m_code;
    MatchContext m_context;
};

} // namespace

std::unique_ptr<TextSplitter> makePatternSplitter(const std::string& pattern,
                                                  const std::string& source)
{
    return std::make_unique<PatternSplitter>(pattern, source);
}

} // namespace samba
