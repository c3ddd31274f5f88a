#include "app/workbench/engine_bridge.h"

#include "engine/runtime/process_memory.h"

#include <chrono>
#include <utility>

namespace samba::workbench {

namespace {

constexpr std::chrono::milliseconds kTick{33};
constexpr int kTicksPerMeasurement = 30;

} // namespace

EngineBridge::EngineBridge(samba::EngineOptions options, QObject* parent)
    : QObject(parent), m_engine(std::move(options))
{
    m_timer.setInterval(kTick);
    connect(&m_timer, &QTimer::timeout, this, &EngineBridge::tick);
    m_timer.start();
}

void EngineBridge::post(const samba::CommandBody& command)
{
    const samba::CommandId id = m_engine.post(command);
    Q_EMIT commandPosted(id, command);
}

void EngineBridge::tick()
{
    const samba::EventBatch batch = m_engine.takeEvents();
    if (!batch.isEmpty())
        Q_EMIT batchArrived(batch);
    if (m_ticks++ % kTicksPerMeasurement == 0)
        Q_EMIT memoryMeasured(samba::residentBytes());
}

} // namespace samba::workbench
