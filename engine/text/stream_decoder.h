#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace samba {

class Tokenizer;

/// Turns ids that arrive one by one into text that never cuts a character.
///
/// The pieces joined are exactly Tokenizer::decode() of all ids. Thread: one at a time.
class StreamDecoder {
public:
    explicit StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer,
                           bool skipSpecialTokens = false);

    /// Takes one id and returns what can be shown now: whole characters only, broken bytes that no
    /// later byte can mend as U+FFFD. Empty while a character is unfinished.
    /// @throws Error  InvalidArgument for an id outside the tokenizer.
    std::string push(int32_t id);

    /// Ends the text: what is left of an unfinished character becomes one U+FFFD. The decoder can
    /// then be used for a new text.
    std::string finish();

private:
    std::shared_ptr<const Tokenizer> m_tokenizer;
    bool m_skipSpecialTokens;
    std::string m_pending; ///< the beginning of a character, at most three bytes
};

} // namespace samba
