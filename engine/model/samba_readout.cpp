#include "engine/model/samba_readout.h"

#include "kernels/rms_norm/rms_norm.h"

#include <ATen/ATen.h>

#include <cmath>

namespace samba {

SambaReadout::SambaReadout(const ModelDescription& description, const ModelWeights& weights)
    : m_normEpsilon(description.config.normEpsilon),
      m_query(weights.at(tensor_names::kReadoutQuery)),
      m_key(weights.at(tensor_names::kReadoutKey)),
      m_gain(weights.at(tensor_names::kReadoutGain)),
      m_norm(weights.at(tensor_names::kReadoutNorm))
{}

void SambaReadout::apply(ForwardResult& result) const
{
    // Scores in float32 also under autocast: a softmax over few chunks is cheap, its rounding is
    // not. Float64 is kept.
    const at::ScalarType type = m_query.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor query = at::linear(result.chunkOutputs.back(), m_query).to(type);
    const double scale = 1.0 / std::sqrt(static_cast<double>(m_query.size(0)));
    std::vector<at::Tensor> scores;
    for (const at::Tensor& chunk : result.chunkOutputs)
        scores.push_back((query * at::linear(chunk, m_key)).sum(-1));
    result.readoutAttention = at::softmax(at::stack(scores, -1) * scale, -1);

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
