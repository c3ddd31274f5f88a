#include "ui/heatmap_panel_measures.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace samba::ui {

namespace {

/// Sorts floats that are not negative: their bits, read as integers, have the same order. Three
/// passes of eleven bits take a fraction of a comparison sort's time, which counts while training
/// wants the same cores.
void sortMagnitudes(std::vector<float>& values)
{
    constexpr int kBits = 11;
    constexpr std::uint32_t kMask = (1u << kBits) - 1;
    std::vector<float> other(values.size());
    for (int shift = 0; shift < 32; shift += kBits) {
        std::array<std::size_t, kMask + 1> places{};
        for (const float value : values)
            ++places[std::bit_cast<std::uint32_t>(value) >> shift & kMask];
        std::size_t place = 0;
        for (std::size_t& count : places)
            place += std::exchange(count, place);
        for (const float value : values)
            other[places[std::bit_cast<std::uint32_t>(value) >> shift & kMask]++] = value;
        values.swap(other);
    }
}

} // namespace

ChunkMagnitudes::ChunkMagnitudes(std::span<const float> values, std::int64_t dModel)
    : m_total(values.size())
{
    const auto units = static_cast<std::size_t>(dModel);
    std::vector<double> activity(units, 0);
    m_sorted.reserve(values.size());
    double squares = 0;
    std::size_t unit = 0;
    for (const float value : values) {
        if (std::isfinite(value)) {
            const float magnitude = std::abs(value);
            m_sorted.push_back(magnitude);
            squares += static_cast<double>(value) * static_cast<double>(value);
            activity[unit] += static_cast<double>(magnitude);
        }
        unit = unit + 1 == units ? 0 : unit + 1;
    }
    m_rms = m_sorted.empty() ? 0 : std::sqrt(squares / static_cast<double>(m_sorted.size()));
    sortMagnitudes(m_sorted);

    m_units.resize(units);
    std::iota(m_units.begin(), m_units.end(), 0);
    std::stable_sort(m_units.begin(), m_units.end(), [&activity](std::int32_t a, std::int32_t b) {
        return activity[static_cast<std::size_t>(a)] > activity[static_cast<std::size_t>(b)];
    });
}

std::size_t ChunkMagnitudes::countBelow(double threshold) const
{
    const auto place =
        std::partition_point(m_sorted.begin(), m_sorted.end(), [threshold](float magnitude) {
            return static_cast<double>(magnitude) < threshold;
        });
    return static_cast<std::size_t>(place - m_sorted.begin());
}

double ChunkMagnitudes::shareBelow(double threshold) const
{
    return m_total == 0 ? 0
                        : static_cast<double>(countBelow(threshold)) / static_cast<double>(m_total);
}

double ChunkMagnitudes::quantile(double share) const
{
    if (m_sorted.empty())
        return 0;
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(m_sorted.size() - 1);
    return static_cast<double>(m_sorted[static_cast<std::size_t>(place)]);
}

std::vector<double> ChunkMagnitudes::histogram(std::span<const double> edges) const
{
    std::vector<double> shares;
    for (std::size_t i = 0; i + 1 < edges.size(); ++i)
        shares.push_back(shareBelow(edges[i + 1]) - shareBelow(edges[i]));
    return shares;
}

std::shared_ptr<const MeasuredFrame> measureFrame(samba::ActivationFramePtr frame)
{
    auto measured = std::make_shared<MeasuredFrame>();
    for (const std::vector<float>& values : frame->values)
        measured->chunks.emplace_back(values, frame->dModel);
    measured->frame = std::move(frame);
    return measured;
}

} // namespace samba::ui
