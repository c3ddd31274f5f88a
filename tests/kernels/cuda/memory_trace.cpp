#include "tests/kernels/cuda/memory_trace.h"

#include "tests/kernels/cuda/cuda_emulator.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <tuple>

#include <unordered_map>

#include <unistd.h>

namespace samba::emu {
namespace {

constexpr unsigned kWarpSize = 32;
constexpr std::size_t kCellBytes = 2; ///< the smallest element
constexpr std::uintptr_t kSectorBytes = 32;
constexpr std::uintptr_t kWordBytes = 4;
constexpr std::size_t kBanks = 32;

/// One access: who, and after how many barriers of the block. Block 0 stands for nobody.
struct Event {
    unsigned block = 0;
    unsigned rank = 0;
    unsigned barriers = 0;
    const void* instruction = nullptr;
};

/// The last accesses to a few bytes.
struct Cell {
    Event write;
    Event read;
    bool isAtomic = false;     ///< the write
    bool isReadByMany = false; ///< since the block's last barrier, by more than one thread
};

struct Region {
    std::uintptr_t base = 0;
    std::size_t bytes = 0;
    const char* name = nullptr; ///< compared by address
    std::vector<Cell> cells;
};

struct Race {
    std::string text;
    const void* first;
    const void* second;
};

/// The lanes of a warp that run an instruction for the same time.
struct Request {
    std::vector<std::uintptr_t> addresses; ///< in the buffer
    std::size_t width = 0;
};

using InstructionAndBuffer = std::pair<const void*, const char*>;

std::vector<std::unique_ptr<Region>> g_regions;
Region* g_lastRegion = nullptr;
std::vector<Race> g_races;
std::map<InstructionAndBuffer, TrafficSummary> g_traffic;
/// By instruction, buffer, warp and how often the thread has run it before.
std::map<std::tuple<InstructionAndBuffer, unsigned, unsigned>, Request> g_requests;
std::unordered_map<std::uint64_t, unsigned> g_runs; ///< by instruction and thread

Region* findRegion(std::uintptr_t address)
{
    if (g_lastRegion && address - g_lastRegion->base < g_lastRegion->bytes)
        return g_lastRegion;
    for (const auto& region : g_regions)
        if (address - region->base < region->bytes)
            return g_lastRegion = region.get();
    return nullptr;
}

/// Whether `before` happens before what the thread at `now` does: it is the same thread's, or a
/// barrier stands between. Nothing orders blocks, and shuffles order no memory.
bool isOrdered(const Event& before, const ThreadPosition& now)
{
    return before.block == now.block && (before.rank == now.rank || before.barriers < now.barriers);
}

void report(const char* kind, const Region& region, std::uintptr_t address, const Event& before,
            const ThreadPosition& now, const void* instruction)
{
    for (const Race& race : g_races)
        if (race.first == before.instruction && race.second == instruction)
            return;
    g_races.push_back(
        {std::string(kind) + " of " + region.name + " at byte " +
             std::to_string(address - region.base) + ": thread " + std::to_string(now.rank) +
             (before.block == now.block
                  ? " after thread " + std::to_string(before.rank) + " without a barrier between"
                  : std::string(" and another block")),
         before.instruction, instruction});
}

void followCell(const Region& region, Cell& cell, std::uintptr_t address, Access access,
                const ThreadPosition& now, const void* instruction)
{
    const bool isAtomic = access == Access::Atomic;
    const bool isWrite = access != Access::Read;
    if (cell.write.block != 0 && !(isAtomic && cell.isAtomic) && !isOrdered(cell.write, now))
        report(isWrite ? "write after write" : "read after write", region, address, cell.write, now,
               instruction);
    const Event event = {now.block, now.rank, now.barriers, instruction};
    const bool isSameInterval = cell.read.block == now.block && cell.read.barriers == now.barriers;
    if (isWrite) {
        if (cell.read.block != 0 &&
            (!isOrdered(cell.read, now) || (cell.isReadByMany && isSameInterval)))
            report("write after read", region, address, cell.read, now, instruction);
        cell.write = event;
        cell.isAtomic = isAtomic;
        return;
    }
    cell.isReadByMany = isSameInterval && (cell.isReadByMany || cell.read.rank != now.rank);
    cell.read = event;
}

/// "file:line" of the instruction before each address, by the program addr2line; "" without it.
std::map<const void*, std::string> placesOf(const std::vector<const void*>& instructions)
{
    std::map<const void*, std::string> places;
    std::string command = "addr2line -a -i -e /proc/" + std::to_string(getpid()) + "/exe";
    for (const void* instruction : instructions) {
        char address[32];
        std::snprintf(address, sizeof address, " 0x%zx",
                      reinterpret_cast<std::size_t>(instruction) - 1);
        command += address;
    }
    FILE* lines = popen((command + " 2>/dev/null").c_str(), "r");
    if (!lines)
        return places;
    std::size_t index = 0;
    char line[512];
    while (std::fgets(line, sizeof line, lines)) {
        std::string text(line);
        if (text.starts_with("0x")) { // the next address; its places follow, innermost first
            ++index;
            continue;
        }
        text.erase(std::min(text.find_first_of("\n ("), text.size()));
        text.erase(0, text.rfind('/') + 1);
        std::string& place = places[instructions.at(index - 1)];
        // The innermost place that is not in the emulator.
        if ((place.empty() || place.starts_with("cuda_emulator")) && !text.starts_with('?'))
            place = text;
    }
    pclose(lines);
    return places;
}

std::size_t countDistinct(std::vector<std::uintptr_t>& values)
{
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values.size();
}

/// Global memory is moved in sectors, whichever lanes want its bytes.
void countSectors(const Request& request, TrafficSummary& summary)
{
    std::vector<std::uintptr_t> sectors;
    std::vector<std::uintptr_t> cells;
    for (const std::uintptr_t address : request.addresses)
        for (std::uintptr_t at = address; at < address + request.width; at += kCellBytes) {
            sectors.push_back(at / kSectorBytes);
            cells.push_back(at / kCellBytes);
        }
    summary.sectors += countDistinct(sectors);
    summary.fewest += (countDistinct(cells) * kCellBytes + kSectorBytes - 1) / kSectorBytes;
}

/// A bank of shared memory gives one word at a time; as many lanes take turns as move 128 bytes.
void countBanks(const Request& request, TrafficSummary& summary)
{
    const std::size_t together =
        request.width > kWordBytes ? kBanks * kWordBytes / request.width : kWarpSize;
    for (std::size_t i = 0; i < request.addresses.size(); i += together) {
        std::vector<std::uintptr_t> words;
        for (std::size_t j = i; j < std::min(request.addresses.size(), i + together); ++j)
            for (std::size_t byte = 0; byte < request.width; byte += kWordBytes)
                words.push_back((request.addresses[j] + byte) / kWordBytes);
        countDistinct(words);
        std::array<std::uint64_t, kBanks> banks{};
        for (const std::uintptr_t word : words)
            summary.ways = std::max(summary.ways, ++banks[word % kBanks]);
    }
}

} // namespace

bool isTracing()
{
    return true;
}

void track(const void* memory, std::size_t bytes, const char* name)
{
    auto region = std::make_unique<Region>();
    region->base = reinterpret_cast<std::uintptr_t>(memory);
    region->bytes = bytes;
    region->name = name;
    region->cells.resize(bytes / kCellBytes + 1);
    g_regions.push_back(std::move(region));
}

void untrack(const void* memory)
{
    g_lastRegion = nullptr;
    std::erase_if(g_regions, [memory](const auto& region) {
        return region->base == reinterpret_cast<std::uintptr_t>(memory);
    });
}

void noteAccess(const void* memory, std::size_t bytes, Access access, const void* instruction)
{
    ThreadPosition now{};
    if (!currentPosition(now))
        return;
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    Region* region = findRegion(address);
    if (!region)
        return;
    for (std::uintptr_t at = address; at < address + bytes; at += kCellBytes)
        if (at - region->base < region->bytes)
            followCell(*region, region->cells[(at - region->base) / kCellBytes], at, access, now,
                       instruction);

    const InstructionAndBuffer key = {instruction, region->name};
    TrafficSummary& summary = g_traffic[key];
    summary.buffer = region->name;
    summary.access = access;
    summary.width = bytes;
    const unsigned run = g_runs[reinterpret_cast<std::uint64_t>(instruction) * 1024 + now.rank]++;
    Request& request = g_requests[{key, now.rank / kWarpSize, run}];
    request.width = bytes;
    // Device memory begins at a multiple of 256 bytes, whatever its address here.
    request.addresses.push_back(address - region->base);
}

void startLaunch()
{
    for (const auto& region : g_regions)
        std::fill(region->cells.begin(), region->cells.end(), Cell{});
}

void settleBlock()
{
    for (const auto& [key, request] : g_requests) {
        TrafficSummary& summary = g_traffic[std::get<0>(key)];
        ++summary.requests;
        if (std::get<0>(key).second == kSharedMemory)
            countBanks(request, summary);
        else
            countSectors(request, summary);
    }
    g_requests.clear();
    g_runs.clear();
}

std::vector<std::string> takeRaces()
{
    std::vector<std::string> sentences;
    for (const Race& race : g_races) {
        auto places = placesOf({race.first, race.second});
        sentences.push_back(race.text + " (" + places[race.first] + ", then " +
                            places[race.second] + ")");
    }
    g_races.clear();
    return sentences;
}

std::vector<TrafficSummary> takeTraffic()
{
    std::vector<TrafficSummary> traffic;
    if (g_traffic.empty())
        return traffic;
    std::vector<const void*> instructions;
    for (const auto& [key, summary] : g_traffic)
        instructions.push_back(key.first);
    auto places = placesOf(instructions);
    for (const auto& [key, summary] : g_traffic) {
        traffic.push_back(summary);
        traffic.back().place = places[key.first];
    }
    g_traffic.clear();
    return traffic;
}

} // namespace samba::emu

