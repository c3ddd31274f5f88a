#include "ui/widgets/series_buffer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace samba::ui {

Envelope::Envelope()
    : min(std::numeric_limits<double>::infinity()),
      max(-std::numeric_limits<double>::infinity()),
      minPositive(std::numeric_limits<double>::infinity()),
      finite(0)
{}

void Envelope::include(double y)
{
    if (!std::isfinite(y))
        return;
    min = std::min(min, y);
    max = std::max(max, y);
    if (y > 0)
        minPositive = std::min(minPositive, y);
    ++finite;
}

void Envelope::include(const Envelope& other)
{
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    minPositive = std::min(minPositive, other.minPositive);
    finite += other.finite;
}

void SeriesBuffer::append(double x, double y)
{
    assert(std::isfinite(x));
    assert(m_x.empty() || x >= m_x.back());

    const std::size_t index = m_x.size();
    m_x.push_back(x);
    m_y.push_back(y);
    if (!std::isfinite(y))
        m_nonFinite.push_back(index);

    for (std::size_t level = 0;; ++level) {
        const std::size_t block = index >> (kFanOutBits * (level + 1));
        if (level == m_levels.size()) {
            // A level pays once the one below has two blocks; it must then catch up with them.
            if (level > 0 && m_levels[level - 1].size() < 2)
                break;
            m_levels.emplace_back();
            Envelope before;
            if (level > 0) {
                for (const Envelope& lower : m_levels[level - 1])
                    before.include(lower);
            } else {
                before.include(y);
            }
            m_levels[level].push_back(before);
            break;
        }
        if (block == m_levels[level].size())
            m_levels[level].emplace_back();
        m_levels[level][block].include(y);
    }
}

void SeriesBuffer::append(std::span<const double> x, std::span<const double> y)
{
    assert(x.size() == y.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        append(x[i], y[i]);
}

void SeriesBuffer::clear()
{
    m_x.clear();
    m_y.clear();
    m_nonFinite.clear();
    m_levels.clear();
}

std::size_t SeriesBuffer::lowerIndex(double x) const
{
    return static_cast<std::size_t>(std::lower_bound(m_x.begin(), m_x.end(), x) - m_x.begin());
}

std::size_t SeriesBuffer::upperIndex(double x) const
{
    return static_cast<std::size_t>(std::upper_bound(m_x.begin(), m_x.end(), x) - m_x.begin());
}

std::optional<std::size_t> SeriesBuffer::nearest(double x) const
{
    if (isEmpty())
        return std::nullopt;
    const std::size_t right = lowerIndex(x);
    if (right == 0)
        return right;
    if (right == size())
        return right - 1;
    return x - m_x[right - 1] <= m_x[right] - x ? right - 1 : right;
}

Envelope SeriesBuffer::envelope(std::size_t begin, std::size_t end) const
{
    Envelope result;
    end = std::min(end, size());
    while (begin < end) {
        // The largest block that starts here and does not reach beyond the end.
        std::size_t levels = 0;
        std::size_t length = 1;
        while (levels < m_levels.size() && begin % (length * kFanOut) == 0 &&
               begin + length * kFanOut <= end) {
            length *= kFanOut;
            ++levels;
        }
        if (levels == 0)
            result.include(m_y[begin]);
        else
            result.include(m_levels[levels - 1][begin / length]);
        begin += length;
    }
    return result;
}

std::vector<CurvePoint> SeriesBuffer::decimated(double xMin, double xMax, std::size_t columns) const
{
    assert(columns >= 1);
    std::vector<CurvePoint> points;
    if (isEmpty() || !(xMin <= xMax))
        return points;

    const std::size_t inside = lowerIndex(xMin);
    const std::size_t outside = upperIndex(xMax);
    const std::size_t begin = inside > 0 ? inside - 1 : 0;
    const std::size_t end = std::min(outside + 1, size());

    if (end - begin <= 4 * columns) {
        points.reserve(end - begin);
        for (std::size_t i = begin; i < end; ++i)
            points.push_back({m_x[i], std::isfinite(m_y[i]) ? m_y[i] : std::nan("")});
        return points;
    }

    points.reserve(4 * columns + 2);
    if (begin < inside)
        appendColumn(begin, inside, points);
    const double width = (xMax - xMin) / static_cast<double>(columns);
    std::size_t from = inside;
    for (std::size_t column = 0; column < columns && from < outside; ++column) {
        const double right = xMin + width * static_cast<double>(column + 1);
        const std::size_t to =
            column + 1 == columns ? outside : std::min(lowerIndex(right), outside);
        if (to > from)
            appendColumn(from, to, points);
        from = std::max(from, to);
    }
    if (outside < end)
        appendColumn(outside, end, points);
    return points;
}

void SeriesBuffer::appendColumn(std::size_t begin, std::size_t end,
                                std::vector<CurvePoint>& points) const
{
    if (end - begin == 1) {
        points.push_back({m_x[begin], std::isfinite(m_y[begin]) ? m_y[begin] : std::nan("")});
        return;
    }
    const Envelope extremes = envelope(begin, end);
    const double first = m_x[begin];
    const double last = m_x[end - 1];
    if (extremes.isEmpty()) {
        points.push_back({first, std::nan("")});
        return;
    }
    const double middle = first + (last - first) / 2;
    if (std::isfinite(m_y[begin]))
        points.push_back({first, m_y[begin]});
    points.push_back({middle, extremes.min});
    points.push_back({middle, extremes.max});
    if (std::isfinite(m_y[end - 1]))
        points.push_back({last, m_y[end - 1]});
}

} // namespace samba::ui
