#include "engine/model/mamba_block.h"

#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/mamba_step/mamba_step.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/selective_scan/selective_scan.h"

#include <ATen/ATen.h>

namespace samba {

/// What the scan needs besides u: step sizes before bias and softplus, input and output maps.
struct MambaBlock::ScanOperands {
    at::Tensor delta; ///< [..., dInner]
    at::Tensor B;     ///< [..., dState]
    at::Tensor C;     ///< [..., dState]
};

MambaBlock::MambaBlock(const ModelDescription& description, ModelWeights& weights, int64_t layer,
                       kernels::WeightFormat format)
    : m_dInner(description.config.dInner()),
      m_dState(description.config.dState),
      m_dtRank(description.config.resolvedDtRank()),
      m_normEpsilon(description.config.normEpsilon),
      m_isSequential(description.config.scan == "sequential")
{
    const std::string prefix = layerPrefix(description.config, layer);
    const std::string mixer = prefix + "mixer.";
    const auto optional = [&weights](bool isThere, const std::string& name) {
        return isThere ? weights.at(name) : at::Tensor();
    };
    const auto take = [&](const char* name, const at::Tensor& bias = {}) {
        return takeProjection(weights, mixer + name, format, bias);
    };
    m_norm = weights.at(prefix + "norm.weight");
    m_inProj =
        take("in_proj.weight", optional(description.hasProjectionBias, mixer + "in_proj.bias"));
    m_convWeight = weights.at(mixer + "conv1d.weight");
    m_convBias = optional(description.hasConvBias, mixer + "conv1d.bias");
    m_xProj = take("x_proj.weight");
    m_dtProj = take("dt_proj.weight");
    m_dtBias = weights.at(mixer + "dt_proj.bias");
    m_aLog = weights.at(mixer + "A_log");
    m_d = weights.at(mixer + "D");
    m_outProj =
        take("out_proj.weight", optional(description.hasProjectionBias, mixer + "out_proj.bias"));
}

at::Tensor MambaBlock::decayRates() const
{
    return -m_aLog.exp();
}

at::Tensor MambaBlock::project(const at::Tensor& x) const
{
    return m_inProj(kernels::rmsNorm(x, m_norm, m_normEpsilon));
}

MambaBlock::ScanOperands MambaBlock::splitScanOperands(const at::Tensor& u) const
{
    const std::vector<at::Tensor> parts =
        m_xProj(u).split_with_sizes({m_dtRank, m_dState, m_dState}, -1);
    return {m_dtProj(parts[0]), parts[1], parts[2]};
}

at::Tensor MambaBlock::forward(const at::Tensor& x, DecodeState::Layer* state) const
{
    const std::vector<at::Tensor> uz = project(x).chunk(2, -1);
    const kernels::CausalConv1dResult conv =
        kernels::causalConv1d({.x = uz[0],
                               .weight = m_convWeight.squeeze(1),
                               .bias = m_convBias,
                               .initialState = state ? state->conv : at::Tensor(),
                               .silu = true});
    const ScanOperands operands = splitScanOperands(conv.y);
    const kernels::SelectiveScanInputs inputs{.u = conv.y,
                                              .delta = operands.delta,
                                              .A = decayRates(),
                                              .B = operands.B,
                                              .C = operands.C,
                                              .D = m_d,
                                              .z = uz[1],
                                              .deltaBias = m_dtBias,
                                              .initialState = state ? state->ssm : at::Tensor()};
    const kernels::SelectiveScanResult scan =
        m_isSequential ? kernels::selectiveScanSequential(inputs) : kernels::selectiveScan(inputs);
    if (state) {
        state->conv = conv.finalState;
        state->ssm = scan.lastState;
    }
    return x + m_outProj(scan.y);
}

at::Tensor MambaBlock::step(const at::Tensor& x, DecodeState::Layer& state) const
{
    if (x.scalar_type() != at::kFloat || !x.is_cpu())
        return stepByOperations(x, state);
    return kernels::mambaStep({.x = x.contiguous(),
                               .norm = m_norm,
                               .normEpsilon = m_normEpsilon,
                               .inProj = m_inProj.packed(),
                               .inBias = m_inProj.bias(),
                               .convWeight = m_convWeight.squeeze(1),
                               .convBias = m_convBias,
                               .xProj = m_xProj.packed(),
                               .dtProj = m_dtProj.packed(),
                               .dtBias = m_dtBias,
                               .A = state.A,
                               .D = m_d,
                               .outProj = m_outProj.packed(),
                               .outBias = m_outProj.bias(),
                               .convState = state.conv,
                               .ssmState = state.ssm});
}

/// The same one operation after the other, for float64 and for other devices.
at::Tensor MambaBlock::stepByOperations(const at::Tensor& x, DecodeState::Layer& state) const
{
    const std::vector<at::Tensor> uz = project(x).chunk(2, -1);
    const at::Tensor u = kernels::causalConv1dStep({.x = uz[0],
                                                    .state = state.conv,
                                                    .weight = m_convWeight.squeeze(1),
                                                    .bias = m_convBias,
                                                    .silu = true});
    const ScanOperands operands = splitScanOperands(u);
    const at::Tensor y = kernels::selectiveScanStep({.u = u,
                                                     .delta = operands.delta,
                                                     .A = state.A,
                                                     .B = operands.B,
                                                     .C = operands.C,
                                                     .D = m_d,
                                                     .z = uz[1],
                                                     .deltaBias = m_dtBias,
                                                     .state = state.ssm});
    return x + m_outProj(y);
}

} // namespace samba
