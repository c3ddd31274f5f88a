#include "kernels/common/autocast_off.h"
#include "kernels/common/autograd_helpers.h"
#include "kernels/common/checks.h"
#include "kernels/common/cuda_ops.h"
#include "kernels/common/parallel.h"
#include "kernels/selective_scan/selective_scan.h"
#include "kernels/selective_scan/selective_scan_checks.h"
#include "kernels/selective_scan/selective_scan_cpu.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace samba::kernels {
namespace {

constexpr const char* kOp = "selectiveScan";

/// The inputs with the small ones laid out as the kernel reads them: parameters contiguous, B and C
/// in the arithmetic type. The wide ones stay where they are.
SelectiveScanInputs prepared(const SelectiveScanInputs& inputs)
{
    const at::ScalarType real = realDtype(inputs.u.scalar_type());
    SelectiveScanInputs result = inputs;
    result.A = inputs.A.contiguous();
    result.B = inputs.B.to(real);
    result.C = inputs.C.to(real);
    result.D = contiguousOrUndefined(inputs.D);
    result.deltaBias = contiguousOrUndefined(inputs.deltaBias);
    result.initialState = contiguousOrUndefined(inputs.initialState);
    return result;
}

template <typename Stored>
ScanArguments<Stored> scanArguments(const SelectiveScanInputs& inputs)
{
    using Real = RealOf<Stored>;
    ScanArguments<Stored> arguments;
    arguments.batch = inputs.u.size(0);
    arguments.length = inputs.u.size(1);
    arguments.channels = inputs.u.size(2);
    arguments.states = inputs.A.size(1);
    arguments.u = constRows<Stored>(inputs.u);
    arguments.delta = constRows<Stored>(inputs.delta);
    arguments.z = constRows<Stored>(inputs.z);
    arguments.B = constRows<Real>(inputs.B);
    arguments.C = constRows<Real>(inputs.C);
    arguments.A = constDataOrNull<Real>(inputs.A);
    arguments.D = constDataOrNull<Real>(inputs.D);
    arguments.deltaBias = constDataOrNull<Real>(inputs.deltaBias);
    arguments.initialState = constDataOrNull<Real>(inputs.initialState);
    arguments.deltaSoftplus = inputs.deltaSoftplus;
    return arguments;
}

/// The sum over the first dimension, in a fixed order.
at::Tensor sumOverFirst(const at::Tensor& partials)
{
    at::Tensor total = at::empty(partials.sizes().slice(1), partials.options());
    dispatchStored(partials.scalar_type(), [&](auto stored) {
        using Real = RealOf<decltype(stored)>;
        sumInOrder(partials.const_data_ptr<Real>(), partials.size(0), total.numel(),
                   total.mutable_data_ptr<Real>());
    });
    return total;
}

struct ForwardTensors {
    at::Tensor y;
    at::Tensor lastState;
    at::Tensor chunkStates; ///< undefined unless wanted; laid out as the device's backward wants it
};

ForwardTensors forwardTensors(const SelectiveScanInputs& inputs, bool keepChunkStates)
{
    if (inputs.u.is_cuda()) {
        const CudaScanTensors result = cudaOps(kOp).scanForward(inputs);
        // A copy: the last state outlives the others by long.
        return {result.y, result.chunkStates.select(2, -1).clone(), result.chunkStates};
    }
    const SelectiveScanInputs ready = prepared(inputs);
    const int64_t batch = ready.u.size(0);
    const int64_t length = ready.u.size(1);
    const int64_t channels = ready.u.size(2);
    const int64_t states = ready.A.size(1);
    ForwardTensors result;
    result.y = at::empty({batch, length, channels}, ready.u.options());
    result.lastState = at::empty({batch, channels, states}, ready.A.options());
    if (keepChunkStates)
        result.chunkStates = at::empty(
            {batch, scanChunks(length), states, scanPaddedChannels(channels)}, ready.A.options());
    dispatchStored(ready.u.scalar_type(), [&](auto stored) {
        using Stored = decltype(stored);
        using Real = RealOf<Stored>;
        scanForward(scanArguments<Stored>(ready),
                    {.y = dataOrNull<Stored>(result.y),
                     .lastState = dataOrNull<Real>(result.lastState),
                     .chunkStates = dataOrNull<Real>(result.chunkStates)});
    });
    return result;
}

/// Gradients under the names of the inputs.
SelectiveScanInputs backwardTensors(const SelectiveScanInputs& inputs,
                                    const at::Tensor& chunkStates, const at::Tensor& gradY,
                                    const at::Tensor& gradLastState)
{
    if (inputs.u.is_cuda())
        return cudaOps(kOp).scanBackward(inputs, chunkStates, gradY, gradLastState);
    const SelectiveScanInputs ready = prepared(inputs);
    const int64_t batch = ready.u.size(0);
    const int64_t length = ready.u.size(1);
    const int64_t channels = ready.u.size(2);
    const int64_t states = ready.A.size(1);
    const int64_t groups = scanGroups(channels);
    const at::TensorOptions stored = ready.u.options();
    const at::TensorOptions real = ready.A.options();

    SelectiveScanInputs gradients;
    gradients.u = at::empty({batch, length, channels}, stored);
    gradients.delta = at::empty_like(gradients.u);
    if (ready.z.defined())
        gradients.z = at::empty_like(gradients.u);
    const at::Tensor partialA = at::empty({batch, channels, states}, real);
    const at::Tensor partialB = at::empty({groups, batch, length, states}, real);
    const at::Tensor partialC = at::empty_like(partialB);
    at::Tensor partialD;
    at::Tensor partialBias;
    if (ready.D.defined())
        partialD = at::empty({batch, channels}, real);
    if (ready.deltaBias.defined())
        partialBias = at::empty({batch, channels}, real);
    if (ready.initialState.defined())
        gradients.initialState = at::empty({batch, channels, states}, real);

    dispatchStored(ready.u.scalar_type(), [&](auto value) {
        using Stored = decltype(value);
        using Real = RealOf<Stored>;
        scanBackward(scanArguments<Stored>(ready),
                     {.chunkStates = constDataOrNull<Real>(chunkStates),
                      .y = constRows<Stored>(gradY),
                      .lastState = constDataOrNull<Real>(gradLastState),
                      .u = dataOrNull<Stored>(gradients.u),
                      .delta = dataOrNull<Stored>(gradients.delta),
                      .z = dataOrNull<Stored>(gradients.z),
                      .B = dataOrNull<Real>(partialB),
                      .C = dataOrNull<Real>(partialC),
                      .A = dataOrNull<Real>(partialA),
                      .D = dataOrNull<Real>(partialD),
                      .deltaBias = dataOrNull<Real>(partialBias),
                      .initialState = dataOrNull<Real>(gradients.initialState)});
    });

    gradients.A = sumOverFirst(partialA);
    gradients.B = sumOverFirst(partialB).to(inputs.B.scalar_type());
    gradients.C = sumOverFirst(partialC).to(inputs.C.scalar_type());
    if (partialD.defined())
        gradients.D = sumOverFirst(partialD);
    if (partialBias.defined())
        gradients.deltaBias = sumOverFirst(partialBias);
    return gradients;
}

class SelectiveScanFunction : public torch::autograd::Function<SelectiveScanFunction> {
public:
    /// Optional tensors arrive as std::optional, the form in which Function accepts missing ones.
    static torch::autograd::variable_list
    forward(torch::autograd::AutogradContext* context, const at::Tensor& u, const at::Tensor& delta,
            const at::Tensor& A, const at::Tensor& B, const at::Tensor& C,
            const std::optional<at::Tensor>& D, const std::optional<at::Tensor>& z,
            const std::optional<at::Tensor>& deltaBias,
            const std::optional<at::Tensor>& initialState, bool deltaSoftplus)
    {
        const SelectiveScanInputs inputs{u,
                                         delta,
                                         A,
                                         B,
                                         C,
                                         D.value_or(at::Tensor()),
                                         z.value_or(at::Tensor()),
                                         deltaBias.value_or(at::Tensor()),
                                         initialState.value_or(at::Tensor()),
                                         deltaSoftplus};
        const ForwardTensors result = forwardTensors(inputs, true);
        context->save_for_backward({u, delta, A, B, C, inputs.D, inputs.z, inputs.deltaBias,
                                    inputs.initialState, result.chunkStates});
        context->saved_data["deltaSoftplus"] = deltaSoftplus;
        // A result that was not used has no gradient: backward skips it instead of adding zeros.
        context->set_materialize_grads(false);
        return {result.y, result.lastState};
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list outputGradients)
    {
        const AutocastOff autocastOff;
        const auto saved = context->get_saved_variables();
        const SelectiveScanInputs inputs{
            saved[0], saved[1], saved[2], saved[3], saved[4],
            saved[5], saved[6], saved[7], saved[8], context->saved_data["deltaSoftplus"].toBool()};
        at::Tensor gradY = outputGradients[0];
        if (!gradY.defined())
            gradY = at::empty_like(inputs.u, at::MemoryFormat::Contiguous).zero_();
        else if (gradY.stride(-1) != 1)
            gradY = gradY.contiguous();
        const SelectiveScanInputs gradients =
            backwardTensors(inputs, saved[9], gradY, contiguousOrUndefined(outputGradients[1]));
        return {gradients.u, gradients.delta,     gradients.A,
                gradients.B, gradients.C,         gradients.D,
                gradients.z, gradients.deltaBias, gradients.initialState,
                at::Tensor()};
    }
};

} // namespace

