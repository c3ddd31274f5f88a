#pragma once

#include "engine/model/language_model.h"
#include "engine/model/projection.h"

namespace samba {

/// What models of embedding, layers on a residual stream, last norm and head have in common. Chunk
/// outputs are the residual stream after every readout_stride layers, so that all of them are
/// measured like a Samba. Thread: engine.
class LayeredModel : public LanguageModel {
public:
    const TensorManifest& manifest() const override { return m_manifest; }
    const ModelWeights& weights() const override { return m_weights; }
    ForwardResult forward(const at::Tensor& ids, DecodeState* state) override;
    ForwardResult step(const at::Tensor& ids, DecodeState& state) override;
    at::Tensor logits(const at::Tensor& hidden) const override { return m_head(hidden); }
    at::Tensor readoutLogits(const at::Tensor&) const override { return {}; }
    at::Tensor headWeight() const override { return m_head.matrix(); }
    at::Tensor readoutHeadWeight() const override { return {}; }
    kernels::WeightFormat weightFormat() const override { return m_format; }
    void setGradientCheckpointing(bool isOn) override { m_hasCheckpoints = isOn; }

protected:
    LayeredModel(const ModelDescription& description, ModelWeights weights,
                 kernels::WeightFormat format);

    /// The tensors, from which projections are taken while the model is made.
    ModelWeights& tensors() { return m_weights; }

    /// See takeProjection().
    Projection take(const std::string& name) { return takeProjection(m_weights, name, m_format); }

    /// Options of float32 tensors on the model's device, in a float64 model of float64 ones.
    at::TensorOptions stateOptions() const;

    /// Rows of the embedding: ids [...] to [..., dModel].
    at::Tensor embedded(const at::Tensor& ids) const;

private:
    /// The residual stream before the first layer.
    /// @param position  tokens before these.
    virtual at::Tensor embed(const at::Tensor& ids, int64_t position) const = 0;

    /// One layer over sequences, x [batch, seqLen, dModel]; its part of the state is advanced.
    virtual at::Tensor runLayer(size_t layer, const at::Tensor& x, DecodeState* state) const = 0;

    /// One layer over a token a sequence, x [batch, dModel].
    virtual at::Tensor stepLayer(size_t layer, const at::Tensor& x, DecodeState& state) const = 0;

    virtual at::Tensor lastNorm(const at::Tensor& x) const = 0;

    /// Runs `chunk(first, end, x)`, which takes x through the layers [first, end), over all chunks
    /// and collects chunk outputs and hidden.
    template <typename ChunkFunction>
    ForwardResult runChunks(at::Tensor x, ChunkFunction&& chunk) const;

    TensorManifest m_manifest;
    ModelWeights m_weights;
    kernels::WeightFormat m_format;
    bool m_isTied = false; ///< the head is the embedding
    Projection m_embedding;
    Projection m_head;
    bool m_hasCheckpoints = false;
};

} // namespace samba
