#include "engine/api/error.h"
#include "engine/io/torch_zip.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = samba::fuzz::bytesOf(data, size);
    try {
        const auto file = samba::TorchZipFile::parse(bytes, nullptr, "input.bin");
        samba::fuzz::checkTensors(file.tensors(), bytes);
        file.verifyChecksums();
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
