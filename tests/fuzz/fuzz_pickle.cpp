#include "engine/api/error.h"
#include "engine/io/pickle_reader.h"
#include "tests/fuzz/fuzz_support.h"

// The pickle alone: behind the checksum of an archive the fuzzer would hardly ever reach it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using samba::fuzz::require;
    try {
        const auto tensors =
            samba::readPickledStateDict(samba::fuzz::bytesOf(data, size), "input.pkl");
        for (const samba::PickledTensor& tensor : tensors) {
            require(tensor.shape.size() == tensor.strides.size());
            require(samba::elementCount(tensor.shape).has_value());
            require(tensor.offset >= 0 && tensor.storageCount >= 0);
        }
    } catch (const samba::Error& error) {
        require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
