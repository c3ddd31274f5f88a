#include "engine/infer/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace samba {

Sampler::Sampler(const SamplingOptions& options, uint64_t seed)
    : m_options(options), m_randomState(seed)
{}

void Sampler::observe(int32_t token)
{
    const size_t index = static_cast<size_t>(token);
    if (index >= m_isSeen.size())
        m_isSeen.resize(index + 1, false);
    m_isSeen[index] = true;
}

int32_t Sampler::sample(std::span<float> logits, int64_t validTokens)
{
    const std::span<float> valid =
        logits.first(std::min(logits.size(), static_cast<size_t>(validTokens)));

    if (m_options.repetitionPenalty != 1.0) {
        const float penalty = static_cast<float>(m_options.repetitionPenalty);
        for (size_t id = 0; id < std::min(valid.size(), m_isSeen.size()); ++id)
            if (m_isSeen[id])
                valid[id] = valid[id] > 0 ? valid[id] / penalty : valid[id] * penalty;
    }

    const auto best = std::max_element(valid.begin(), valid.end());
    if (m_options.temperature <= 0)
        return static_cast<int32_t>(best - valid.begin());

    // Candidates in falling order; only as many as top-k keeps need sorting.
    std::vector<int32_t> order(valid.size());
    std::iota(order.begin(), order.end(), 0);
    size_t kept = order.size();
    if (m_options.topK > 0)
        kept = std::min(kept, static_cast<size_t>(m_options.topK));
    const auto ranksBefore = [&valid](int32_t a, int32_t b) {
        const float left = valid[static_cast<size_t>(a)];
        const float right = valid[static_cast<size_t>(b)];
        return left != right ? left > right : a < b;
    };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      ranksBefore);

    std::vector<double> weights(kept);
    const double top = *best;
    for (size_t i = 0; i < kept; ++i)
        weights[i] = std::exp((valid[static_cast<size_t>(order[i])] - top) / m_options.temperature);
    double sum = std::accumulate(weights.begin(), weights.end(), 0.0);

    if (m_options.topP < 1.0) {
        // The smallest set whose share reaches topP; the token that crosses the line stays in.
        double share = 0;
        size_t count = 0;
        while (count < kept && (count == 0 || share < m_options.topP * sum))
            share += weights[count++];
        kept = count;
        sum = share;
    }

    double threshold = nextUniform() * sum;
    for (size_t i = 0; i < kept; ++i) {
        threshold -= weights[i];
        if (threshold < 0)
            return order[i];
    }
    return order[kept - 1];
}

double Sampler::nextUniform()
{
    // SplitMix64 (Steele, Lea & Flood 2014): tiny, seedable by any number, equal everywhere.
    m_randomState += 0x9E3779B97F4A7C15ULL;
    uint64_t z = m_randomState;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) * 0x1.0p-53;
}

} // namespace samba
