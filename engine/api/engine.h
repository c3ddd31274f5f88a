#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace samba {

/// What both front ends decide once, at the start.
struct EngineOptions {
    std::string builtinDir;      ///< folder of the shipped example; empty: found beside the program
    std::string cacheDir;        ///< token caches; empty: $XDG_CACHE_HOME/samba-workbench
    std::string device = "auto"; ///< "auto", "cpu", "cuda", "cuda:N"
    int threads = 0;             ///< CPU threads; 0: all cores
    std::string program;         ///< name, version and revision, noted in every run
    /// Patterns of tensors that a model's file may lack, and of those that it may have beyond the
    /// model's own; `*` and `?` as in a shell.
    std::vector<std::string> allowMissing = {};
    std::vector<std::string> allowUnexpected = {};
};

/// The engine on its own thread.
///
/// One thread inside owns every tensor and executes the commands in order; while a run is in
/// progress it serves chat, inspection and run control between micro-batches. Any number of threads
/// may post; one thread takes the events. Neither call ever waits for the engine.
class Engine {
public:
    explicit Engine(EngineOptions options);
    /// Requests a stop, lets a run in progress write its checkpoint, and joins the thread.
    ~Engine();

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Queues a command.
    /// @return its id, or 0 if the queue is full or closed: nothing was done, try again later.
    CommandId post(CommandBody body);

    /// Everything since the last call.
    EventBatch takeEvents();

    /// Called from the engine's thread whenever the first unread event arrives; must be short and
    /// must not call back into the engine. For front ends that sleep rather than poll.
    void setWakeUp(std::function<void()> wakeUp);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace samba
