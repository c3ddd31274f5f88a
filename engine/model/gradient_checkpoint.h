#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace samba {

/// A differentiable part of a model: one tensor in, a fresh one out.
using ModelSegment = std::function<at::Tensor(const at::Tensor&)>;

/// segment(x), but only x is kept for the backward pass, which runs the segment once more and
/// through it adds to the gradients of the parameters (Chen et al. 2016, "Training Deep Nets with
/// Sublinear Memory Cost"). The same gradients as without, but for the order of sums where x is
/// used outside the segment too. Whatever the segment refers to must outlive the backward pass.
/// Nothing is recomputed where grad mode is off or x wants no gradient. Thread: engine.
at::Tensor checkpointed(const ModelSegment& segment, const at::Tensor& x);

} // namespace samba
