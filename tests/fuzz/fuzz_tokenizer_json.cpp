#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/tokenizer_description.h"
#include "tests/fuzz/fuzz_support.h"

namespace {

/// A tokenizer that was accepted encodes any text into ids of its own, and decodes them.
void use(const samba::Tokenizer& tokenizer)
{
    const std::string text = "The caf\u00e9's 12 <|endoftext|>  \n\n\xff e\u0301";
    const auto ids = tokenizer.encode(text);
    for (const int32_t id : ids)
        samba::fuzz::require(id >= 0 && id < tokenizer.size());
    tokenizer.decode(ids);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static samba::fuzz::InputFile file;
    file.fill(samba::fuzz::textOf(data, size));
    try {
        use(*samba::Tokenizer::fromDescription(samba::readTokenizerJson(file.path()), "input"));
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
