#pragma once

#include "engine/model/language_model.h"
#include "engine/model/mamba_block.h"

#include <vector>

namespace samba {

/// The Mamba language model: embedding, layers, last norm, tied head (Gu & Dao 2023).
/// Its chunk outputs are the residual stream after every readout_stride layers, so that a plain
/// Mamba is measured like a Samba. Thread: engine.
class MambaModel : public LanguageModel {
public:
    MambaModel(const ModelDescription& description, ModelWeights weights,
               kernels::WeightFormat format);

    const TensorManifest& manifest() const override { return m_manifest; }
    const ModelWeights& weights() const override { return m_weights; }
    ForwardResult forward(const at::Tensor& ids, DecodeState* state) override;
    ForwardResult step(const at::Tensor& ids, DecodeState& state) override;
    DecodeState initialState(int64_t batch) const override;
    at::Tensor logits(const at::Tensor& hidden) const override { return m_head(hidden); }
    at::Tensor readoutLogits(const at::Tensor&) const override { return {}; }
    at::Tensor headWeight() const override { return m_head.matrix(); }
    at::Tensor readoutHeadWeight() const override { return {}; }
    kernels::WeightFormat weightFormat() const override { return m_format; }
    void setGradientCheckpointing(bool isOn) override { m_hasCheckpoints = isOn; }

protected:
    /// See takeProjection().
    Projection take(const std::string& name) { return takeProjection(m_weights, name, m_format); }

private:
    /// Runs `chunk(first, end, x)`, which takes x through the layers [first, end), over all chunks
    /// and collects chunk outputs and hidden.
    template <typename ChunkFunction>
    ForwardResult runChunks(const at::Tensor& ids, ChunkFunction&& chunk) const;

    TensorManifest m_manifest;
    ModelWeights m_weights;
    kernels::WeightFormat m_format;
    bool m_isTied = false; ///< the head is the embedding
    Projection m_embedding;
    Projection m_head;
    std::vector<MambaBlock> m_blocks;
    bool m_hasCheckpoints = false;
};

} // namespace samba