// What the compiler calls in code compiled with -fsanitize=thread.
#define SAMBA_EMU_HOOKS(bytes)                                                                     \
    extern "C" void __tsan_read##bytes(void* memory);                                              \
    extern "C" void __tsan_write##bytes(void* memory);                                             \
    extern "C" void __tsan_unaligned_read##bytes(void* memory);                                    \
    extern "C" void __tsan_unaligned_write##bytes(void* memory);                                   \
    void __tsan_read##bytes(void* memory)                                                          \
    {                                                                                              \
        samba::emu::noteAccess(memory, bytes, samba::emu::Access::Read,                            \
                               __builtin_return_address(0));                                       \
    }                                                                                              \
    void __tsan_write##bytes(void* memory)                                                         \
    {                                                                                              \
        samba::emu::noteAccess(memory, bytes, samba::emu::Access::Write,                           \
                               __builtin_return_address(0));                                       \
    }                                                                                              \
    void __tsan_unaligned_read##bytes(void* memory)                                                \
    {                                                                                              \
        samba::emu::noteAccess(memory, bytes, samba::emu::Access::Read,                            \
                               __builtin_return_address(0));                                       \
    }                                                                                              \
    void __tsan_unaligned_write##bytes(void* memory)                                               \
    {                                                                                              \
        samba::emu::noteAccess(memory, bytes, samba::emu::Access::Write,                           \
                               __builtin_return_address(0));                                       \
    }

