#include "engine/runtime/process_memory.h"

#include <cstdio>
#include <fstream>
#include <limits>

#include <malloc.h>
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

void keepFreedMemory()
{
    // One heap for all threads, as those of other threads are small, whose top is never cut off.
    // The largest tensors, such as the embedding's gradient, would leave holes there that nothing
    // else fills: they stay out of it, as far as malloc lets the threshold rise.
    constexpr int kLargestInHeap = 32 * 1024 * 1024;
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, kLargestInHeap);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

void returnFreedMemory()
{
    malloc_trim(0);
}

MachineMemory machineMemory()
{
    constexpr double kKibibyte = 1024.0;
    MachineMemory memory;
    std::ifstream meminfo("/proc/meminfo");
    std::string key;
    double kibibytes = 0;
    while (meminfo >> key >> kibibytes) {
        if (key == "MemTotal:")
            memory.totalBytes = kibibytes * kKibibyte;
        else if (key == "MemAvailable:")
            memory.availableBytes = kibibytes * kKibibyte;
        meminfo.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return memory;
}

std::string formatGibibytes(double bytes)
{
    constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GiB", bytes / kGibibyte);
    return text;
}

} // namespace samba
