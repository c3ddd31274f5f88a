#pragma once

#include "engine/model/layered_model.h"
#include "engine/model/mamba_block.h"

#include <vector>

namespace samba {

/// The Mamba language model: embedding, layers, last norm, tied head (Gu & Dao 2023).
/// Thread: engine.
class MambaModel : public LayeredModel {
public:
    MambaModel(const ModelDescription& description, ModelWeights weights,
               kernels::WeightFormat format);

    DecodeState initialState(int64_t batch) const override;

private:
    at::Tensor embed(const at::Tensor& ids, int64_t position) const override;
    at::Tensor runLayer(size_t layer, const at::Tensor& x, DecodeState* state) const override;
    at::Tensor stepLayer(size_t layer, const at::Tensor& x, DecodeState& state) const override;
    at::Tensor lastNorm(const at::Tensor& x) const override;

    std::vector<MambaBlock> m_blocks;
    at::Tensor m_lastNorm;
};

} // namespace samba
