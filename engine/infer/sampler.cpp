#include "engine/infer/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace samba {
namespace {

struct Candidate {
    float logit;
    int32_t id;

    /// The more likely one first, of equals the one with the lower id.
    bool operator<(const Candidate& other) const
    {
        return logit != other.logit ? logit > other.logit : id < other.id;
    }
};

/// Tokens in falling order of their logits, sorted only as far as they are looked at.
class RankedCandidates {
public:
    /// @param topK  how many there are at most; 0: all.
    RankedCandidates(std::span<const float> logits, int64_t topK)
        : m_count(topK > 0 ? std::min(logits.size(), static_cast<size_t>(topK)) : logits.size())
    {
        m_all.reserve(logits.size());
        // NaN has no place in an order.
        for (const float logit : logits)
            m_all.push_back({std::isnan(logit) ? -std::numeric_limits<float>::infinity() : logit,
                             static_cast<int32_t>(m_all.size())});
    }

    size_t count() const { return m_count; }

    const Candidate& operator[](size_t rank)
    {
        if (rank >= m_sorted)
            sortMore();
        return m_all[rank];
    }

private:
    void sortMore()
    {
        constexpr size_t kFirstSorted = 256;
        const size_t end = std::min(m_all.size(), std::max(kFirstSorted, 4 * m_sorted));
        const auto at = [this](size_t i) {
            return m_all.begin() + static_cast<std::ptrdiff_t>(i);
        };
        std::nth_element(at(m_sorted), at(end - 1), m_all.end());
        std::sort(at(m_sorted), at(end));
        m_sorted = end;
    }

    std::vector<Candidate> m_all;
    size_t m_count;
    size_t m_sorted = 0;
};

} // namespace

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
    const double temperature = m_options.temperature;
    if (temperature <= 0)
        return static_cast<int32_t>(best - valid.begin());

    // The sum does not need the order: with a large vocabulary sorting would cost more than all else.
    RankedCandidates candidates(valid, m_options.topK);
    const auto weightOf = [&](float logit) { return std::exp((logit - *best) / temperature); };
    double sum = 0;
    if (m_options.topK > 0)
        for (size_t i = 0; i < candidates.count(); ++i)
            sum += weightOf(candidates[i].logit);
    else
        for (const float logit : valid)
            sum += weightOf(logit);

    size_t kept = candidates.count();
    if (m_options.topP < 1.0) {
        // The smallest set whose share reaches topP; the token that crosses the line stays in.
        double share = 0;
        size_t count = 0;
        while (count < kept && (count == 0 || share < m_options.topP * sum))
            share += weightOf(candidates[count++].logit);
        kept = count;
        sum = share;
    }

    double threshold = nextUniform() * sum;
    for (size_t i = 0; i < kept; ++i) {
        threshold -= weightOf(candidates[i].logit);
        if (threshold < 0)
            return candidates[i].id;
    }
    return candidates[kept - 1].id;
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
