#pragma once

#include "engine/model/projection.h"

namespace samba {

/// Attention over the chunks, position by position (spec section 2.2): the query comes from the
/// last chunk, keys from every chunk, and the values are the chunk outputs under a learned gain.
/// Holds handles of its tensors, owns none of them. Thread: engine.
class SambaReadout {
public:
    SambaReadout(const ModelDescription& description, const ModelWeights& weights,
                 const Projection& query, const Projection& key);

    /// Fills readoutHidden and readoutAttention from the chunk outputs ([..., dModel] each).
    void apply(ForwardResult& result) const;

private:
    double m_normEpsilon = 0;
    double m_scale = 0; ///< of the scores
    Projection m_query; ///< [readoutHiddenDim, dModel]
    Projection m_key;   ///< [readoutHiddenDim, dModel]
    at::Tensor m_gain;  ///< [chunks, dModel]
    at::Tensor m_norm;
};

} // namespace samba
