#include "tests/support/event_clock.h"

#include <QEvent>
#include <QMetaEnum>

#include <ctime>

namespace samba::testing {

namespace {

constexpr double kNsPerMs = 1e6;
constexpr double kMsPerSecond = 1e3;

double threadWorkMs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * kMsPerSecond +
           static_cast<double>(time.tv_nsec) / kNsPerMs;
}

/// "QTimer 'x' of EngineBridge", told before the delivery: the receiver may not survive it.
QString nameOf(const QObject& object)
{
    QString name = QLatin1String(object.metaObject()->className());
    if (!object.objectName().isEmpty())
        name += QStringLiteral(" '%1'").arg(object.objectName());
    if (const QObject* parent = object.parent())
        name += QStringLiteral(" of %1").arg(QLatin1String(parent->metaObject()->className()));
    return name;
}

} // namespace

void EventClock::restart()
{
    m_longest = {};
    m_busiest = {};
}

bool EventClock::notify(QObject* receiver, QEvent* event)
{
    if (m_depth > 0)
        return QApplication::notify(receiver, event);
    const QEvent::Type type = event->type();
    const QString name = nameOf(*receiver);
    QElapsedTimer clock;
    clock.start();
    const double workBefore = threadWorkMs();
    ++m_depth;
    const bool isHandled = QApplication::notify(receiver, event);
    --m_depth;
    const double wallMs = static_cast<double>(clock.nsecsElapsed()) / kNsPerMs;
    const double workMs = threadWorkMs() - workBefore;
    if (wallMs <= m_longest.wallMs && workMs <= m_busiest.workMs)
        return isHandled;
    const char* typeName = QMetaEnum::fromType<QEvent::Type>().valueToKey(type);
    const Delivery delivery{wallMs, workMs,
                            QStringLiteral("%1: %2").arg(name, QLatin1String(typeName))};
    if (wallMs > m_longest.wallMs)
        m_longest = delivery;
    if (workMs > m_busiest.workMs)
        m_busiest = delivery;
    return isHandled;
}

} // namespace samba::testing
