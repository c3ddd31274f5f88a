#pragma once

#include "engine/model/projection.h"

namespace samba {

/// One Mamba layer: x + out_proj(scan(conv(u)) * silu(z)), where u, z = split(in_proj(RMSNorm(x)))
/// (Gu & Dao 2023, figure 3 and algorithm 2). Holds handles of its tensors, owns none of them.
/// Thread: engine.
class MambaBlock {
public:
    /// @param weights  a projection that is packed leaves them.
    MambaBlock(const ModelDescription& description, ModelWeights& weights, int64_t layer,
               kernels::WeightFormat format);

    /// @param x      [batch, seqLen, dModel], float32: the residual stream.
    /// @param state  null, or the layer's state to continue from, then advanced.
    /// @return       the residual stream after the layer, as x.
    at::Tensor forward(const at::Tensor& x, DecodeState::Layer* state) const;

    /// One token a sequence: x [batch, dModel]; the state is advanced in place.
    at::Tensor step(const at::Tensor& x, DecodeState::Layer& state) const;

    /// -exp(A_log) [dInner, dState], of the weights of this moment.
    at::Tensor decayRates() const;

private:
    struct ScanOperands;

    at::Tensor stepByOperations(const at::Tensor& x, DecodeState::Layer& state) const;

    Projection m_inProj;
    Projection m_xProj;
    Projection m_dtProj; ///< its bias is the scan's
    Projection m_outProj;

    at::Tensor project(const at::Tensor& x) const;
    ScanOperands splitScanOperands(const at::Tensor& u) const;

    int64_t m_dInner = 0;
    int64_t m_dState = 0;
    int64_t m_dtRank = 0;
    double m_normEpsilon = 0;
    bool m_isSequential = false;

    at::Tensor m_norm;
    at::Tensor m_convWeight; ///< [dInner, dConv]
    at::Tensor m_convBias;   ///< undefined in a model without it
    at::Tensor m_dtBias;
    at::Tensor m_aLog;
    at::Tensor m_d;
};

} // namespace samba
