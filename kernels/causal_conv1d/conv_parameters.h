#pragma once

#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/common/autograd_helpers.h"

namespace samba::kernels {

/// Parameters laid out as the kernels of either device read them. They own the memory that the
/// kernels' arguments point into.
struct PreparedConvParameters {
    explicit PreparedConvParameters(const CausalConv1dInputs& inputs)
        : weight(inputs.weight.t().contiguous()),
          bias(contiguousOrUndefined(inputs.bias)),
          initialState(contiguousOrUndefined(inputs.initialState))
    {}

    at::Tensor weight; ///< [K, D]
    at::Tensor bias;
    at::Tensor initialState;
};

} // namespace samba::kernels
