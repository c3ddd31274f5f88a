#include "ui/widgets/thread_load.h"

#include <ctime>

namespace samba::ui {

int64_t threadWorkNs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void ThreadLoad::start()
{
    m_clock.start();
    m_firstWorkNs = threadWorkNs();
}

double ThreadLoad::share() const
{
    if (!m_clock.isValid())
        return 0;
    return static_cast<double>(threadWorkNs() - m_firstWorkNs) /
           static_cast<double>(m_clock.nsecsElapsed());
}

} // namespace samba::ui
