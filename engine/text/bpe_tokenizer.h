#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

struct TokenizerDescription;

/// A byte-level byte-pair-encoding tokenizer, equal id by id to the published GPT-2 and
/// GPT-NeoX-20B ones (Sennrich et al. 2016; Radford et al. 2019).
///
/// Text is cut in these steps: added tokens that are matched in the raw text (`<|endoftext|>`),
/// Unicode normalisation where the tokenizer asks for it, added tokens that are matched in the
/// normalised text (NeoX's runs of spaces), words by the split pattern, byte pairs by merge rank.
/// No token is ever put in by encode() that does not stand in the text.
///
/// Text need not be valid UTF-8: a byte that is part of no character counts as a symbol (neither
/// letter, digit nor space) and is kept as it is, or becomes U+FFFD where the vocabulary has no
/// token for it (GPT-NeoX lacks the 13 bytes that valid UTF-8 never uses).
///
/// Immutable once made. Thread: any, several at once.
class Tokenizer {
public:
    /// Reads a tokenizer.
    /// @param fileOrFolder  a `tokenizer.json` in Hugging Face's form; or a `vocab.json` or
    ///                      `merges.txt` with the other one beside it (GPT-2's form, in which
    ///                      `<|endoftext|>` is recognised where the vocabulary has it); or a folder
    ///                      that holds either, `tokenizer.json` being taken first.
    /// @throws Error  File if nothing is there or cannot be read; Format, naming the file and the
    ///                part, if it is damaged or asks for something that is not supported. The
    ///                sections `truncation` and `padding` are passed over on purpose: they say how
    ///                batches were made by whoever saved the file, not which ids a text has.
    static std::shared_ptr<const Tokenizer> load(const std::filesystem::path& fileOrFolder);

    /// Makes a tokenizer of its parts.
    /// @param description  vocabulary, merges and rules; moved from.
    /// @param source       what to call it in error messages, normally a file name.
    /// @throws Error  Format if the parts contradict each other.
    static std::shared_ptr<const Tokenizer> fromDescription(TokenizerDescription description,
                                                            const std::string& source);

    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;
    ~Tokenizer();

    /// The ids of a text.
    /// @throws Error  InvalidArgument above 1 GiB of text; Format if the file's own split pattern
    ///                needs more backtracking than is allowed (GPT-2's never does).
    std::vector<int32_t> encode(std::string_view text) const;

    /// Appends the ids of a text to `ids`. Errors as encode().
    void encode(std::string_view text, std::vector<int32_t>& ids) const;

    /// The text of a sequence of ids, as valid UTF-8: each maximal broken part of a character
    /// becomes one U+FFFD.
    /// @param skipSpecialTokens  leaves out tokens that are marked special.
    /// @throws Error  InvalidArgument for an id outside [0, size()). An unused id inside it stands
    ///                for no text.
    std::string decode(std::span<const int32_t> ids, bool skipSpecialTokens = false) const;

    /// The bytes a token stands for; part of a character where the token cuts one, and empty for an
    /// unused id.
    /// @throws Error  InvalidArgument for an id outside [0, size()).
    const std::string& tokenBytes(int32_t id) const;

    /// tokenBytes() as valid UTF-8, broken parts replaced by U+FFFD: for showing.
    std::string tokenText(int32_t id) const;

    /// True for a token that is marked special, such as `<|endoftext|>`. Errors as tokenBytes().
    bool isSpecial(int32_t id) const;

    /// The highest id plus one: the number of embedding rows that can be meant by a text.
    int32_t size() const;

    /// The token that ends a document: `<|endoftext|>`, else one of the special tokens
    /// `<|end_of_text|>`, `</s>`, `<eos>`; empty if there is none.
    std::optional<int32_t> endOfTextId() const;

    /// Writes the tokenizer in Hugging Face's `tokenizer.json` form, readable by load() and by the
    /// `tokenizers` library. An existing file is replaced only when the new one is complete.
    /// @throws Error  File if it cannot be written.
    void save(const std::filesystem::path& tokenizerJson) const;

    /// 16 hexadecimal digits that depend on everything that decides ids and bytes, and on nothing
    /// else (not on the file's name or layout): a key for caches.
    const std::string& fingerprint() const;

private:
    class Rules;
    explicit Tokenizer(std::unique_ptr<const Rules> rules);

    std::unique_ptr<const Rules> m_rules;
};

} // namespace samba
