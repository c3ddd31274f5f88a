#include "engine/infer/stop_matcher.h"

#include <algorithm>
#include <utility>

namespace samba {

StopMatcher::StopMatcher(std::vector<std::string> stops) : m_stops(std::move(stops))
{
    std::erase_if(m_stops, [](const std::string& stop) { return stop.empty(); });
}

std::string StopMatcher::push(std::string_view piece)
{
    if (m_isStopped)
        return {};
    m_pending += piece;

    size_t first = std::string::npos;
    for (const std::string& stop : m_stops)
        first = std::min(first, m_pending.find(stop));
    if (first != std::string::npos) {
        m_isStopped = true;
        std::string shown = m_pending.substr(0, first);
        m_pending.clear();
        return shown;
    }

    size_t heldBack = 0;
    for (const std::string& stop : m_stops)
        for (size_t length = std::min(stop.size() - 1, m_pending.size()); length > heldBack;
             --length)
            if (m_pending.ends_with(std::string_view(stop).substr(0, length)))
                heldBack = length;
    std::string shown = m_pending.substr(0, m_pending.size() - heldBack);
    m_pending.erase(0, shown.size());
    return shown;
}

std::string StopMatcher::finish()
{
    return std::exchange(m_pending, {});
}

} // namespace samba
