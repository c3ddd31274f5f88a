#include "engine/api/error.h"
#include "engine/io/model_config_json.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static samba::fuzz::InputFile file;
    file.fill(samba::fuzz::textOf(data, size));
    try {
        // A configuration that was accepted can be turned into the list of its tensors.
        const samba::TensorManifest manifest({samba::readModelConfig(file.path()).config});
        samba::fuzz::require(!manifest.tensors().empty());
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
