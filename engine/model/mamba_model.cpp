#include "engine/model/mamba_model.h"

#include "kernels/rms_norm/rms_norm.h"

#include <ATen/ATen.h>

namespace samba {

MambaModel::MambaModel(const ModelDescription& description, ModelWeights weights,
                       kernels::WeightFormat format)
    : LayeredModel(description, std::move(weights), format),
      m_lastNorm(tensors().at(tensor_names::kFinalNorm))
{
    m_blocks.reserve(static_cast<size_t>(description.config.nLayers));
    for (int64_t layer = 0; layer < description.config.nLayers; ++layer)
        m_blocks.emplace_back(description, tensors(), layer, format);
}

at::Tensor MambaModel::embed(const at::Tensor& ids, int64_t /*position*/) const
{
    return embedded(ids);
}

at::Tensor MambaModel::runLayer(size_t layer, const at::Tensor& x, DecodeState* state) const
{
    return m_blocks[layer].forward(x, state ? &state->layers[layer] : nullptr);
}

at::Tensor MambaModel::stepLayer(size_t layer, const at::Tensor& x, DecodeState& state) const
{
    return m_blocks[layer].step(x, state.layers[layer]);
}

at::Tensor MambaModel::lastNorm(const at::Tensor& x) const
{
    return kernels::rmsNorm(x, m_lastNorm, config().normEpsilon);
}

DecodeState MambaModel::initialState(int64_t batch) const
{
    const at::TensorOptions options = stateOptions();
    DecodeState state;
    for (const MambaBlock& block : m_blocks) {
        DecodeState::Layer& layer = state.layers.emplace_back();
        layer.conv = at::zeros({batch, config().dConv - 1, config().dInner()}, options);
        layer.ssm = at::zeros({batch, config().dInner(), config().dState}, options);
        layer.A = block.decayRates().detach();
    }
    return state;
}

} // namespace samba
