#include "engine/model/mamba_model.h"

#include "engine/model/gradient_checkpoint.h"
#include "kernels/rms_norm/rms_norm.h"

#include <ATen/ATen.h>

#include <algorithm>

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
    m_isTied = m_manifest.headName() == tensor_names::kEmbedding;
    m_head = m_isTied ? m_embedding : take(m_manifest.headName());
    m_blocks.reserve(static_cast<size_t>(description.config.nLayers));
    for (int64_t layer = 0; layer < description.config.nLayers; ++layer)
        m_blocks.emplace_back(description, m_weights, layer, format);
}

template <typename ChunkFunction>
ForwardResult MambaModel::runChunks(const at::Tensor& ids, ChunkFunction&& chunk) const
{
    const ModelConfig& config = m_manifest.description().config;
    const auto layersOfChunk = static_cast<size_t>(config.readoutStride);
    ForwardResult result;
    // A tied head's gradient is dense; that of the rows read needs no second one.
    at::Tensor x = m_embedding.rowsOf(ids, m_isTied);
    for (size_t first = 0; first < m_blocks.size(); first += layersOfChunk) {
        x = chunk(first, std::min(first + layersOfChunk, m_blocks.size()), x);
        result.chunkOutputs.push_back(x);
    }
    result.hidden = kernels::rmsNorm(x, m_weights.at(tensor_names::kFinalNorm), config.normEpsilon);
    return result;
}

ForwardResult MambaModel::forward(const at::Tensor& ids, DecodeState* state)
{
    const auto runLayers = [this, state](size_t first, size_t end, at::Tensor x) {
        for (size_t i = first; i < end; ++i)
            x = m_blocks[i].forward(x, state ? &state->layers[i] : nullptr);
        return x;
    };
    ForwardResult result = runChunks(ids, [this, &runLayers](size_t first, size_t end,
                                                             const at::Tensor& x) {
        if (!m_hasCheckpoints)
            return runLayers(first, end, x);
        return checkpointed([runLayers, first,
                             end](const at::Tensor& input) { return runLayers(first, end, input); },
                            x);
    });
    if (state)
        state->position += ids.size(1);
    return result;
}

ForwardResult MambaModel::step(const at::Tensor& ids, DecodeState& state)
{
    ForwardResult result = runChunks(ids, [this, &state](size_t first, size_t end, at::Tensor x) {
        for (size_t i = first; i < end; ++i)
            x = m_blocks[i].step(x, state.layers[i]);
        return x;
    });
    ++state.position;
    return result;
}

DecodeState MambaModel::initialState(int64_t batch) const
{
    const ModelConfig& config = m_manifest.description().config;
    // Float64 weights are those of a check, whose states must be as exact.
    const at::TensorOptions weights = m_weights.at(tensor_names::kFinalNorm).options();
    const at::TensorOptions options =
        weights.dtype(weights.dtype() == at::kDouble ? at::kDouble : at::kFloat);
    DecodeState state;
    for (const MambaBlock& block : m_blocks)
        state.layers.push_back({at::zeros({batch, config.dConv - 1, config.dInner()}, options),
                                at::zeros({batch, config.dInner(), config.dState}, options),
                                block.decayRates().detach()});
    return state;
}

} // namespace samba
