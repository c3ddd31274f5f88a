#include "tests/kernels/scan_cases.h"

#include <cmath>

#include <ATen/ATen.h>

namespace samba::test {

using kernels::SelectiveScanInputs;

const std::vector<ScanMember>& scanMembers()
{
    static const std::vector<ScanMember> members = {
        {"u", &SelectiveScanInputs::u},
        {"delta", &SelectiveScanInputs::delta},
        {"A", &SelectiveScanInputs::A},
        {"B", &SelectiveScanInputs::B},
        {"C", &SelectiveScanInputs::C},
        {"D", &SelectiveScanInputs::D},
        {"z", &SelectiveScanInputs::z},
        {"deltaBias", &SelectiveScanInputs::deltaBias},
        {"initialState", &SelectiveScanInputs::initialState},
    };
    return members;
}

SelectiveScanInputs makeScanInputs(const ScanCase& sizes, at::ScalarType dtype)
{
    at::manual_seed(20240607);
    const at::ScalarType real = dtype == at::kDouble ? at::kDouble : at::kFloat;
    const auto random = [](at::IntArrayRef shape) { return at::randn(shape, at::kDouble); };
    const int64_t batch = sizes.batch;
    const int64_t length = sizes.length;
    const int64_t channels = sizes.channels;
    const int64_t states = sizes.states;

    SelectiveScanInputs inputs;
    inputs.u = random({batch, length, channels}).to(dtype);
    // Without the softplus the step itself has to be positive, or states explode.
    inputs.delta = random({batch, length, channels});
    if (!sizes.softplus)
        inputs.delta = inputs.delta.abs() + 0.5;
    inputs.delta = inputs.delta.to(dtype);
    inputs.A = (sizes.rate * (-0.1 - random({channels, states}).abs())).to(real);
    inputs.B = random({batch, length, states}).to(dtype);
    inputs.C = random({batch, length, states}).to(dtype);
    if (sizes.skip)
        inputs.D = random({channels}).to(real);
    if (sizes.gate)
        inputs.z = random({batch, length, channels}).to(dtype);
    if (sizes.bias)
        inputs.deltaBias = (random({channels}) * 0.2).to(real);
    if (sizes.initialState)
        inputs.initialState = random({batch, channels, states}).to(real);
    inputs.deltaSoftplus = sizes.softplus;
    return inputs;
}

SelectiveScanInputs asDouble(const SelectiveScanInputs& inputs, bool requiresGradient)
{
    SelectiveScanInputs result = inputs;
    for (const auto& [name, member] : scanMembers())
        if ((inputs.*member).defined())
            result.*member = (inputs.*member)
                                 .detach()
                                 .to(at::kDouble)
                                 .clone()
                                 .set_requires_grad(requiresGradient);
    return result;
}

SelectiveScanInputs asVariables(const SelectiveScanInputs& inputs)
{
    SelectiveScanInputs result = inputs;
    for (const auto& [name, member] : scanMembers())
        if ((inputs.*member).defined())
            result.*member = (inputs.*member).detach().clone().set_requires_grad(true);
    return result;
}

std::vector<at::Tensor> definedTensors(const SelectiveScanInputs& inputs)
{
    std::vector<at::Tensor> tensors;
    for (const auto& [name, member] : scanMembers())
        if ((inputs.*member).defined())
            tensors.push_back(inputs.*member);
    return tensors;
}

kernels::SelectiveScanResult literalScan(const SelectiveScanInputs& inputs)
{
    const int64_t batch = inputs.u.size(0);
    const int64_t length = inputs.u.size(1);
    const int64_t channels = inputs.u.size(2);
    const int64_t states = inputs.A.size(1);
    at::Tensor y = at::empty({batch, length, channels}, at::kDouble);
    at::Tensor h = inputs.initialState.defined()
                       ? inputs.initialState.clone()
                       : at::zeros({batch, channels, states}, at::kDouble);

    const auto u = inputs.u.accessor<double, 3>();
    const auto delta = inputs.delta.accessor<double, 3>();
    const auto A = inputs.A.accessor<double, 2>();
    const auto B = inputs.B.accessor<double, 3>();
    const auto C = inputs.C.accessor<double, 3>();
    auto out = y.accessor<double, 3>();
    auto state = h.accessor<double, 3>();
    for (int64_t b = 0; b < batch; ++b)
        for (int64_t d = 0; d < channels; ++d)
            for (int64_t t = 0; t < length; ++t) {
                double s = delta[b][t][d];
                if (inputs.deltaBias.defined())
                    s += inputs.deltaBias.accessor<double, 1>()[d];
                if (inputs.deltaSoftplus)
                    s = s > 0 ? s + std::log1p(std::exp(-s)) : std::log1p(std::exp(s));
                double sum = 0;
                for (int64_t n = 0; n < states; ++n) {
                    state[b][d][n] =
                        std::exp(s * A[d][n]) * state[b][d][n] + s * B[b][t][n] * u[b][t][d];
                    sum += C[b][t][n] * state[b][d][n];
                }
                if (inputs.D.defined())
                    sum += inputs.D.accessor<double, 1>()[d] * u[b][t][d];
                if (inputs.z.defined()) {
                    const double z = inputs.z.accessor<double, 3>()[b][t][d];
                    sum *= z / (1 + std::exp(-z));
                }
                out[b][t][d] = sum;
            }
    return {y, h};
}

} // namespace samba::test
