#include "engine/api/engine.h"

#include "engine/runtime/command_queue.h"
#include "engine/runtime/event_lanes.h"
#include "engine/runtime/process_memory.h"
#include "engine/runtime/session.h"
#include "kernels/common/cuda_library.h"

#include <atomic>
#include <thread>

namespace samba {
namespace {

/// Commands that may wait: more than a person can press, few enough to notice a stuck engine.
constexpr size_t kQueueCapacity = 256;

} // namespace

class Engine::Impl {
public:
    explicit Impl(EngineOptions options)
        : m_options(std::move(options)), m_thread([this] { runThread(); })
    {}

    ~Impl()
    {
        m_flags.isClosing = true;
        m_queue.close();
        m_thread.join();
    }

    CommandId post(CommandBody body)
    {
        const CommandId id = ++m_lastId;
        const bool stopsTraining = std::holds_alternative<StopTraining>(body);
        const bool cancelsGeneration = std::holds_alternative<CancelGeneration>(body);
        if (!m_queue.push({id, std::move(body)}))
            return 0;
        if (stopsTraining)
            m_flags.stopTraining = id;
        if (cancelsGeneration)
            m_flags.cancelGeneration = id;
        return id;
    }

    EventLanes& lanes() { return m_lanes; }

private:
    void runThread()
    {
        keepFreedMemory();
        // LibTorch decides with its first tensor whether it has CUDA.
        if (m_options.device != "cpu")
            kernels::loadCudaLibrary();
        Session session(m_options, m_queue, m_flags, m_lanes);
        while (const std::optional<Command> command = m_queue.pop())
            session.execute(*command);
    }

    EngineOptions m_options;
    CommandQueue m_queue{kQueueCapacity};
    InterruptFlags m_flags;
    EventLanes m_lanes;
    std::atomic<CommandId> m_lastId{0};
    std::thread m_thread; ///< last: it uses all of the above
};

Engine::Engine(EngineOptions options) : m_impl(std::make_unique<Impl>(std::move(options)))
{}

Engine::~Engine() = default;

CommandId Engine::post(CommandBody body)
{
    return m_impl->post(std::move(body));
}

EventBatch Engine::takeEvents()
{
    return m_impl->lanes().take();
}

void Engine::setWakeUp(std::function<void()> wakeUp)
{
    m_impl->lanes().setWakeUp(std::move(wakeUp));
}

} // namespace samba
