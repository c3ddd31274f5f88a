#include "kernels/causal_conv1d/causal_conv1d_cuda_tensors.h"

#include "kernels/causal_conv1d/causal_conv1d_cuda.h"
#include "kernels/causal_conv1d/conv_parameters.h"
#include "kernels/common/autograd_helpers.h"
#include "kernels/common/device_launch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

namespace samba::kernels::gpu {
namespace {

constexpr const char* kOp = "causalConv1d";

ConvForward forwardArguments(const CausalConv1dInputs& inputs,
                             const PreparedConvParameters& prepared)
{
    ConvForward arguments;
    arguments.batch = launchSize(kOp, "batch", inputs.x.size(0));
    arguments.length = launchSize(kOp, "length", inputs.x.size(1));
    arguments.channels = launchSize(kOp, "channels", inputs.x.size(2));
    arguments.width = launchSize(kOp, "window", prepared.weight.size(0));
    arguments.silu = inputs.silu;
    arguments.x = rowsOf(inputs.x);
    arguments.weight = floatsOrNull(prepared.weight);
    arguments.bias = floatsOrNull(prepared.bias);
    arguments.initialState = floatsOrNull(prepared.initialState);
    return arguments;
}

} // namespace

at::Tensor convForwardTensors(const CausalConv1dInputs& inputs)
{
    const DeviceLaunch launch(inputs.x);
    const PreparedConvParameters prepared(inputs);
    const at::Tensor y = at::empty(inputs.x.sizes(), inputs.x.options());
    ConvForward arguments = forwardArguments(inputs, prepared);
    arguments.y = y.mutable_data_ptr();
    convForward(arguments, elementOf(kOp, inputs.x), launch.stream());
    return y;
}

CudaConvGradients convBackwardTensors(const CausalConv1dInputs& inputs, const at::Tensor& gradY,
                                      const at::Tensor& gradFinalState)
{
    const DeviceLaunch launch(inputs.x);
    const PreparedConvParameters prepared(inputs);
    const at::Tensor readyGradFinalState = contiguousOrUndefined(gradFinalState);
    const int64_t width = prepared.weight.size(0);

    ConvBackward arguments;
    arguments.forward = forwardArguments(inputs, prepared);
    CudaConvGradients gradients;
    gradients.x = at::empty(inputs.x.sizes(), inputs.x.options());
    if (prepared.initialState.defined())
        gradients.initialState = at::empty_like(prepared.initialState);
    const at::Tensor partial = at::empty(
        {inputs.x.size(0) * convTileCount(arguments.forward.length), width + 1, inputs.x.size(2)},
        prepared.weight.options());
    arguments.gradY = rowsOf(gradY);
    arguments.gradFinalState = floatsOrNull(readyGradFinalState);
    arguments.gradX = gradients.x.mutable_data_ptr();
    arguments.gradInitialState = mutableFloatsOrNull(gradients.initialState);
    arguments.gradWeight = partial.mutable_data_ptr<float>();
    convBackward(arguments, elementOf(kOp, inputs.x), launch.stream());

    const at::Tensor total = partial.sum(0);
    gradients.weight = total.slice(0, 0, width).t().contiguous();
    if (inputs.bias.defined())
        gradients.bias = total.select(0, width);
    return gradients;
}

at::Tensor convStepTensors(const CausalConv1dStepInputs& inputs)
{
    constexpr const char* kStep = "causalConv1dStep";
    const DeviceLaunch launch(inputs.x);
    const at::Tensor weight = inputs.weight.t().contiguous();
    const at::Tensor bias = contiguousOrUndefined(inputs.bias);
    const at::Tensor y = at::empty(inputs.x.sizes(), inputs.x.options());
    ConvStep arguments;
    arguments.batch = launchSize(kStep, "batch", inputs.x.size(0));
    arguments.channels = launchSize(kStep, "channels", inputs.x.size(1));
    arguments.width = launchSize(kStep, "window", weight.size(0));
    arguments.silu = inputs.silu;
    arguments.x = rowsOf(inputs.x);
    arguments.weight = floatsOrNull(weight);
    arguments.bias = floatsOrNull(bias);
    arguments.state = inputs.state.mutable_data_ptr<float>();
    arguments.y = y.mutable_data_ptr();
    convStep(arguments, elementOf(kStep, inputs.x), launch.stream());
    return y;
}

} // namespace samba::kernels::gpu
