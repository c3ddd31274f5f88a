#include "kernels/selective_scan/selective_scan_checks.h"

#include "kernels/common/checks.h"

namespace samba::kernels {
namespace {

at::ScalarType stateDtype(const at::Tensor& u)
{
    return u.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

} // namespace

void checkSelectiveScanInputs(const char* op, const SelectiveScanInputs& inputs)
{
    const ArgumentChecks check(op);
    check.rank("u", inputs.u, 3);
    check.rank("A", inputs.A, 2);
    const int64_t batch = inputs.u.size(0);
    const int64_t length = inputs.u.size(1);
    const int64_t channels = inputs.u.size(2);
    const int64_t states = inputs.A.size(1);
    check.range("length of u", length, 1, INT64_MAX);
    check.range("state size of A", states, 1, kMaxStateSize);
    check.shape("A", inputs.A, {channels, states});

    check.activationDtype("u", inputs.u);
    const auto sequence = [&](const char* name, const at::Tensor& tensor, int64_t width) {
        check.shape(name, tensor, {batch, length, width});
        check.dtype(name, tensor, {inputs.u.scalar_type()});
        check.onSameDevice(name, tensor, inputs.u);
        check.lastDimContiguous(name, tensor);
    };
    sequence("u", inputs.u, channels);
    sequence("delta", inputs.delta, channels);
    sequence("B", inputs.B, states);
    sequence("C", inputs.C, states);
    if (inputs.z.defined())
        sequence("z", inputs.z, channels);

    check.dtype("A", inputs.A, {stateDtype(inputs.u)});
    check.onSameDevice("A", inputs.A, inputs.u);
    const auto parameter = [&](const char* name, const at::Tensor& tensor, at::IntArrayRef shape) {
        if (!tensor.defined())
            return;
        check.shape(name, tensor, shape);
        check.dtype(name, tensor, {stateDtype(inputs.u)});
        check.onSameDevice(name, tensor, inputs.u);
    };
    parameter("D", inputs.D, {channels});
    parameter("deltaBias", inputs.deltaBias, {channels});
    parameter("initialState", inputs.initialState, {batch, channels, states});
}

void checkSelectiveScanStepInputs(const char* op, const SelectiveScanStepInputs& inputs)
{
    const ArgumentChecks check(op);
    check.rank("u", inputs.u, 2);
    check.rank("A", inputs.A, 2);
    const int64_t batch = inputs.u.size(0);
    const int64_t channels = inputs.u.size(1);
    const int64_t states = inputs.A.size(1);
    check.range("state size of A", states, 1, kMaxStateSize);

    check.activationDtype("u", inputs.u);
    check.hasKernels("u", inputs.u);
    const auto token = [&](const char* name, const at::Tensor& tensor, int64_t width) {
        check.shape(name, tensor, {batch, width});
        check.dtype(name, tensor, {inputs.u.scalar_type()});
        check.onSameDevice(name, tensor, inputs.u);
        check.lastDimContiguous(name, tensor);
    };
    token("u", inputs.u, channels);
    token("delta", inputs.delta, channels);
    token("B", inputs.B, states);
    token("C", inputs.C, states);
    if (inputs.z.defined())
        token("z", inputs.z, channels);

    const auto parameter = [&](const char* name, const at::Tensor& tensor, at::IntArrayRef shape) {
        check.shape(name, tensor, shape);
        check.dtype(name, tensor, {stateDtype(inputs.u)});
        check.onSameDevice(name, tensor, inputs.u);
        check.contiguous(name, tensor);
    };
    parameter("A", inputs.A, {channels, states});
    parameter("state", inputs.state, {batch, channels, states});
    if (inputs.D.defined())
        parameter("D", inputs.D, {channels});
    if (inputs.deltaBias.defined())
        parameter("deltaBias", inputs.deltaBias, {channels});
}

} // namespace samba::kernels
