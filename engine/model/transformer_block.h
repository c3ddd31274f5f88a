#pragma once

#include "engine/model/projection.h"

namespace samba {

/// One layer of a GPT-2: x + attention(LayerNorm(x)), then x + mlp(LayerNorm(x)), with causal
/// attention of several heads (Vaswani et al. 2017, section 3.2) and an mlp of four times
/// the width with GELU in its tanh form (Radford et al. 2019, section 2.3). No dropout. Holds
/// handles of its tensors, owns none of them. Thread: engine.
class TransformerBlock {
public:
    /// @param weights  a projection that is packed leaves them.
    TransformerBlock(const ModelDescription& description, ModelWeights& weights, int64_t layer,
                     kernels::WeightFormat format);

    /// @param x         [batch, seqLen, dModel], float32: the residual stream.
    /// @param state     null, or the layer's keys and values of the tokens before, then extended;
    ///                  only without gradients.
    /// @param position  tokens before these; 0 without a state.
    /// @return          the residual stream after the layer, as x.
    at::Tensor forward(const at::Tensor& x, DecodeState::Layer* state, int64_t position) const;

private:
    /// LayerNorm with scale and shift.
    struct Norm {
        at::Tensor weight; ///< [dModel]
        at::Tensor bias;   ///< [dModel]
        double epsilon = 0;

        at::Tensor operator()(const at::Tensor& x) const;
    };

    at::Tensor attend(const at::Tensor& x, DecodeState::Layer* state, int64_t position) const;

    int64_t m_heads;
    int64_t m_mostPositions;
    Norm m_attentionNorm;
    Projection m_queryKeyValue;
    Projection m_attentionOut;
    Norm m_mlpNorm;
    Projection m_mlpIn;
    Projection m_mlpOut;
};

} // namespace samba
