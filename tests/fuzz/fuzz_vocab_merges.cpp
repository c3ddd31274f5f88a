#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/tokenizer_description.h"
#include "tests/fuzz/fuzz_support.h"

/// The input is vocab.json, a zero byte, merges.txt.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static samba::fuzz::InputFile vocabulary;
    static samba::fuzz::InputFile merges;
    const std::string_view text = samba::fuzz::textOf(data, size);
    const std::size_t cut = std::min(text.find('\0'), text.size());
    vocabulary.fill(text.substr(0, cut));
    merges.fill(text.substr(std::min(cut + 1, text.size())));
    try {
        const auto tokenizer = samba::Tokenizer::fromDescription(
            samba::readVocabularyAndMerges(vocabulary.path(), merges.path()), "input");
        tokenizer->decode(tokenizer->encode("The house  \xff 12\n"));
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
