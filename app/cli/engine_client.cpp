#include "app/cli/engine_client.h"

#include "app/cli/console.h"

#include <optional>
#include <utility>

namespace samba::cli {

/// Follows the ordered events until one command is over: it has been answered, or the engine left
/// its rest for it, and the engine is at rest.
class EngineClient::PendingCommand {
public:
    PendingCommand(CommandId id, EngineState& state) : m_id(id), m_state(state) {}

    void see(const Event& event)
    {
        if (const auto* changed = std::get_if<StateChanged>(&event)) {
            m_state = changed->state;
            m_hasBegun |= m_state != EngineState::Idle;
        } else if (const auto* raised = std::get_if<ErrorRaised>(&event)) {
            if (raised->id == m_id) {
                m_error.emplace(raised->kind, raised->message, raised->remedy);
                m_hasBegun = true;
            }
        } else if (std::holds_alternative<TextInspected>(event) ||
                   std::holds_alternative<DeviceDescribed>(event)) {
            m_hasBegun = true; // answered without a change of state
        }
    }

    bool isOver() const { return m_hasBegun && m_state == EngineState::Idle; }
    const std::optional<Error>& error() const { return m_error; }

private:
    CommandId m_id;
    EngineState& m_state;
    std::optional<Error> m_error;
    bool m_hasBegun = false;
};

EngineClient::EngineClient(const EngineOptions& options, Console& console)
    : m_console(console), m_engine(options)
{
    m_engine.setWakeUp([this] { m_interrupts.wake(); });
}

CommandEnd EngineClient::run(CommandBody body, const EngineListener& listener)
{
    if (m_interrupts.isRequested())
        return CommandEnd::Interrupted;
    const bool isGeneration = std::holds_alternative<Generate>(body);
    const CommandId id = m_engine.post(std::move(body));
    PendingCommand pending(id, m_state);
    bool isStopPosted = false;
    while (!pending.isOver()) {
        m_interrupts.wait();
        if (m_interrupts.isRequested() && !isStopPosted) {
            const CommandBody stop =
                isGeneration ? CommandBody(CancelGeneration{}) : CommandBody(StopTraining{});
            isStopPosted = m_engine.post(stop) != 0;
        }
        const EventBatch batch = m_engine.takeEvents();
        // Metrics before events: the end of a run comes after its last numbers.
        for (const StepMetrics& metrics : batch.metrics)
            if (listener.metrics)
                listener.metrics(metrics);
        if (batch.progress && listener.progress)
            listener.progress(*batch.progress);
        else if (batch.progress)
            m_console.progress(*batch.progress);
        for (const Event& event : batch.events) {
            pending.see(event);
            tell(event, id);
            if (listener.event)
                listener.event(event);
        }
    }
    m_console.endProgress();
    if (pending.error())
        throw *pending.error();
    return isStopPosted ? CommandEnd::Interrupted : CommandEnd::Done;
}

void EngineClient::tell(const Event& event, CommandId id)
{
    if (const auto* message = std::get_if<LogMessage>(&event))
        m_console.log(*message);
    const auto* raised = std::get_if<ErrorRaised>(&event);
    if (raised && raised->id != id)
        m_console.error(raised->message, raised->remedy);
}

CommandEnd EngineClient::loadModel(const LoadModel& request, ModelInfo* info)
{
    return run(request, {.event = [&](const Event& event) {
                   const auto* loaded = std::get_if<ModelLoaded>(&event);
                   if (!loaded)
                       return;
                   for (const std::string& warning : loaded->warnings)
                       m_console.warning(warning);
                   if (info)
                       *info = loaded->info;
               }});
}

} // namespace samba::cli
