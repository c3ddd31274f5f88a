#include "kernels/common/huge_pages.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <sys/mman.h>
#include <unistd.h>

namespace samba::kernels {
namespace {

/// Below, a tensor is not worth a place of its own.
constexpr size_t kLeastBytes = 64 * 1024;
/// Address space taken at once; what is never written costs nothing.
constexpr size_t kRegionBytes = size_t{256} << 20;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kAlignment = 64;

size_t roundedUp(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/// Memory that tensors are cut from, one after the other. It goes back to the system with the last
/// of them, whole pages of a tensor already with it.
class Region {
public:
    explicit Region(size_t bytes) : m_bytes(roundedUp(bytes, kHugePage) + kHugePage)
    {
        void* memory = mmap(nullptr, m_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            throw std::bad_alloc();
        // Only a wish: without huge pages all is as good, but slower.
        madvise(memory, m_bytes, MADV_HUGEPAGE);
        m_memory = static_cast<std::byte*>(memory);
        m_next = roundedUp(reinterpret_cast<size_t>(memory), kHugePage) -
                 reinterpret_cast<size_t>(memory);
    }
    ~Region() { munmap(m_memory, m_bytes); }
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;

    /// The next bytes, or null if there are not as many left.
    void* take(size_t bytes)
    {
        const size_t wanted = roundedUp(bytes, kAlignment);
        if (wanted > m_bytes - m_next)
            return nullptr;
        void* taken = m_memory + m_next;
        m_next += wanted;
        return taken;
    }

    static void giveBack(void* memory, size_t bytes)
    {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t first = roundedUp(reinterpret_cast<size_t>(memory), page);
        const size_t last = (reinterpret_cast<size_t>(memory) + bytes) / page * page;
        if (first < last)
            madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
    }

private:
    std::byte* m_memory = nullptr;
    size_t m_bytes;
    size_t m_next = 0;
};

/// Memory for a tensor, and the region that it keeps alive.
std::pair<void*, std::shared_ptr<Region>> take(size_t bytes)
{
    static std::mutex mutex;
    static std::weak_ptr<Region> current;
    const std::lock_guard lock(mutex);
    std::shared_ptr<Region> region = current.lock();
    void* memory = region ? region->take(bytes) : nullptr;
    if (!memory) {
        region = std::make_shared<Region>(std::max(bytes, kRegionBytes));
        current = region;
        memory = region->take(bytes);
    }
    return {memory, region};
}

} // namespace

at::Tensor emptyInHugePages(at::IntArrayRef sizes, at::ScalarType type)
{
    const size_t bytes =
        static_cast<size_t>(c10::multiply_integers(sizes)) * c10::elementSize(type);
    if (bytes < kLeastBytes)
        return at::empty(sizes, type);
    const auto [memory, region] = take(bytes);
    return at::from_blob(
        memory, sizes, [region = region, bytes](void* data) { Region::giveBack(data, bytes); },
        type);
}

at::Tensor emptyMappedAnew(at::IntArrayRef sizes, const at::TensorOptions& options)
{
    at::Tensor tensor = at::empty(sizes, options);
    const auto start = reinterpret_cast<size_t>(tensor.mutable_data_ptr());
    const size_t first = roundedUp(start, kHugePage);
    const size_t last = (start + tensor.nbytes()) / kHugePage * kHugePage;
    if (first < last)
        madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
    return tensor;
}

at::Tensor copyToHugePages(const at::Tensor& tensor)
{
    at::Tensor copy = emptyInHugePages(tensor.sizes(), tensor.scalar_type());
    copy.copy_(tensor);
    return copy;
}

} // namespace samba::kernels
