#include "kernels/selective_scan/selective_scan_cuda_tensors.h"

#include "kernels/common/autograd_helpers.h"
#include "kernels/common/device_launch.h"
#include "kernels/selective_scan/selective_scan_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

namespace samba::kernels::gpu {
namespace {

constexpr const char* kOp = "selectiveScan";

/// [batch, time, width] to [batch, width, time], contiguous; an undefined tensor stays undefined.
at::Tensor timeLast(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.transpose(1, 2).contiguous() : tensor;
}

/// The inputs as the launchers read them. They own the memory that forwardArguments() points into.
SelectiveScanInputs prepared(const SelectiveScanInputs& inputs)
{
    SelectiveScanInputs result = inputs;
    for (at::Tensor SelectiveScanInputs::*wide :
         {&SelectiveScanInputs::u, &SelectiveScanInputs::delta, &SelectiveScanInputs::z,
          &SelectiveScanInputs::B, &SelectiveScanInputs::C})
        result.*wide = timeLast(inputs.*wide);
    for (at::Tensor SelectiveScanInputs::*parameter :
         {&SelectiveScanInputs::A, &SelectiveScanInputs::D, &SelectiveScanInputs::deltaBias,
          &SelectiveScanInputs::initialState})
        result.*parameter = contiguousOrUndefined(inputs.*parameter);
    return result;
}

/// @param inputs  from prepared().
ScanForward forwardArguments(const SelectiveScanInputs& inputs)
{
    ScanForward arguments;
    arguments.batch = launchSize(kOp, "batch", inputs.u.size(0));
    arguments.channels = launchSize(kOp, "channels", inputs.u.size(1));
    arguments.length = launchSize(kOp, "length", inputs.u.size(2));
    arguments.states = launchSize(kOp, "states", inputs.A.size(1));
    arguments.deltaSoftplus = inputs.deltaSoftplus;
    arguments.u = inputs.u.const_data_ptr();
    arguments.delta = inputs.delta.const_data_ptr();
    arguments.z = inputs.z.defined() ? inputs.z.const_data_ptr() : nullptr;
    arguments.B = inputs.B.const_data_ptr();
    arguments.C = inputs.C.const_data_ptr();
    arguments.A = floatsOrNull(inputs.A);
    arguments.D = floatsOrNull(inputs.D);
    arguments.deltaBias = floatsOrNull(inputs.deltaBias);
    arguments.initialState = floatsOrNull(inputs.initialState);
    return arguments;
}

} // namespace

CudaScanTensors scanForwardTensors(const SelectiveScanInputs& inputs)
{
    const DeviceLaunch launch(inputs.u);
    const SelectiveScanInputs ready = prepared(inputs);
    ScanForward arguments = forwardArguments(ready);
    const at::Tensor y = at::empty_like(ready.u);
    CudaScanTensors result;
    result.chunkStates = at::empty(
        {ready.u.size(0), ready.u.size(1), scanChunkCount(arguments.length), ready.A.size(1)},
        ready.A.options());
    arguments.y = y.mutable_data_ptr();
    arguments.chunkStates = result.chunkStates.mutable_data_ptr<float>();
    scanForward(arguments, elementOf(kOp, ready.u), launch.stream());
    result.y = timeLast(y);
    return result;
}

SelectiveScanInputs scanBackwardTensors(const SelectiveScanInputs& inputs,
                                        const at::Tensor& chunkStates, const at::Tensor& gradY,
                                        const at::Tensor& gradLastState)
{
    const DeviceLaunch launch(inputs.u);
    const SelectiveScanInputs ready = prepared(inputs);
    const at::Tensor readyGradY = timeLast(gradY);
    const at::Tensor readyGradLastState = contiguousOrUndefined(gradLastState);
    const at::TensorOptions real = ready.A.options();

    SelectiveScanInputs gradients;
    gradients.u = at::empty_like(ready.u);
    gradients.delta = at::empty_like(ready.u);
    if (ready.z.defined())
        gradients.z = at::empty_like(ready.u);
    if (ready.initialState.defined())
        gradients.initialState = at::empty_like(ready.initialState);
    gradients.A = at::zeros(ready.A.sizes(), real);
    gradients.B = at::zeros(ready.B.sizes(), real);
    gradients.C = at::zeros(ready.C.sizes(), real);
    if (ready.D.defined())
        gradients.D = at::zeros(ready.D.sizes(), real);
    if (ready.deltaBias.defined())
        gradients.deltaBias = at::zeros(ready.deltaBias.sizes(), real);

    ScanBackward arguments;
    arguments.forward = forwardArguments(ready);
    // The backward pass only reads the states.
    arguments.forward.chunkStates = const_cast<float*>(chunkStates.const_data_ptr<float>());
    arguments.gradY = readyGradY.const_data_ptr();
    arguments.gradLastState = floatsOrNull(readyGradLastState);
    arguments.gradU = gradients.u.mutable_data_ptr();
    arguments.gradDelta = gradients.delta.mutable_data_ptr();
    arguments.gradZ = mutableDataOrNull(gradients.z);
    arguments.gradInitialState = mutableFloatsOrNull(gradients.initialState);
    arguments.gradA = gradients.A.mutable_data_ptr<float>();
    arguments.gradB = gradients.B.mutable_data_ptr<float>();
    arguments.gradC = gradients.C.mutable_data_ptr<float>();
    arguments.gradD = mutableFloatsOrNull(gradients.D);
    arguments.gradDeltaBias = mutableFloatsOrNull(gradients.deltaBias);
    scanBackward(arguments, elementOf(kOp, ready.u), launch.stream());

    gradients.u = timeLast(gradients.u);
    gradients.delta = timeLast(gradients.delta);
    gradients.z = timeLast(gradients.z);
    gradients.B = timeLast(gradients.B).to(inputs.B.scalar_type());
    gradients.C = timeLast(gradients.C).to(inputs.C.scalar_type());
    return gradients;
}

at::Tensor scanStepTensors(const SelectiveScanStepInputs& inputs)
{
    constexpr const char* kStep = "selectiveScanStep";
    const DeviceLaunch launch(inputs.u);
    const at::Tensor y = at::empty(inputs.u.sizes(), inputs.u.options());
    ScanStep arguments;
    arguments.batch = launchSize(kStep, "batch", inputs.u.size(0));
    arguments.channels = launchSize(kStep, "channels", inputs.u.size(1));
    arguments.states = launchSize(kStep, "states", inputs.A.size(1));
    arguments.deltaSoftplus = inputs.deltaSoftplus;
    arguments.u = rowsOf(inputs.u);
    arguments.delta = rowsOf(inputs.delta);
    arguments.z = rowsOf(inputs.z);
    arguments.B = rowsOf(inputs.B);
    arguments.C = rowsOf(inputs.C);
    arguments.A = floatsOrNull(inputs.A);
    arguments.D = floatsOrNull(inputs.D);
    arguments.deltaBias = floatsOrNull(inputs.deltaBias);
    arguments.state = inputs.state.mutable_data_ptr<float>();
    arguments.y = y.mutable_data_ptr();
    scanStep(arguments, elementOf(kStep, inputs.u), launch.stream());
    return y;
}

} // namespace samba::kernels::gpu
