#include "engine/model/samba_model.h"

namespace samba {

SambaModel::SambaModel(const ModelDescription& description, ModelWeights weights,
                       kernels::WeightFormat format)
    : MambaModel(description, std::move(weights), format),
      m_readout(description, this->weights(), take(tensor_names::kReadoutQuery),
                take(tensor_names::kReadoutKey)),
      m_readoutHead(take(tensor_names::kReadoutHead))
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
