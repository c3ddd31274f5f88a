#pragma once

#include "engine/model/layered_model.h"
#include "engine/model/transformer_block.h"

#include <vector>

namespace samba {

/// The transformer to compare with: a GPT-2 (Radford et al. 2019), embeddings of tokens and
/// positions, layers, last norm, tied head. Its decoding state holds keys and values of the whole
/// text and grows with it up to n_positions. Thread: engine.
class TransformerModel : public LayeredModel {
public:
    TransformerModel(const ModelDescription& description, ModelWeights weights,
                     kernels::WeightFormat format);

    DecodeState initialState(int64_t batch) const override;
    int64_t maxPositions() const override { return config().nPositions; }

private:
    /// @throws Error InvalidArgument if the text is longer than maxPositions().
    at::Tensor embed(const at::Tensor& ids, int64_t position) const override;
    at::Tensor runLayer(size_t layer, const at::Tensor& x, DecodeState* state) const override;
    at::Tensor stepLayer(size_t layer, const at::Tensor& x, DecodeState& state) const override;
    at::Tensor lastNorm(const at::Tensor& x) const override;

    at::Tensor m_positions; ///< [nPositions, dModel]
    std::vector<TransformerBlock> m_blocks;
    at::Tensor m_lastNormWeight;
    at::Tensor m_lastNormBias;
};

} // namespace samba
