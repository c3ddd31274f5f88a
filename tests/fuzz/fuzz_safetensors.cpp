#include "engine/api/error.h"
#include "engine/io/safetensors.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = samba::fuzz::bytesOf(data, size);
    try {
        const auto file = samba::SafetensorsFile::parse(bytes, nullptr, "input.safetensors");
        samba::fuzz::checkTensors(file.tensors(), bytes);
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
