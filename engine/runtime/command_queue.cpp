#include "engine/runtime/command_queue.h"

namespace samba {

bool CommandQueue::push(Command command)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isClosed || m_commands.size() >= m_capacity)
            return false;
        m_commands.push_back(std::move(command));
    }
    m_hasChanged.notify_one();
    return true;
}

std::optional<Command> CommandQueue::pop()
{
    std::unique_lock lock(m_mutex);
    m_hasChanged.wait(lock, [this] { return m_isClosed || !m_commands.empty(); });
    return takeFront();
}

std::optional<Command> CommandQueue::tryPop()
{
    const std::lock_guard lock(m_mutex);
    return takeFront();
}

void CommandQueue::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
        m_commands.clear();
    }
    m_hasChanged.notify_all();
}

bool CommandQueue::isClosed() const
{
    const std::lock_guard lock(m_mutex);
    return m_isClosed;
}

std::optional<Command> CommandQueue::takeFront()
{
    if (m_commands.empty())
        return std::nullopt;
    Command command = std::move(m_commands.front());
    m_commands.pop_front();
    return command;
}

} // namespace samba
