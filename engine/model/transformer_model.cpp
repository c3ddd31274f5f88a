#include "engine/model/transformer_model.h"

#include "engine/model/position_limit.h"

#include <ATen/ATen.h>

namespace samba {

TransformerModel::TransformerModel(const ModelDescription& description, ModelWeights weights,
                                   kernels::WeightFormat format)
    : LayeredModel(description, std::move(weights), format),
      m_positions(tensors().at(tensor_names::kPositions)),
      m_lastNormWeight(tensors().at(tensor_names::kTransformerFinalNorm)),
      m_lastNormBias(tensors().at(tensor_names::kTransformerFinalNormBias))
{
    m_blocks.reserve(static_cast<size_t>(description.config.nLayers));
    for (int64_t layer = 0; layer < description.config.nLayers; ++layer)
        m_blocks.emplace_back(description, tensors(), layer, format);
}

at::Tensor TransformerModel::embed(const at::Tensor& ids, int64_t position) const
{
    const int64_t seqLen = ids.dim() == 2 ? ids.size(1) : 1;
    requirePositions(*this, position + seqLen, "The text",
                     "Shorten the text; a Mamba has no such bound.");
    return embedded(ids) + m_positions.narrow(0, position, seqLen);
}

at::Tensor TransformerModel::runLayer(size_t layer, const at::Tensor& x, DecodeState* state) const
{
    return m_blocks[layer].forward(x, state ? &state->layers[layer] : nullptr,
                                   state ? state->position : 0);
}

at::Tensor TransformerModel::stepLayer(size_t layer, const at::Tensor& x, DecodeState& state) const
{
    return runLayer(layer, x.unsqueeze(1), &state).squeeze(1);
}

at::Tensor TransformerModel::lastNorm(const at::Tensor& x) const
{
    return at::layer_norm(x, m_lastNormWeight.sizes(), m_lastNormWeight, m_lastNormBias,
                          config().normEpsilon);
}

DecodeState TransformerModel::initialState(int64_t /*batch*/) const
{
    DecodeState state;
    state.layers.resize(m_blocks.size());
    return state;
}

} // namespace samba
