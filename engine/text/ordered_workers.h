#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace samba {

/// Some threads that work on jobs in parallel and give the results back in the order of the jobs.
///
/// The threads live as long as the object, so what they keep in thread-local memory (the word
/// caches of the tokenizer) stays warm. How many jobs are under way is up to the caller. Thread of
/// the caller: one.
template <typename Result>
class OrderedWorkers {
public:
    using Job = std::function<Result()>;

    explicit OrderedWorkers(std::size_t threadCount)
    {
        for (std::size_t i = 0; i < threadCount; ++i)
            m_threads.emplace_back([this] { work(); });
    }

    /// Waits for the jobs that have begun; the others are dropped.
    ~OrderedWorkers()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_isStopping = true;
        }
        m_hasWork.notify_all();
        for (std::thread& thread : m_threads)
            thread.join();
    }

    OrderedWorkers(const OrderedWorkers&) = delete;
    OrderedWorkers& operator=(const OrderedWorkers&) = delete;

    void submit(Job job)
    {
        std::packaged_task<Result()> task(std::move(job));
        m_results.push_back(task.get_future());
        {
            const std::lock_guard lock(m_mutex);
            m_tasks.push_back(std::move(task));
        }
        m_hasWork.notify_one();
    }

    /// Jobs whose result has not been taken.
    std::size_t pending() const { return m_results.size(); }

    /// Waits for the oldest job; pending() must not be 0. Throws what the job threw.
    Result takeNext()
    {
        std::future<Result> result = std::move(m_results.front());
        m_results.pop_front();
        return result.get();
    }

private:
    void work()
    {
        for (;;) {
            std::packaged_task<Result()> task;
            {
                std::unique_lock lock(m_mutex);
                m_hasWork.wait(lock, [this] { return m_isStopping || !m_tasks.empty(); });
                if (m_isStopping)
                    return;
                task = std::move(m_tasks.front());
                m_tasks.pop_front();
            }
            task();
        }
    }

    std::vector<std::thread> m_threads;
    std::deque<std::future<Result>> m_results; ///< touched by the caller only
    std::mutex m_mutex;
    std::condition_variable m_hasWork;
    std::deque<std::packaged_task<Result()>> m_tasks;
    bool m_isStopping = false;
};

} // namespace samba
