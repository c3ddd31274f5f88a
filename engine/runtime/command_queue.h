#pragma once

#include "engine/api/commands.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace samba {

/// A bounded queue of commands: any thread puts in, the engine's thread takes out.
class CommandQueue {
public:
    explicit CommandQueue(size_t capacity) : m_capacity(capacity) {}

    /// False, and nothing done, if the queue is full or closed. Never waits.
    bool push(Command command);

    /// Waits for a command; nothing once the queue is closed and empty. Thread: engine.
    std::optional<Command> pop();

    /// The next command if there is one. Never waits. Thread: engine.
    std::optional<Command> tryPop();

    /// Refuses further commands and drops those still waiting.
    void close();

    bool isClosed() const;

private:
    std::optional<Command> takeFront();

    const size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable m_hasChanged;
    std::deque<Command> m_commands;
    bool m_isClosed = false;
};

} // namespace samba
