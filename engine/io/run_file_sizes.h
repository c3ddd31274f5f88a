#pragma once

#include <cstdint>

namespace samba {

/// Bytes of a run folder's growing files that belong to a checkpoint; lines after them are cut when
/// the run resumes from it.
struct RunFileSizes {
    uint64_t metrics = 0;
    uint64_t validation = 0;
    uint64_t samples = 0;
};

} // namespace samba
