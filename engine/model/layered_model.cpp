#include "engine/model/layered_model.h"

#include "engine/model/gradient_checkpoint.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace samba {

LayeredModel::LayeredModel(const ModelDescription& description, ModelWeights weights,
                           kernels::WeightFormat format)
    : m_manifest(description), m_weights(std::move(weights)), m_format(format)
{
    // Tensors of a file keep all of it mapped: once the matrices are packed, none may be left.
    if (format != kernels::WeightFormat::Float32)
        for (const ManifestTensor& spec : m_manifest.tensors())
            if (!spec.isProjection())
                m_weights.at(spec.name) = m_weights.at(spec.name).clone();
    m_isTied = m_manifest.headName() == m_manifest.embeddingName();
    m_embedding = take(m_manifest.embeddingName());
    m_head = m_isTied ? m_embedding : take(m_manifest.headName());
}

at::TensorOptions LayeredModel::stateOptions() const
{
    // Float64 weights are those of a check, whose states must be as exact.
    const at::TensorOptions options = m_weights.begin()->second.options();
    return options.dtype(options.dtype() == at::kDouble ? at::kDouble : at::kFloat);
}

at::Tensor LayeredModel::embedded(const at::Tensor& ids) const
{
    // A tied head's gradient is dense; that of the rows read needs no second one.
    return m_embedding.rowsOf(ids, m_isTied);
}

template <typename ChunkFunction>
ForwardResult LayeredModel::runChunks(at::Tensor x, ChunkFunction&& chunk) const
{
    const ModelConfig& config = m_manifest.description().config;
    const auto layers = static_cast<size_t>(config.nLayers);
    const auto layersOfChunk = static_cast<size_t>(config.readoutStride);
    ForwardResult result;
    for (size_t first = 0; first < layers; first += layersOfChunk) {
        x = chunk(first, std::min(first + layersOfChunk, layers), x);
        result.chunkOutputs.push_back(x);
    }
    result.hidden = lastNorm(x);
    return result;
}

ForwardResult LayeredModel::forward(const at::Tensor& ids, DecodeState* state)
{
    const auto runLayers = [this, state](size_t first, size_t end, at::Tensor x) {
        for (size_t layer = first; layer < end; ++layer)
            x = runLayer(layer, x, state);
        return x;
    };
    const at::Tensor start = embed(ids, state ? state->position : 0);
    ForwardResult result = runChunks(start, [this, &runLayers](size_t first, size_t end,
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

ForwardResult LayeredModel::step(const at::Tensor& ids, DecodeState& state)
{
    ForwardResult result = runChunks(embed(ids, state.position),
                                     [this, &state](size_t first, size_t end, at::Tensor x) {
                                         for (size_t layer = first; layer < end; ++layer)
                                             x = stepLayer(layer, x, state);
                                         return x;
                                     });
    ++state.position;
    return result;
}

} // namespace samba
