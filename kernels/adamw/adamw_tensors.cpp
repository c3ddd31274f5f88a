#include "kernels/adamw/adamw_tensors.h"

#include "kernels/common/storage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/sum.h>

#include <vector>

namespace samba::kernels {

void adamwUpdateTensors(const AdamWStep& update, const AdamWNumbers& numbers)
{
    const at::Tensor grad =
        numbers.gradScale == 1.0f ? update.grad : update.grad * numbers.gradScale;
    update.param.mul_(numbers.keep);
    update.expAvg.lerp_(grad, numbers.lerp1);
    update.expAvgSq.mul_(numbers.beta2).addcmul_(grad, grad, numbers.lerp2);
    const at::Tensor root = update.expAvgSq.sqrt().mul_(numbers.inverseRootBias).add_(numbers.eps);
    update.param.addcdiv_(update.expAvg, root, -numbers.stepSize);
}

double squaredNormTensors(at::TensorList values)
{
    std::vector<at::Tensor> sums;
    for (const at::Tensor& tensor : values) {
        // Squares of bfloat16 numbers fit float32, not bfloat16.
        const at::Tensor real = tensor.to(realDtype(tensor.scalar_type()));
        sums.push_back(real.square().sum(at::kDouble));
    }
    return sums.empty() ? 0.0 : at::stack(sums).sum().item<double>();
}

} // namespace samba::kernels
