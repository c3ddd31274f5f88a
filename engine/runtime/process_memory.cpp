#include "engine/runtime/process_memory.h"

#include <fstream>

#include <unistd.h>

namespace samba {

double residentBytes()
{
    std::ifstream statm("/proc/self/statm");
    double totalPages = 0;
    double residentPages = 0;
    if (!(statm >> totalPages >> residentPages))
        return 0;
    return residentPages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

} // namespace samba
