#pragma once

#include "engine/model/mamba_model.h"
#include "engine/model/samba_readout.h"

namespace samba {

/// A Mamba whose chunks are read by an attention readout (spec section 2.2). Thread: engine.
class SambaModel : public MambaModel {
public:
    SambaModel(const ModelDescription& description, ModelWeights weights);

    ForwardResult forward(const at::Tensor& ids, DecodeState* state) override;
    ForwardResult step(const at::Tensor& ids, DecodeState& state) override;

private:
    SambaReadout m_readout;
};

} // namespace samba
