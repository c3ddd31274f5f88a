#pragma once

namespace samba {

/// Resident memory of this process in bytes, 0 where the system does not tell. Thread: any.
double residentBytes();

} // namespace samba
