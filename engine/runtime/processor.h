#pragma once

#include <string>

namespace samba {

/// The processor's name as Linux tells it, or empty. Thread: any.
std::string processorName();

} // namespace samba
