#include "engine/model/samba_model.h"

namespace samba {

SambaModel::SambaModel(const ModelDescription& description, ModelWeights weights)
    : MambaModel(description, std::move(weights)), m_readout(description, this->weights())
{}

ForwardResult SambaModel::forward(const at::Tensor& ids, DecodeState* state)
{
    ForwardResult result = MambaModel::forward(ids, state);
    m_readout.apply(result);
    return result;
}

ForwardResult SambaModel::step(const at::Tensor& ids, DecodeState& state)
{
    ForwardResult result = MambaModel::step(ids, state);
    m_readout.apply(result);
    return result;
}

} // namespace samba
