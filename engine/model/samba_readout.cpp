#include "engine/model/samba_readout.h"

#include "kernels/rms_norm/rms_norm.h"

#include <ATen/ATen.h>

#include <cmath>

namespace samba {

SambaReadout::SambaReadout(const ModelDescription& description, const ModelWeights& weights,
                           const Projection& query, const Projection& key)
    : m_normEpsilon(description.config.normEpsilon),
      m_scale(1.0 / std::sqrt(static_cast<double>(description.config.readoutHiddenDim))),
      m_query(query),
      m_key(key),
      m_gain(weights.at(tensor_names::kReadoutGain)),
      m_norm(weights.at(tensor_names::kReadoutNorm))
{}

void SambaReadout::apply(ForwardResult& result) const
{
    // Scores in float32 also under autocast: a softmax over few chunks is cheap, its rounding is
    // not. Float64 is kept.
    const at::ScalarType type = m_gain.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor query = m_query(result.chunkOutputs.back()).to(type);
    std::vector<at::Tensor> scores;
    for (const at::Tensor& chunk : result.chunkOutputs)
        scores.push_back((query * m_key(chunk)).sum(-1));
    result.readoutAttention = at::softmax(at::stack(scores, -1) * m_scale, -1);

    at::Tensor mix;
    for (size_t c = 0; c < result.chunkOutputs.size(); ++c) {
        const int64_t chunk = static_cast<int64_t>(c);
        const at::Tensor weight = result.readoutAttention.select(-1, chunk).unsqueeze(-1);
        const at::Tensor part = weight * (result.chunkOutputs[c] * m_gain.select(0, chunk));
        mix = mix.defined() ? mix + part : part;
    }
    result.readoutHidden = kernels::rmsNorm(mix, m_norm, m_normEpsilon);
}

} // namespace samba
