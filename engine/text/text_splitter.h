#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace samba {

/// The pattern GPT-2 and GPT-NeoX cut text into words with.
inline constexpr std::string_view kGpt2SplitPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Cuts text into the words that byte pairs are merged in. Immutable. Thread: any, several at once.
class TextSplitter {
public:
    using WordSink = std::function<void(std::string_view)>;

    virtual ~TextSplitter() = default;

    /// Gives the words of `text` in order; joined they are the text. Bytes that are not valid UTF-8
    /// are never left out.
    /// @throws Error  Format if a pattern needs more backtracking than is allowed.
    virtual void split(std::string_view text, const WordSink& word) const = 0;
};

/// GPT-2's pattern as a loop over character classes: equal to the regular expression, an order of
/// magnitude faster, and linear in the length of the text.
std::unique_ptr<TextSplitter> makeGpt2Splitter();

/// Any pattern, by PCRE2. Each match is a word, and so is each stretch between two matches.
/// @param source  what to call the pattern's file in errors.
/// @throws Error  Format if the pattern is not a regular expression.
std::unique_ptr<TextSplitter> makePatternSplitter(const std::string& pattern,
                                                  const std::string& source);

} // namespace samba
