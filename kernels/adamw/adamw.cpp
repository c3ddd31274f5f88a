#include "kernels/adamw/adamw.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/adamw/adamw_cpu.h"
#include "kernels/adamw/adamw_tensors.h"
#include "kernels/common/checks.h"

#include <ATen/Parallel.h>

namespace samba::kernels {
namespace {

/// Elements of one piece of work. A fixed number, so that sums do not depend on the threads; a
/// multiple of every vector length, so that each element meets the same instructions whatever the
/// threads.
constexpr int64_t kBlock = 16384;

int64_t blocks(int64_t count)
{
    return (count + kBlock - 1) / kBlock;
}

void checkFlat(const ArgumentChecks& check, const char* name, const at::Tensor& tensor,
               const at::Tensor& param)
{
    check.dtype(name, tensor, {at::kFloat});
    check.onSameDevice(name, tensor, param);
    check.contiguous(name, tensor);
    TORCH_CHECK(tensor.numel() == param.numel(), "adamwStep: ", name, ": wanted ", param.numel(),
                " elements as in param, got ", tensor.numel());
}

double squaredNormCpu(const at::Tensor& values)
{
    const int64_t count = values.numel();
    std::vector<double> sums(static_cast<size_t>(blocks(count)));
    dispatchStored(values.scalar_type(), [&](auto value) {
        const auto* data = values.const_data_ptr<decltype(value)>();
        at::parallel_for(0, blocks(count), 1, [&](int64_t begin, int64_t end) {
            for (int64_t block = begin; block < end; ++block)
                sums[static_cast<size_t>(block)] =
                    sumOfSquares(data + block * kBlock, std::min(kBlock, count - block * kBlock));
        });
    });
    double total = 0;
    for (const double sum : sums)
        total += sum;
    return total;
}

} // namespace

AdamWNumbers adamwNumbers(const AdamWStep& update)
{
    const double step = static_cast<double>(update.step);
    return {
        .gradScale = static_cast<float>(update.gradScale),
        .keep = static_cast<float>(1 - update.lr * update.weightDecay),
        .lerp1 = static_cast<float>(1 - update.beta1),
        .beta2 = static_cast<float>(update.beta2),
        .lerp2 = static_cast<float>(1 - update.beta2),
        .stepSize = static_cast<float>(update.lr / (1 - std::pow(update.beta1, step))),
        .inverseRootBias = static_cast<float>(1 / std::sqrt(1 - std::pow(update.beta2, step))),
        .eps = static_cast<float>(update.eps),
    };
}

void adamwStep(const AdamWStep& update)
{
    const ArgumentChecks check("adamwStep");
    check.hasKernels("param", update.param);
    const int64_t count = update.param.numel();
    checkFlat(check, "param", update.param, update.param);
    checkFlat(check, "grad", update.grad, update.param);
    checkFlat(check, "expAvg", update.expAvg, update.param);
    checkFlat(check, "expAvgSq", update.expAvgSq, update.param);
    check.range("step", update.step, 1, INT64_MAX);
    const auto fraction = [](const char* name, double value) {
        TORCH_CHECK(value >= 0 && value < 1, "adamwStep: ", name,
                    ": wanted a value in [0, 1), got ", value);
    };
    fraction("beta1", update.beta1);
    fraction("beta2", update.beta2);

    const AdamWNumbers numbers = adamwNumbers(update);
    if (!update.param.is_cpu()) {
        adamwUpdateTensors(update, numbers);
        return;
    }
    const float* grad = update.grad.const_data_ptr<float>();
    float* param = update.param.mutable_data_ptr<float>();
    float* expAvg = update.expAvg.mutable_data_ptr<float>();
    float* expAvgSq = update.expAvgSq.mutable_data_ptr<float>();
    at::parallel_for(0, blocks(count), 1, [&](int64_t begin, int64_t end) {
        const int64_t first = begin * kBlock;
        adamwUpdate(std::min(count, end * kBlock) - first, numbers, grad + first, param + first,
                    expAvg + first, expAvgSq + first);
    });
}

double squaredNorm(at::TensorList values)
{
    const ArgumentChecks check("squaredNorm");
    for (const at::Tensor& tensor : values) {
        check.dtype("values", tensor, {at::kFloat, at::kBFloat16, at::kDouble});
        check.hasKernels("values", tensor);
        check.contiguous("values", tensor);
        check.onSameDevice("values", tensor, values.front());
    }
    if (!values.empty() && !values.front().is_cpu())
        return squaredNormTensors(values);
    double total = 0;
    for (const at::Tensor& tensor : values)
        total += squaredNormCpu(tensor);
    return total;
}

} // namespace samba::kernels
