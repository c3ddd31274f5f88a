#include "engine/model/gradient_checkpoint.h"

#include <ATen/ThreadLocalState.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

namespace samba {
namespace {

/// While alive, autocast keeps no copies of weights: one made without gradients would be taken for
/// the weight when gradients are wanted, one made in the backward pass would outlive the step.
class AutocastCacheOff {
public:
    AutocastCacheOff() { at::autocast::set_autocast_cache_enabled(false); }
    ~AutocastCacheOff() { at::autocast::set_autocast_cache_enabled(m_wasOn); }

    AutocastCacheOff(const AutocastCacheOff&) = delete;
    AutocastCacheOff& operator=(const AutocastCacheOff&) = delete;

private:
    bool m_wasOn = at::autocast::is_autocast_cache_enabled();
};

class CheckpointNode : public torch::autograd::Node {
public:
    CheckpointNode(ModelSegment segment, const at::Tensor& input)
        : m_segment(std::move(segment)), m_input(input, false)
    {}

    torch::autograd::variable_list apply(torch::autograd::variable_list&& outputGradients) override
    {
        const at::ThreadLocalStateGuard asInForward(m_forwardState);
        const AutocastCacheOff cacheOff;
        const at::Tensor input = m_input.unpack().detach().set_requires_grad(true);
        const at::Tensor output = m_segment(input);
        torch::autograd::backward({output}, {outputGradients[0]});
        return {input.grad()};
    }

    void release_variables() override { m_input.reset_data(); }

private:
    ModelSegment m_segment;
    torch::autograd::SavedVariable m_input;
    at::ThreadLocalState m_forwardState; ///< autocast and grad mode, among others
};

} // namespace

at::Tensor checkpointed(const ModelSegment& segment, const at::Tensor& x)
{
    if (!at::GradMode::is_enabled() || !x.requires_grad())
        return segment(x);
    const std::shared_ptr<CheckpointNode> node(new CheckpointNode(segment, x),
                                               torch::autograd::deleteNode);
    node->set_next_edges(torch::autograd::collect_next_edges(x));
    at::Tensor y;
    {
        const at::NoGradGuard noGradients;
        const AutocastCacheOff cacheOff;
        y = segment(x);
    }
    torch::autograd::set_history(y, node);
    return y;
}

} // namespace samba
