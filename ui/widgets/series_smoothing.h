#pragma once

#include <cstddef>

namespace samba::ui {

/// Debiased exponential moving average, the smoothing that TensorBoard's users know.
///
/// m_0 = 0, m_n = s m_(n-1) + (1 - s) y_n over the finite values, shown as m_n / (1 - s^n): the
/// division takes out the pull of the zero start (Kingma & Ba 2015, section 3). As long as all
/// values are equal they pass through as they are, free of rounding; values that are not finite
/// pass through and leave the average alone. Thread: any.
class SeriesSmoothing {
public:
    /// @param weight  s, 0 <= s < 1; 0 changes nothing.
    explicit SeriesSmoothing(double weight = 0) : m_weight(weight) {}

    double weight() const { return m_weight; }

    /// Takes the next value of the series and gives its smoothed one.
    double next(double y);

private:
    double m_weight;
    double m_mean = 0;
    double m_bias = 1; ///< s^n
    double m_first = 0;
    std::size_t m_count = 0; ///< finite values so far
    bool m_isConstant = true;
};

} // namespace samba::ui
