#include "engine/model/mamba_model.h"

#include "kernels/rms_norm/rms_norm.h"

#include <ATen/ATen.h>

namespace samba {

MambaModel::MambaModel(const ModelDescription& description, ModelWeights weights,
                       kernels::WeightFormat format)
    : m_manifest(description), m_weights(std::move(weights)), m_format(format)
{
    // Tensors of a file keep all of it mapped: once the matrices are packed, none may be left.
    if (format != kernels::WeightFormat::Float32)
        for (const ManifestTensor& spec : m_manifest.tensors())
            if (!spec.isProjection())
                m_weights.at(spec.name) = m_weights.at(spec.name).clone();
    m_embedding = take(tensor_names::kEmbedding);
    m_head = m_manifest.headName() == tensor_names::kEmbedding ? m_embedding
                                                               : take(m_manifest.headName());
    m_blocks.reserve(static_cast<size_t>(description.config.nLayers));
    for (int64_t layer = 0; layer < description.config.nLayers; ++layer)
        m_blocks.emplace_back(description, m_weights, layer, format);
}

template <typename LayerFunction>
ForwardResult MambaModel::runLayers(const at::Tensor& ids, LayerFunction&& layer) const
{
    const ModelConfig& config = m_manifest.description().config;
    ForwardResult result;
    at::Tensor x = m_embedding.rowsOf(ids);
    for (size_t i = 0; i < m_blocks.size(); ++i) {
        x = layer(m_blocks[i], i, x);
        const bool endsChunk = (static_cast<int64_t>(i) + 1) % config.readoutStride == 0;
        if (endsChunk || i + 1 == m_blocks.size())
            result.chunkOutputs.push_back(x);
    }
    result.hidden = kernels::rmsNorm(x, m_weights.at(tensor_names::kFinalNorm), config.normEpsilon);
    return result;
}

ForwardResult MambaModel::forward(const at::Tensor& ids, DecodeState* state)
{
    ForwardResult result =
        runLayers(ids, [state](const MambaBlock& block, size_t i, const at::Tensor& x) {
            return block.forward(x, state ? &state->layers[i] : nullptr);
        });
    if (state)
        state->position += ids.size(1);
    return result;
}

ForwardResult MambaModel::step(const at::Tensor& ids, DecodeState& state)
{
    ForwardResult result =
        runLayers(ids, [&state](const MambaBlock& block, size_t i, const at::Tensor& x) {
            return block.step(x, state.layers[i]);
        });
    ++state.position;
    return result;
}

DecodeState MambaModel::initialState(int64_t batch) const
{
    const ModelConfig& config = m_manifest.description().config;
    // Float64 weights are those of a check, whose states must be as exact.
    const at::ScalarType type = m_weights.at(tensor_names::kFinalNorm).scalar_type() == at::kDouble
                                    ? at::kDouble
                                    : at::kFloat;
    DecodeState state;
    for (const MambaBlock& block : m_blocks)
        state.layers.push_back({at::zeros({batch, config.dConv - 1, config.dInner()}, type),
                                at::zeros({batch, config.dInner(), config.dState}, type),
                                block.decayRates().detach()});
    return state;
}

} // namespace samba
