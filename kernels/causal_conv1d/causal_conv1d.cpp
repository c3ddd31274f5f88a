#include "kernels/causal_conv1d/causal_conv1d.h"

#include "kernels/causal_conv1d/causal_conv1d_cpu.h"
#include "kernels/causal_conv1d/conv_parameters.h"
#include "kernels/common/autocast_off.h"
#include "kernels/common/autograd_helpers.h"
#include "kernels/common/checks.h"
#include "kernels/common/cuda_ops.h"
#include "kernels/common/parallel.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace samba::kernels {
namespace {

/// The checks that whole sequences and single steps share; x is [batch, ..., channels].
void checkConv(const ArgumentChecks& check, const at::Tensor& x, const at::Tensor& weight,
               const at::Tensor& bias)
{
    check.activationDtype("x", x);
    check.hasKernels("x", x);
    check.lastDimContiguous("x", x);
    const at::ScalarType real = realDtype(x.scalar_type());
    const int64_t channels = x.size(-1);
    check.rank("weight", weight, 2);
    check.range("window of weight", weight.size(1), 2, kMaxConvWidth);
    check.shape("weight", weight, {channels, weight.size(1)});
    check.dtype("weight", weight, {real});
    check.onSameDevice("weight", weight, x);
    if (bias.defined()) {
        check.shape("bias", bias, {channels});
        check.dtype("bias", bias, {real});
        check.onSameDevice("bias", bias, x);
    }
}

void checkSequence(const CausalConv1dInputs& inputs)
{
    const ArgumentChecks check("causalConv1d");
    check.rank("x", inputs.x, 3);
    check.range("length of x", inputs.x.size(1), 1, INT64_MAX);
    checkConv(check, inputs.x, inputs.weight, inputs.bias);
    if (inputs.initialState.defined()) {
        check.shape("initialState", inputs.initialState,
                    {inputs.x.size(0), inputs.weight.size(1) - 1, inputs.x.size(2)});
        check.dtype("initialState", inputs.initialState, {realDtype(inputs.x.scalar_type())});
        check.onSameDevice("initialState", inputs.initialState, inputs.x);
    }
}

template <typename Stored>
ConvArguments<Stored> convArguments(const at::Tensor& x, const PreparedConvParameters& parameters,
                                    bool silu)
{
    using Real = RealOf<Stored>;
    ConvArguments<Stored> arguments;
    arguments.batch = x.size(0);
    arguments.length = x.size(1);
    arguments.channels = x.size(2);
    arguments.width = parameters.weight.size(0);
    arguments.x = constRows<Stored>(x);
    arguments.weight = constDataOrNull<Real>(parameters.weight);
    arguments.bias = constDataOrNull<Real>(parameters.bias);
    arguments.initialState = constDataOrNull<Real>(parameters.initialState);
    arguments.silu = silu;
    return arguments;
}

at::Tensor forwardTensor(const CausalConv1dInputs& inputs)
{
    if (inputs.x.is_cuda())
        return cudaOps("causalConv1d").convForward(inputs);
    const PreparedConvParameters parameters(inputs);
    at::Tensor y = at::empty(inputs.x.sizes(), inputs.x.options());
    dispatchStored(y.scalar_type(), [&](auto value) {
        using Stored = decltype(value);
        convForward(convArguments<Stored>(inputs.x, parameters, inputs.silu),
                    y.mutable_data_ptr<Stored>());
    });
    return y;
}

/// The last K-1 inputs, those before the sequence included.
at::Tensor finalStateTensor(const CausalConv1dInputs& inputs)
{
    const int64_t rows = inputs.weight.size(1) - 1;
    const int64_t length = inputs.x.size(1);
    const at::ScalarType real = inputs.weight.scalar_type();
    if (length >= rows)
        return inputs.x.slice(1, length - rows).to(real, false, true).contiguous();
    const at::Tensor before =
        inputs.initialState.defined()
            ? inputs.initialState
            : at::zeros({inputs.x.size(0), rows, inputs.x.size(2)}, inputs.weight.options());
    return at::cat({before.slice(1, length), inputs.x.to(real)}, 1);
}

class CausalConv1dFunction : public torch::autograd::Function<CausalConv1dFunction> {
public:
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                  const at::Tensor& x, const at::Tensor& weight,
                                                  const std::optional<at::Tensor>& bias,
                                                  const std::optional<at::Tensor>& initialState,
                                                  bool silu)
    {
        const CausalConv1dInputs inputs{x, weight, bias.value_or(at::Tensor()),
                                        initialState.value_or(at::Tensor()), silu};
        context->save_for_backward({x, weight, inputs.bias, inputs.initialState});
        context->saved_data["silu"] = silu;
        context->set_materialize_grads(false);
        return {forwardTensor(inputs), finalStateTensor(inputs)};
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list outputGradients)
    {
        const AutocastOff autocastOff;
        const auto saved = context->get_saved_variables();
        const CausalConv1dInputs inputs{saved[0], saved[1], saved[2], saved[3],
                                        context->saved_data["silu"].toBool()};
        const at::Tensor& x = inputs.x;
        const int64_t width = inputs.weight.size(1);
        at::Tensor gradY = outputGradients[0];
        if (!gradY.defined())
            gradY = at::zeros(x.sizes(), x.options());
        else if (gradY.stride(-1) != 1)
            gradY = gradY.contiguous();
        const at::Tensor gradFinalState = contiguousOrUndefined(outputGradients[1]);
        if (x.is_cuda()) {
            const CudaConvGradients gradients =
                cudaOps("causalConv1d").convBackward(inputs, gradY, gradFinalState);
            return {gradients.x, gradients.weight, gradients.bias, gradients.initialState,
                    at::Tensor()};
        }

        const PreparedConvParameters parameters(inputs);
        const at::TensorOptions real = inputs.weight.options();
        const at::Tensor gradX = at::empty(x.sizes(), x.options());
        at::Tensor gradInitialState;
        if (inputs.initialState.defined())
            gradInitialState = at::empty(inputs.initialState.sizes(), real);
        const int64_t parts = x.size(0) * convTiles(x.size(1));
        const at::Tensor partial = at::empty({parts, width + 1, x.size(2)}, real);
        const at::Tensor total = at::empty({width + 1, x.size(2)}, real);
        dispatchStored(x.scalar_type(), [&](auto value) {
            using Stored = decltype(value);
            using Real = RealOf<Stored>;
            convBackward(convArguments<Stored>(x, parameters, inputs.silu),
                         {.y = constRows<Stored>(gradY),
                          .finalState = constDataOrNull<Real>(gradFinalState),
                          .x = dataOrNull<Stored>(gradX),
                          .initialState = dataOrNull<Real>(gradInitialState),
                          .weight = dataOrNull<Real>(partial)});
            sumInOrder(partial.const_data_ptr<Real>(), parts, total.numel(),
                       total.mutable_data_ptr<Real>());
        });
        const at::Tensor gradWeight = total.slice(0, 0, width).t().contiguous();
        const at::Tensor gradBias = inputs.bias.defined() ? total.select(0, width) : at::Tensor();
        return {gradX, gradWeight, gradBias, gradInitialState, at::Tensor()};
    }
};

} // namespace

