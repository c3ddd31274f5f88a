#include "engine/train/optimizer.h"

#include "engine/api/error.h"
#include "kernels/adamw/adamw.h"

#include <ATen/ATen.h>

#include <cmath>

namespace samba {
namespace {

constexpr const char* kFirstMoment = "exp_avg.";
constexpr const char* kSecondMoment = "exp_avg_sq.";

/// Copies a stored moment over the one in hand.
void restoreMoment(const ModelWeights& state, const std::string& name, at::Tensor& moment)
{
    const auto it = state.find(name);
    if (it == state.end() || it->second.sizes() != moment.sizes())
        throw Error(ErrorKind::Format,
                    "The checkpoint's optimizer state has no fitting tensor '" + name + "'.",
                    "Resume from another checkpoint of the run.");
    moment.copy_(it->second);
}

} // namespace

Optimizer::Optimizer(const LanguageModel& model, const TrainingConfig& training,
                     bool freezeBackbone)
    : m_training(training)
{
    for (const ManifestTensor& spec : model.manifest().tensors()) {
        at::Tensor parameter = model.weights().at(spec.name);
        const bool isTrained = !freezeBackbone || spec.name.starts_with(kReadoutPrefix);
        parameter.requires_grad_(isTrained);
        if (isTrained)
            m_slots.push_back({spec.name, parameter, at::zeros_like(parameter),
                               at::zeros_like(parameter), spec.hasWeightDecay});
    }
    if (m_slots.empty())
        throw Error(
            ErrorKind::Config,
            "Nothing would be trained: pretrained.freeze_backbone is on and a model of type "
            "'" +
                model.config().type + "' has no readout.",
            "Set pretrained.freeze_backbone to false or model.type to samba.");
}

Optimizer::~Optimizer()
{
    for (Slot& slot : m_slots) {
        slot.parameter.requires_grad_(false);
        slot.parameter.mutable_grad().reset();
    }
}

void Optimizer::zeroGrad()
{
    for (Slot& slot : m_slots)
        slot.parameter.mutable_grad().reset();
}

double Optimizer::step(double lr)
{
    std::vector<at::Tensor> gradients;
    for (const Slot& slot : m_slots)
        if (slot.parameter.grad().defined())
            gradients.push_back(slot.parameter.grad());
    const double norm = std::sqrt(kernels::squaredNorm(gradients));
    const double limit = m_training.maxGradNorm;
    // As torch.nn.utils.clip_grad_norm_: the small constant keeps a zero norm harmless.
    const double scale = limit > 0 ? std::min(1.0, limit / (norm + 1e-6)) : 1.0;

    ++m_stepCount;
    for (Slot& slot : m_slots) {
        if (!slot.parameter.grad().defined())
            continue;
        kernels::adamwStep({.param = slot.parameter.detach(),
                            .grad = slot.parameter.grad().contiguous(),
                            .expAvg = slot.expAvg,
                            .expAvgSq = slot.expAvgSq,
                            .lr = lr,
                            .beta1 = m_training.adamBeta1,
                            .beta2 = m_training.adamBeta2,
                            .eps = m_training.adamEpsilon,
                            .weightDecay = slot.hasWeightDecay ? m_training.weightDecay : 0.0,
                            .step = m_stepCount,
                            .gradScale = scale});
    }
    return norm;
}

int64_t Optimizer::parameterCount() const
{
    int64_t count = 0;
    for (const Slot& slot : m_slots)
        count += slot.parameter.numel();
    return count;
}

std::vector<std::pair<std::string, at::Tensor>> Optimizer::state() const
{
    std::vector<std::pair<std::string, at::Tensor>> state;
    for (const Slot& slot : m_slots) {
        state.emplace_back(kFirstMoment + slot.name, slot.expAvg);
        state.emplace_back(kSecondMoment + slot.name, slot.expAvgSq);
    }
    return state;
}

void Optimizer::restore(const ModelWeights& state, int64_t stepCount)
{
    for (Slot& slot : m_slots) {
        restoreMoment(state, kFirstMoment + slot.name, slot.expAvg);
        restoreMoment(state, kSecondMoment + slot.name, slot.expAvgSq);
    }
    m_stepCount = stepCount;
}

} // namespace samba
