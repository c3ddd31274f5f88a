#include "engine/runtime/processor.h"

#include <algorithm>
#include <fstream>

namespace samba {

std::string processorName()
{
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name"))
            if (const size_t colon = line.find(':'); colon != std::string::npos)
                return line.substr(std::min(line.size(), colon + 2));
    return {};
}

} // namespace samba
