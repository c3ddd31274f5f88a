#pragma once

#include "engine/model/mamba_model.h"
#include "engine/model/samba_readout.h"

namespace samba {

/// A Mamba whose chunks are read by an attention readout (spec section 2.2). Thread: engine.
class SambaModel : public MambaModel {
public:
    SambaModel(const ModelDescription& description, ModelWeights weights,
               kernels::WeightFormat format);

    ForwardResult forward(const at::Tensor& ids, DecodeState* state) override;
    ForwardResult step(const at::Tensor& ids, DecodeState& state) override;
    at::Tensor readoutLogits(const at::Tensor& readoutHidden) const override
    {
        return m_readoutHead(readoutHidden);
    }
    at::Tensor readoutHeadWeight() const override { return m_readoutHead.matrix(); }

private:
    SambaReadout m_readout;
    Projection m_readoutHead;
};

} // namespace samba
