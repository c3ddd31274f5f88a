#include "kernels/rms_norm/rms_norm_cuda_tensors.h"

#include "kernels/common/device_launch.h"
#include "kernels/rms_norm/rms_norm_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

namespace samba::kernels::gpu {
namespace {

constexpr const char* kOp = "rmsNorm";

} // namespace

CudaNormTensors normForwardTensors(const at::Tensor& x, const at::Tensor& weight, double eps,
                                   at::ScalarType outputDtype)
{
    const DeviceLaunch launch(x);
    const int64_t width = weight.size(0);
    const int64_t rows = x.numel() / width;
    CudaNormTensors result{at::empty(x.sizes(), x.options().dtype(outputDtype)),
                           at::empty({rows}, weight.options())};
    if (rows == 0)
        return result;
    NormForward arguments;
    arguments.rows = launchSize(kOp, "rows", rows);
    arguments.width = launchSize(kOp, "width", width);
    arguments.eps = static_cast<float>(eps);
    arguments.x = x.const_data_ptr();
    arguments.weight = weight.const_data_ptr<float>();
    arguments.y = result.y.mutable_data_ptr();
    arguments.scale = result.scale.mutable_data_ptr<float>();
    normForward(arguments, {elementOf(kOp, x), elementOf(kOp, result.y)}, launch.stream());
    return result;
}

CudaNormGradients normBackwardTensors(const at::Tensor& x, const at::Tensor& weight,
                                      const at::Tensor& scale, const at::Tensor& gradY)
{
    const DeviceLaunch launch(x);
    const int64_t width = weight.size(0);
    NormBackward arguments;
    arguments.rows = launchSize(kOp, "rows", scale.size(0));
    arguments.width = launchSize(kOp, "width", width);
    CudaNormGradients gradients{at::empty_like(x), at::zeros({width}, weight.options())};
    if (arguments.rows == 0)
        return gradients;
    const at::Tensor partial = at::empty({normTileCount(arguments.rows), width}, weight.options());
    arguments.sum = x.const_data_ptr();
    arguments.weight = weight.const_data_ptr<float>();
    arguments.scale = scale.const_data_ptr<float>();
    arguments.gradY = gradY.const_data_ptr();
    arguments.gradX = gradients.x.mutable_data_ptr();
    arguments.gradWeight = partial.mutable_data_ptr<float>();
    normBackward(arguments, {elementOf(kOp, x), elementOf(kOp, gradY)}, launch.stream());
    gradients.weight = partial.sum(0);
    return gradients;
}

} // namespace samba::kernels::gpu
