#include "engine/api/config_document.h"
#include "engine/api/error.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(samba::fuzz::textOf(data, size));
    const auto document = samba::ConfigDocument::fromText(text, "input.yaml");
    samba::fuzz::require(document.text() == text);
    // Editing one value of a valid text gives a valid text that says so.
    if (!document.isValid())
        return 0;
    const auto edited = document.withAssignment("training.seed=7");
    samba::fuzz::require(edited.isValid() && edited.config().training.seed == 7);
    return 0;
}
