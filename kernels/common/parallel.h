#pragma once

#include <algorithm>
#include <cstdint>

#include <ATen/Parallel.h>
#include <hwy/aligned_allocator.h>

namespace samba::kernels {

/// Threads that share the work of an operation.
inline int64_t threadCount()
{
    return at::get_num_threads();
}

/// Calls `task(index, workspace)` for every index in [0, count) on LibTorch's threads. `Workspace`
/// is made once a thread, aligned for vectors, from whatever it has to be told; it holds scratch
/// memory only, so that no result depends on which thread ran a task. Exceptions reach the caller.
template <class Workspace, class Task, class... WorkspaceArgs>
void parallelTasks(int64_t count, const Task& task, const WorkspaceArgs&... workspaceArgs)
{
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
        Workspace workspace(workspaceArgs...);
        for (int64_t index = begin; index < end; ++index)
            task(index, workspace);
    });
}

/// Zeroed scratch memory, aligned to vectors.
template <typename T>
class Scratch {
public:
    explicit Scratch(int64_t count)
        : m_values(hwy::AllocateAligned<T>(static_cast<size_t>(count))), m_count(count)
    {
        clear();
    }

    T* data() { return m_values.get(); }
    void clear() { std::fill_n(m_values.get(), m_count, T(0)); }

private:
    hwy::AlignedFreeUniquePtr<T[]> m_values;
    int64_t m_count;
};

/// target[i] = sum over p of partials[p * count + i], in the order of p whatever the number of
/// threads.
template <typename T>
void sumInOrder(const T* partials, int64_t parts, int64_t count, T* target)
{
    constexpr int64_t kGrain = 4096;
    at::parallel_for(0, count, kGrain, [&](int64_t begin, int64_t end) {
        std::copy(partials + begin, partials + end, target + begin);
        for (int64_t p = 1; p < parts; ++p) {
            const T* part = partials + p * count;
            for (int64_t i = begin; i < end; ++i)
                target[i] += part[i];
        }
    });
}

} // namespace samba::kernels
