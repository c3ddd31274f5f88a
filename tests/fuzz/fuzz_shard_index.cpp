#include "engine/api/error.h"
#include "engine/io/shard_index.h"
#include "tests/fuzz/fuzz_support.h"

#include <filesystem>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    try {
        for (const auto& [tensor, shard] : samba::parseShardIndex(json, "input.index.json")) {
            // Whatever is accepted stays in its folder.
            const std::filesystem::path path(shard);
            samba::fuzz::require(path.filename() == path && shard != "." && shard != "..");
        }
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    }
    return 0;
}