SAMBA_EMU_HOOKS(1)
SAMBA_EMU_HOOKS(2)
SAMBA_EMU_HOOKS(4)
SAMBA_EMU_HOOKS(8)
SAMBA_EMU_HOOKS(16)

extern "C" {
void __tsan_read_range(void* memory, std::size_t bytes);
void __tsan_write_range(void* memory, std::size_t bytes);
void __tsan_init();
void __tsan_func_entry(void* caller);
void __tsan_func_exit();
void __tsan_vptr_update(void** object, void* table);
void __tsan_vptr_read(void** object);
int __tsan_atomic8_load(const void* memory, int order);

void __tsan_read_range(void* memory, std::size_t bytes)
{
    samba::emu::noteAccess(memory, bytes, samba::emu::Access::Read, __builtin_return_address(0));
}
void __tsan_write_range(void* memory, std::size_t bytes)
{
    samba::emu::noteAccess(memory, bytes, samba::emu::Access::Write, __builtin_return_address(0));
}
void __tsan_init()
{}
void __tsan_func_entry(void*)
{}
void __tsan_func_exit()
{}
void __tsan_vptr_update(void**, void*)
{}
void __tsan_vptr_read(void**)
{}
int __tsan_atomic8_load(const void* memory, int)
{
    return *static_cast<const volatile char*>(memory);
}
}
