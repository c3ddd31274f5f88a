#include "kernels/rms_norm/rms_norm.h"

#include "kernels/common/autocast_off.h"
#include "kernels/common/autograd_helpers.h"
#include "kernels/common/checks.h"
#include "kernels/common/cuda_ops.h"
#include "kernels/common/parallel.h"
#include "kernels/rms_norm/rms_norm_cpu.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace samba::kernels {
namespace {

/// Calls `body` with a value of the type of x and one of the type of y.
template <class Body>
void dispatchNorm(at::ScalarType in, at::ScalarType out, const Body& body)
{
    if (in == at::kFloat && out == at::kBFloat16)
        body(float(), c10::BFloat16());
    else
        dispatchStored(in, [&](auto value) { body(value, value); });
}

constexpr const char* kOp = "rmsNorm";

struct NormTensors {
    at::Tensor y;
    at::Tensor scale; ///< [rows]
};

/// @param x, weight  contiguous.
NormTensors forwardTensors(const at::Tensor& x, const at::Tensor& weight, double eps,
                           at::ScalarType outputDtype)
{
    if (x.is_cuda()) {
        const CudaNormTensors result = cudaOps(kOp).normForward(x, weight, eps, outputDtype);
        return {result.y, result.scale};
    }
    const int64_t width = weight.size(0);
    const int64_t rows = x.numel() / width;
    NormTensors result{at::empty(x.sizes(), x.options().dtype(outputDtype)),
                       at::empty({rows}, weight.options())};
    dispatchNorm(x.scalar_type(), outputDtype, [&](auto in, auto out) {
        using In = decltype(in);
        using Out = decltype(out);
        using Real = RealOf<In>;
        normForward(NormForward<In, Out>{.rows = rows,
                                         .width = width,
                                         .eps = eps,
                                         .x = x.const_data_ptr<In>(),
                                         .weight = weight.const_data_ptr<Real>(),
                                         .y = result.y.template mutable_data_ptr<Out>(),
                                         .scale = result.scale.template mutable_data_ptr<Real>()});
    });
    return result;
}

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                              const at::Tensor& weight, double eps, at::ScalarType outputDtype)
    {
        NormTensors result = forwardTensors(x.contiguous(), weight.contiguous(), eps, outputDtype);
        context->save_for_backward({x, weight, result.scale});
        return result.y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list outputGradients)
    {
        const AutocastOff autocastOff;
        const auto saved = context->get_saved_variables();
        const at::Tensor x = saved[0].contiguous();
        const at::Tensor weight = saved[1].contiguous();
        const at::Tensor& scale = saved[2];
        const at::Tensor gradY = outputGradients[0].contiguous();
        if (x.is_cuda()) {
            const CudaNormGradients gradients = cudaOps(kOp).normBackward(x, weight, scale, gradY);
            return {gradients.x, gradients.weight, at::Tensor(), at::Tensor()};
        }
        const int64_t width = weight.size(0);
        const int64_t rows = scale.size(0);
        const at::Tensor gradX = at::empty(x.sizes(), x.options());
        const at::Tensor gradWeight = at::zeros({width}, weight.options());
        const at::Tensor partial = at::zeros({normBlocks(rows), width}, weight.options());
        if (rows == 0)
            return {gradX, gradWeight, at::Tensor(), at::Tensor()};
        dispatchNorm(x.scalar_type(), gradY.scalar_type(), [&](auto in, auto out) {
            using In = decltype(in);
            using Out = decltype(out);
            using Real = RealOf<In>;
            normBackward(
                NormBackward<In, Out>{.rows = rows,
                                      .width = width,
                                      .x = x.const_data_ptr<In>(),
                                      .weight = weight.const_data_ptr<Real>(),
                                      .scale = scale.const_data_ptr<Real>(),
                                      .gradY = gradY.const_data_ptr<Out>(),
                                      .gradX = gradX.template mutable_data_ptr<In>(),
                                      .gradWeight = partial.template mutable_data_ptr<Real>()});
            sumInOrder(partial.const_data_ptr<Real>(), partial.size(0), width,
                       gradWeight.template mutable_data_ptr<Real>());
        });
        return {gradX, gradWeight, at::Tensor(), at::Tensor()};
    }
};

} // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps,
                   std::optional<at::ScalarType> outputDtype)
{
    const ArgumentChecks check(kOp);
    check.activationDtype("x", x);
    check.hasKernels("x", x);
    check.range("number of dimensions of x", x.dim(), 1, INT64_MAX);
    check.range("width of x", x.size(-1), 1, INT64_MAX);
    check.shape("weight", weight, {x.size(-1)});
    check.dtype("weight", weight, {realDtype(x.scalar_type())});
    check.onSameDevice("weight", weight, x);
    const at::ScalarType out = outputDtype.value_or(x.scalar_type());
    TORCH_CHECK(out == x.scalar_type() || (x.scalar_type() == at::kFloat && out == at::kBFloat16),
                "rmsNorm: outputDtype: wanted ", x.scalar_type(),
                " as x has it, or BFloat16 for Float, got ", out);
    TORCH_CHECK(eps > 0, "rmsNorm: eps: wanted a value above 0, got ", eps);

    const AutocastOff autocastOff;
    if (!wantsGradient({x, weight}))
        return forwardTensors(x.contiguous(), weight.contiguous(), eps, out).y;
    return RmsNormFunction::apply(x, weight, eps, out);
}

} // namespace samba::kernels
