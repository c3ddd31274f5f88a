#include "tests/kernels/cuda/cuda_emulator.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#undef threadIdx
#undef blockIdx

namespace samba::emu {
namespace {

constexpr std::size_t kStackSize = 128 * 1024;
constexpr unsigned kWarpSize = 32;
constexpr unsigned kMaxThreads = 1024;

enum class State { Ready, AtBarrier, AtExchange, Done };

struct Fiber {
    uint3 thread{};
    unsigned rank = 0; ///< position in the block
    unsigned warp = 0;
    unsigned lane = 0;
    State state = State::Ready;
    Site site{};
    unsigned mask = 0;   ///< of the exchange it waits in
    unsigned source = 0; ///< lane whose value it wants
    alignas(8) unsigned char sent[8]{};
    alignas(8) unsigned char received[8]{};
    char* stack = nullptr;
    void* stackPointer = nullptr;
    void* sanitizerStack = nullptr;
};

struct Block {
    uint3 index{};
    unsigned serial = 0;
    unsigned barriers = 0; ///< passed so far
    std::vector<Fiber> fibers;
    std::vector<unsigned> arrivedLanes; ///< of each warp, in the exchange under way
    unsigned arrivedThreads = 0;        ///< at the barrier under way
    unsigned living = 0;
    std::vector<Fiber*> ready; ///< the next to run is the last
    std::map<const void*, std::unique_ptr<unsigned char[]>> shared;
    const std::function<void()>* body = nullptr;
    std::uint64_t random = 1;
    std::string error;
    std::exception_ptr thrown;
    void* hostStackPointer = nullptr;
};

Order g_order = Order::Forward;
std::uint64_t g_seed = 1;
Block* g_block = nullptr;
Fiber* g_self = nullptr;

std::string describe(const Site& site)
{
    return std::string(site.what) + " at " + site.file + ":" + std::to_string(site.line);
}

bool isSame(const Site& a, const Site& b)
{
    return a.line == b.line && std::strcmp(a.file, b.file) == 0 && std::strcmp(a.what, b.what) == 0;
}

/// Saves the registers that a call must keep on this stack, its pointer in `save`, and returns on
/// the stack whose pointer is `load`.
__attribute__((naked, noinline)) void swapStacks(void** /*save*/, void* /*load*/)
{
    asm("push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
        "mov %rsp, (%rdi); mov %rsi, %rsp\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp; ret");
}

#if defined(__SANITIZE_ADDRESS__)
const void* g_hostBottom = nullptr;
std::size_t g_hostSize = 0;
void* g_hostSanitizerStack = nullptr;

void beforeSwitch(Fiber* from, Fiber* to)
{
    void** keep = from == nullptr              ? &g_hostSanitizerStack
                  : from->state == State::Done ? nullptr
                                               : &from->sanitizerStack;
    __sanitizer_start_switch_fiber(keep, to ? to->stack : g_hostBottom,
                                   to ? kStackSize : g_hostSize);
}

void afterSwitch(void* sanitizerStack)
{
    const void* bottom = nullptr;
    std::size_t size = 0;
    __sanitizer_finish_switch_fiber(sanitizerStack, &bottom, &size);
    if (!g_hostBottom) { // the first switch comes from the host
        g_hostBottom = bottom;
        g_hostSize = size;
    }
}

void* sanitizerStackOf(Fiber* fiber)
{
    return fiber ? fiber->sanitizerStack : g_hostSanitizerStack;
}

void makeUsable(char* stack)
{
    ASAN_UNPOISON_MEMORY_REGION(stack, kStackSize);
}
#else
void beforeSwitch(Fiber*, Fiber*)
{}
void afterSwitch(void*)
{}
void* sanitizerStackOf(Fiber*)
{
    return nullptr;
}
void makeUsable(char*)
{}
#endif

/// Switches between fibers; null stands for the host, which started them.
void switchTo(Fiber* from, Fiber* to)
{
    beforeSwitch(from, to);
    g_self = to;
    swapStacks(from ? &from->stackPointer : &g_block->hostStackPointer,
               to ? to->stackPointer : g_block->hostStackPointer);
    afterSwitch(sanitizerStackOf(from));
}

/// Ends the block with an error; its fibers are given up where they stand.
[[noreturn]] void fail(const std::string& why)
{
    g_block->error = why;
    switchTo(g_self, nullptr);
    std::abort(); // a fiber that was given up does not run again
}

std::string describeDeadlock()
{
    std::map<std::string, int> counts;
    for (const Fiber& fiber : g_block->fibers)
        ++counts[fiber.state == State::Done ? "returned" : "wait in " + describe(fiber.site)];
    std::string text = "deadlock:";
    for (const auto& [where, count] : counts)
        text += " " + std::to_string(count) + " threads " + where + ";";
    return text;
}

/// Hands the turn to a fiber that is ready; if none is, to the host.
void giveTurn()
{
    Fiber* self = g_self;
    std::vector<Fiber*>& ready = g_block->ready;
    if (ready.empty()) {
        if (g_block->living > 0)
            g_block->error = describeDeadlock();
        switchTo(self, nullptr);
        return;
    }
    if (g_order == Order::Random) {
        g_block->random = g_block->random * 6364136223846793005u + 1442695040888963407u;
        std::swap(ready[(g_block->random >> 33) % ready.size()], ready.back());
    }
    Fiber* next = ready.back();
    ready.pop_back();
    if (next != self)
        switchTo(self, next);
}

/// Makes the fibers of [first, last) whose lanes are in `mask` ready, so that they run in the order
/// set.
void release(std::size_t first, std::size_t last, unsigned mask)
{
    for (std::size_t i = first; i < last; ++i) {
        const std::size_t at = g_order == Order::Forward ? last - 1 - (i - first) : i;
        Fiber& fiber = g_block->fibers[at];
        if ((mask >> fiber.lane & 1) != 0) {
            fiber.state = State::Ready;
            g_block->ready.push_back(&fiber);
        }
    }
}

/// Where a fiber begins.
void runFiber()
{
    afterSwitch(nullptr);
    try {
        (*g_block->body)();
    } catch (...) {
        g_block->thrown = std::current_exception();
    }
    g_self->state = State::Done;
    --g_block->living;
    giveTurn();
    std::abort(); // a fiber that is done does not run again
}

std::vector<char*>& stacks(unsigned count)
{
    static std::vector<char*> pool;
    while (pool.size() < count) {
        void* stack =
            mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (stack == MAP_FAILED)
            throw KernelError("no memory for the stacks of the threads");
        pool.push_back(static_cast<char*>(stack));
    }
    return pool;
}

void prepareFiber(Fiber& fiber, unsigned rank, dim3 size, char* stack)
{
    fiber.rank = rank;
    fiber.warp = rank / kWarpSize;
    fiber.lane = rank % kWarpSize;
    fiber.thread = {rank % size.x, rank / size.x % size.y, rank / size.x / size.y};
    fiber.stack = stack;
    makeUsable(stack);
    // What swapStacks() will pop: six registers, then the address it returns to.
    void** top = reinterpret_cast<void**>(stack + kStackSize - 24);
    top[0] = nullptr;
    top[-1] = reinterpret_cast<void*>(runFiber);
    fiber.stackPointer = top - 7;
}

void runBlock(uint3 index, dim3 size, unsigned serial, const std::function<void()>& body)
{
    const unsigned threads = size.x * size.y * size.z;
    Block block;
    block.index = index;
    block.serial = serial;
    block.fibers.resize(threads);
    block.arrivedLanes.resize((threads + kWarpSize - 1) / kWarpSize);
    block.living = threads;
    block.body = &body;
    block.random = g_seed * 2654435761u + serial;
    const std::vector<char*>& pool = stacks(threads);
    for (unsigned rank = 0; rank < threads; ++rank)
        prepareFiber(block.fibers[rank], rank, size, pool[rank]);
    g_block = &block;
    release(0, threads, ~0u);
    giveTurn();
    g_block = nullptr;
    g_self = nullptr;
    for (const auto& [key, memory] : block.shared)
        untrack(memory.get());
    settleBlock();
    if (block.thrown)
        std::rethrow_exception(block.thrown);
    if (!block.error.empty())
        throw KernelError(block.error + " [block " + std::to_string(index.x) + ", " +
                          std::to_string(index.y) + "]");
}

/// Checks that the fibers of one exchange agree, and hands the values over.
void deliver(std::size_t first, std::size_t last, const Site& site, unsigned mask)
{
    std::vector<Fiber>& fibers = g_block->fibers;
    for (std::size_t i = first; i < last; ++i) {
        Fiber& fiber = fibers[i];
        if ((mask >> fiber.lane & 1) == 0)
            continue;
        if (!isSame(fiber.site, site) || fiber.mask != mask)
            fail("divergent warp: " + describe(fiber.site) + " and " + describe(site) +
                 ", or different masks");
        if (fiber.source >= last - first || (mask >> fiber.source & 1) == 0)
            fail(describe(site) + ": lane " + std::to_string(fiber.lane) + " reads lane " +
                 std::to_string(fiber.source) + ", which is not in the mask");
        std::memcpy(fiber.received, fibers[first + fiber.source].sent, sizeof fiber.received);
    }
}

} // namespace

void setOrder(Order order, std::uint64_t seed)
{
    g_order = order;
    g_seed = seed;
}

const uint3& currentThread()
{
    return g_self->thread;
}

const uint3& currentBlock()
{
    return g_block->index;
}

bool currentPosition(ThreadPosition& position)
{
    if (!g_block || !g_self)
        return false;
    position = {g_block->serial, g_self->rank, g_block->barriers};
    return true;
}

unsigned currentLane()
{
    return g_self->lane;
}

void run(dim3 grid, dim3 block, const std::function<void()>& body)
{
    const unsigned threads = block.x * block.y * block.z;
    if (threads == 0 || threads > kMaxThreads)
        throw KernelError("a block of " + std::to_string(threads) + " threads");
    static unsigned serial = 0;
    startLaunch();
    for (unsigned z = 0; z < grid.z; ++z)
        for (unsigned y = 0; y < grid.y; ++y)
            for (unsigned x = 0; x < grid.x; ++x)
                runBlock({x, y, z}, block, ++serial, body);
}

void* sharedMemory(const void* key, std::size_t bytes)
{
    std::unique_ptr<unsigned char[]>& memory = g_block->shared[key];
    if (!memory) {
        memory.reset(new unsigned char[bytes]);
        std::memset(memory.get(), 0xff, bytes);
        track(memory.get(), bytes, kSharedMemory);
    }
    return memory.get();
}

void waitForBlock(const Site& site)
{
    g_self->state = State::AtBarrier;
    g_self->site = site;
    if (++g_block->arrivedThreads == g_block->fibers.size()) {
        for (const Fiber& fiber : g_block->fibers)
            if (!isSame(fiber.site, site))
                fail("divergent barrier: " + describe(fiber.site) + " and " + describe(site));
        g_block->arrivedThreads = 0;
        ++g_block->barriers;
        release(0, g_block->fibers.size(), ~0u);
    }
    giveTurn();
}

void exchange(const Site& site, unsigned mask, void* value, std::size_t bytes, unsigned source)
{
    Fiber& self = *g_self;
    const std::size_t first = self.warp * std::size_t{kWarpSize};
    const std::size_t last = std::min(first + kWarpSize, g_block->fibers.size());
    if (last - first < kWarpSize)
        mask &= (1u << (last - first)) - 1;
    if ((mask >> self.lane & 1) == 0)
        fail(describe(site) + ": the mask leaves out the calling lane");
    std::memcpy(self.sent, value, bytes);
    self.state = State::AtExchange;
    self.site = site;
    self.mask = mask;
    self.source = source;
    unsigned& arrived = g_block->arrivedLanes[self.warp];
    arrived |= 1u << self.lane;
    if ((arrived & mask) == mask) {
        deliver(first, last, site, mask);
        arrived &= ~mask;
        release(first, last, mask);
    }
    giveTurn();
    std::memcpy(value, self.received, bytes);
}

} // namespace samba::emu
