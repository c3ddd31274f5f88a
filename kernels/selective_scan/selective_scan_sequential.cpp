#include "kernels/common/autocast_off.h"
#include "kernels/selective_scan/selective_scan.h"
#include "kernels/selective_scan/selective_scan_checks.h"

#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

namespace samba::kernels {

SelectiveScanResult selectiveScanSequential(const SelectiveScanInputs& inputs)
{
    checkSelectiveScanInputs("selectiveScanSequential", inputs);
    const AutocastOff autocastOff;
    const at::ScalarType dtype = inputs.A.scalar_type();
    const at::Tensor u = inputs.u.to(dtype);
    const at::Tensor B = inputs.B.to(dtype);
    const at::Tensor C = inputs.C.to(dtype);

    at::Tensor s = inputs.delta.to(dtype);
    if (inputs.deltaBias.defined())
        s = s + inputs.deltaBias;
    if (inputs.deltaSoftplus)
        s = at::softplus(s);

    at::Tensor h = inputs.initialState.defined()
                       ? inputs.initialState
                       : at::zeros({u.size(0), u.size(2), inputs.A.size(1)}, inputs.A.options());
    std::vector<at::Tensor> outputs;
    const int64_t length = u.size(1);
    for (int64_t t = 0; t < length; ++t) {
        const at::Tensor step = s.select(1, t).unsqueeze(-1);                          // [B, D, 1]
        const at::Tensor input = u.select(1, t).unsqueeze(-1);                         // [B, D, 1]
        h = at::exp(step * inputs.A) * h + step * B.select(1, t).unsqueeze(1) * input; // [B, D, N]
        outputs.push_back((h * C.select(1, t).unsqueeze(1)).sum(-1));                  // [B, D]
    }

    at::Tensor y = at::stack(outputs, 1);
    if (inputs.D.defined())
        y = y + inputs.D * u;
    if (inputs.z.defined())
        y = y * at::silu(inputs.z.to(dtype));
    return {y.to(inputs.u.scalar_type()), h};
}

} // namespace samba::kernels
