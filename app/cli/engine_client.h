#pragma once

#include "app/cli/interrupts.h"
#include "engine/api/engine.h"

#include <functional>
#include <string>

namespace samba::cli {

class Console;

/// What a command wants to hear while it waits for the engine; empty functions are left out.
/// Called on the thread that runs the command.
struct EngineListener {
    std::function<void(const Event&)> event = {};
    std::function<void(const StepMetrics&)> metrics = {};
    std::function<void(const Progress&)> progress = {}; ///< empty: the console's progress bar
};

/// How a command to the engine ended; a failure is an exception instead.
enum class CommandEnd { Done, Interrupted };

/// The engine for a program that does one thing after the other: a command is posted and waited
/// for. Log lines and progress go to the console. Thread: the one that made it.
class EngineClient {
public:
    /// @param console  outlives the client.
    EngineClient(const EngineOptions& options, Console& console);
    EngineClient(const EngineClient&) = delete;
    EngineClient& operator=(const EngineClient&) = delete;

    /// Executes a command and returns when the engine is idle again. After Ctrl-C the engine is
    /// asked to stop and its clean end is waited for.
    /// @throws Error  what the engine said about this command; and what the listener throws.
    [[nodiscard]] CommandEnd run(CommandBody body, const EngineListener& listener = {});

    /// Loads a model, its warnings going to the console.
    /// @param info  filled in unless interrupted; may be null.
    /// @throws Error File or Format.
    [[nodiscard]] CommandEnd loadModel(const LoadModel& request, ModelInfo* info = nullptr);

    /// Where Ctrl-C arrives: for dialogues, which go on after one.
    Interrupts& interrupts() { return m_interrupts; }

private:
    class PendingCommand;

    void tell(const Event& event, CommandId id);

    Console& m_console;
    Interrupts m_interrupts;
    EngineState m_state = EngineState::Idle;
    Engine m_engine; ///< last, so that it goes first: its thread wakes m_interrupts
};

} // namespace samba::cli
