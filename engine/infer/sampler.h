#pragma once

#include "engine/api/commands.h"

#include <cstdint>
#include <span>
#include <vector>

namespace samba {

/// Chooses tokens from logits. The same options, seed and logits give the same tokens on every
/// machine. Thread: engine.
class Sampler {
public:
    /// @param seed  of the generator; options.seed is not read.
    Sampler(const SamplingOptions& options, uint64_t seed);

    /// Takes a token into account for the repetition penalty.
    void observe(int32_t token);

    /// Chooses the next token: repetition penalty (Keskar et al. 2019, section 4.1), temperature,
    /// top-k (Fan et al. 2018), then top-p (Holtzman et al. 2020).
    /// @param logits       [vocabulary]; changed in place.
    /// @param validTokens  ids from here on have no token and are never chosen.
    int32_t sample(std::span<float> logits, int64_t validTokens);

private:
    double nextUniform();

    SamplingOptions m_options;
    uint64_t m_randomState = 0;
    std::vector<bool> m_isSeen;
};

} // namespace samba
