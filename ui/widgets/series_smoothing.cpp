#include "ui/widgets/series_smoothing.h"

#include <cmath>

namespace samba::ui {

double SeriesSmoothing::next(double y)
{
    if (!std::isfinite(y))
        return y;
    if (m_count == 0)
        m_first = y;
    else if (y != m_first)
        m_isConstant = false;

    ++m_count;
    m_mean = m_weight * m_mean + (1 - m_weight) * y;
    m_bias *= m_weight;
    return m_isConstant ? y : m_mean / (1 - m_bias);
}

} // namespace samba::ui
