#pragma once

#include "kernels/gemv/gemv.h"

namespace samba::kernels {

/// One Mamba layer and its state, for one token of each sequence. Everything is float32, contiguous
/// and on the CPU, but for the packed matrices.
struct MambaStepInputs {
    at::Tensor x;    ///< [batch, dModel] residual stream
    at::Tensor norm; ///< [dModel] weight of the RMSNorm before the layer
    double normEpsilon = 0;
    PackedMatrix inProj;   ///< [2 dInner, dModel]
    at::Tensor inBias;     ///< [2 dInner], or undefined
    at::Tensor convWeight; ///< [dInner, K]
    at::Tensor convBias;   ///< [dInner], or undefined
    PackedMatrix xProj;    ///< [dtRank + 2 dState, dInner]
    PackedMatrix dtProj;   ///< [dInner, dtRank]
    at::Tensor dtBias;     ///< [dInner]
    at::Tensor A;          ///< [dInner, dState]
    at::Tensor D;          ///< [dInner]
    PackedMatrix outProj;  ///< [dModel, dInner]
    at::Tensor outBias;    ///< [dModel], or undefined
    at::Tensor convState;  ///< [batch, K - 1, dInner] last inputs, oldest first; advanced in place
    at::Tensor ssmState;   ///< [batch, dInner, dState]; advanced in place
};

/// A whole Mamba layer for one token (Gu & Dao 2023, arXiv 2312.00752, figure 3): norm, products,
/// convolution, scan and gate in one parallel region whose threads meet four times, so that the
/// time goes into reading the matrices. The same function as the single operations one after the
/// other. Not differentiable. The bits of the result do not depend on the number of threads.
/// @return             the residual stream after the layer, as x.
/// @throws c10::Error  naming the tensor, if a shape, dtype, layout or device does not fit.
at::Tensor mambaStep(const MambaStepInputs& inputs);

} // namespace samba::kernels
