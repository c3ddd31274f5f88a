#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace samba::kernels {

/// Numbers [0, count) that threads share out among themselves while they work: whoever is free takes
/// the next part, since threads that share a core or a machine are not equally fast. Parts grow
/// smaller towards the end, so that all end at about the same time.
class Parts {
public:
    /// @param least  a part's size, which all but the last one are multiples of.
    Parts(int64_t count, int64_t least, int64_t threads)
        : m_count(count), m_least(least), m_threads(threads)
    {}

    /// Calls `work(first, last)` for every part that this thread gets.
    template <class Work>
    void share(const Work& work)
    {
        int64_t first = m_next.load();
        while (first < m_count) {
            const int64_t last = std::min(first + sizeAt(first), m_count);
            if (!m_next.compare_exchange_weak(first, last))
                continue; // another thread took it; `first` is the next one
            work(first, last);
            first = m_next.load();
        }
    }

private:
    int64_t sizeAt(int64_t first) const
    {
        const int64_t share = (m_count - first) / (2 * m_threads);
        return std::max(m_least, share / m_least * m_least);
    }

    int64_t m_count;
    int64_t m_least;
    int64_t m_threads;
    std::atomic<int64_t> m_next{0};
};

} // namespace samba::kernels
