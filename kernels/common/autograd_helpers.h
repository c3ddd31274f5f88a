#pragma once

#include <initializer_list>
#include <optional>

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

namespace samba::kernels {

/// An optional tensor in the form in which torch::autograd::Function accepts one that is missing.
inline std::optional<at::Tensor> optionalTensor(const at::Tensor& tensor)
{
    return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

/// The tensor made contiguous; an undefined one stays undefined.
inline at::Tensor contiguousOrUndefined(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.contiguous() : tensor;
}

/// Whether autograd is on and one of the tensors, which may be undefined, wants a gradient.
inline bool wantsGradient(std::initializer_list<at::Tensor> tensors)
{
    if (!at::GradMode::is_enabled())
        return false;
    for (const at::Tensor& tensor : tensors)
        if (tensor.defined() && tensor.requires_grad())
            return true;
    return false;
}

} // namespace samba::kernels