CausalConv1dResult causalConv1d(const CausalConv1dInputs& inputs)
{
    checkSequence(inputs);
    const AutocastOff autocastOff;
    if (!wantsGradient({inputs.x, inputs.weight, inputs.bias, inputs.initialState}))
        return {forwardTensor(inputs), finalStateTensor(inputs)};
    auto results = CausalConv1dFunction::apply(inputs.x, inputs.weight, optionalTensor(inputs.bias),
                                               optionalTensor(inputs.initialState), inputs.silu);
    return {std::move(results[0]), std::move(results[1])};
}

at::Tensor causalConv1dStep(const CausalConv1dStepInputs& inputs)
{
    const ArgumentChecks check("causalConv1dStep");
    check.rank("x", inputs.x, 2);
    checkConv(check, inputs.x, inputs.weight, inputs.bias);
    const int64_t rows = inputs.weight.size(1) - 1;
    check.shape("state", inputs.state, {inputs.x.size(0), rows, inputs.x.size(1)});
    check.dtype("state", inputs.state, {realDtype(inputs.x.scalar_type())});
    check.onSameDevice("state", inputs.state, inputs.x);
    check.contiguous("state", inputs.state);

    const AutocastOff autocastOff;
    if (inputs.x.is_cuda())
        return cudaOps("causalConv1dStep").convStep(inputs);
    // A sequence of one step that starts from the state: the same kernel, so that decoding agrees
    // with whole sequences.
    const at::Tensor x = inputs.x.unsqueeze(1);
    const at::Tensor y =
        forwardTensor({x, inputs.weight, inputs.bias, inputs.state, inputs.silu}).squeeze(1);
    dispatchStored(x.scalar_type(), [&](auto value) {
        using Stored = decltype(value);
        using Real = RealOf<Stored>;
        const int64_t channels = inputs.x.size(1);
        Real* state = inputs.state.mutable_data_ptr<Real>();
        for (int64_t b = 0; b < inputs.x.size(0); ++b) {
            Real* oldest = state + b * rows * channels;
            const Stored* newest = inputs.x.const_data_ptr<Stored>() + b * inputs.x.stride(0);
            std::copy(oldest + channels, oldest + rows * channels, oldest);
            std::copy_n(newest, channels, oldest + (rows - 1) * channels);
        }
    });
    return y;
}

} // namespace samba::kernels
