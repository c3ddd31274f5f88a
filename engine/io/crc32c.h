#pragma once

#include <cstdint>
#include <string_view>

namespace samba {

/// CRC-32C (Castagnoli polynomial, reflected), as iSCSI, LevelDB and TensorBoard have it.
/// Thread: any.
uint32_t crc32c(std::string_view bytes);

} // namespace samba
