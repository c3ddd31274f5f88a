#include "ui/widgets/curve_plot_ticker.h"

#include "ui/widgets/curve_plot_format.h"

#include <algorithm>
#include <cmath>

namespace samba::ui {

double CountTicker::getTickStep(const QCPRange& range)
{
    m_step = QCPAxisTicker::getTickStep(range);
    return m_step;
}

int CountTicker::getSubTickCount(double)
{
    return 0;
}

QString CountTicker::getTickLabel(double tick, const QLocale&, QChar, int)
{
    // Ticks are multiples of the step, so what is left of zero is rounding.
    const double value = std::abs(tick) < m_step * 1e-6 ? 0 : tick;
    if (m_step < 1e-4)
        return valueText(value);
    return countText(value, m_step);
}

double DurationTicker::getTickStep(const QCPRange& range)
{
    static constexpr double kSecond = 1000;
    static constexpr double kMinute = 60 * kSecond;
    static constexpr double kHour = 60 * kMinute;
    static constexpr double kDay = 24 * kHour;
    static constexpr double steps[] = {
        kSecond,  2 * kSecond, 5 * kSecond, 10 * kSecond, 20 * kSecond, 30 * kSecond,
        kMinute,  2 * kMinute, 5 * kMinute, 10 * kMinute, 20 * kMinute, 30 * kMinute,
        kHour,    2 * kHour,   4 * kHour,   6 * kHour,    12 * kHour,   kDay,
        2 * kDay, 5 * kDay,    10 * kDay,   30 * kDay,    90 * kDay};
    const double wanted = range.size() / std::max(1, mTickCount);
    if (wanted < kSecond)
        return QCPAxisTicker::getTickStep(range);
    const auto* found = std::lower_bound(std::begin(steps), std::end(steps), wanted);
    return found == std::end(steps) ? cleanMantissa(wanted) : *found;
}

int DurationTicker::getSubTickCount(double)
{
    return 0;
}

QString DurationTicker::getTickLabel(double tick, const QLocale&, QChar, int)
{
    return tick < 0 ? QString() : durationText(tick);
}

int LogTicker::getSubTickCount(double)
{
    return 0;
}

QVector<double> LogTicker::createTickVector(double tickStep, const QCPRange& range)
{
    if (!(range.lower > 0) || !(range.upper > range.lower))
        return {};
    const double decades = std::log10(range.upper / range.lower);
    if (decades < 0.8)
        return QCPAxisTicker::createTickVector(tickStep, range);

    QVector<double> ticks;
    const int from = static_cast<int>(std::floor(std::log10(range.lower)));
    const int to = static_cast<int>(std::ceil(std::log10(range.upper)));
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / std::max(1, mTickCount))));
    for (int exponent = from; exponent <= to; ++exponent) {
        if (stride > 1 && exponent % stride != 0)
            continue;
        const double power = std::pow(10, exponent);
        ticks.append(power);
        if (decades < 2.5) {
            ticks.append(2 * power);
            ticks.append(5 * power);
        }
    }
    return ticks;
}

QString LogTicker::getTickLabel(double tick, const QLocale&, QChar, int)
{
    return tick >= 1000 ? countText(tick) : valueText(tick);
}

} // namespace samba::ui