SelectiveScanResult selectiveScan(const SelectiveScanInputs& inputs)
{
    checkSelectiveScanInputs(kOp, inputs);
    ArgumentChecks(kOp).hasKernels("u", inputs.u);
    const AutocastOff autocastOff;
    if (!wantsGradient({inputs.u, inputs.delta, inputs.A, inputs.B, inputs.C, inputs.D, inputs.z,
                        inputs.deltaBias, inputs.initialState})) {
        ForwardTensors result = forwardTensors(inputs, false);
        return {std::move(result.y), std::move(result.lastState)};
    }
    auto results = SelectiveScanFunction::apply(
        inputs.u, inputs.delta, inputs.A, inputs.B, inputs.C, optionalTensor(inputs.D),
        optionalTensor(inputs.z), optionalTensor(inputs.deltaBias),
        optionalTensor(inputs.initialState), inputs.deltaSoftplus);
    return {std::move(results[0]), std::move(results[1])};
}

at::Tensor selectiveScanStep(const SelectiveScanStepInputs& inputs)
{
    checkSelectiveScanStepInputs("selectiveScanStep", inputs);
    if (inputs.u.is_cuda())
        return cudaOps("selectiveScanStep").scanStep(inputs);
    const int64_t batch = inputs.u.size(0);
    const int64_t channels = inputs.u.size(1);
    at::Tensor y = at::empty({batch, channels}, inputs.u.options());
    dispatchStored(inputs.u.scalar_type(), [&](auto value) {
        using Stored = decltype(value);
        using Real = RealOf<Stored>;
        const auto rows = [](const at::Tensor& tensor) -> RowView<const Stored> {
            if (!tensor.defined())
                return {};
            return {tensor.const_data_ptr<Stored>(), tensor.stride(0), 0};
        };
        ScanStepArguments<Stored> arguments;
        arguments.batch = batch;
        arguments.channels = channels;
        arguments.states = inputs.A.size(1);
        arguments.u = rows(inputs.u);
        arguments.delta = rows(inputs.delta);
        arguments.z = rows(inputs.z);
        arguments.B = rows(inputs.B);
        arguments.C = rows(inputs.C);
        arguments.A = constDataOrNull<Real>(inputs.A);
        arguments.D = constDataOrNull<Real>(inputs.D);
        arguments.deltaBias = constDataOrNull<Real>(inputs.deltaBias);
        arguments.state = dataOrNull<Real>(inputs.state);
        arguments.y = dataOrNull<Stored>(y);
        arguments.yStride = channels;
        arguments.deltaSoftplus = inputs.deltaSoftplus;
        scanStep(arguments);
    });
    return y;
}

} // namespace samba::kernels
