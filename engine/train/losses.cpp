#include "engine/train/losses.h"

#include "kernels/linear_cross_entropy/linear_cross_entropy.h"

#include <ATen/ATen.h>

namespace samba {
namespace {

kernels::LinearCrossEntropyResult crossEntropy(const at::Tensor& hidden, const at::Tensor& head,
                                               const at::Tensor& targets,
                                               at::ScalarType productType)
{
    return kernels::linearCrossEntropy({.hidden = hidden.flatten(0, -2).to(productType),
                                        .weight = head,
                                        .targets = targets.to(hidden.device()).reshape(-1)});
}

/// Plain L1 of the chunk outputs.
at::Tensor l1Pruning(const std::vector<at::Tensor>& chunkOutputs)
{
    at::Tensor sum;
    for (const at::Tensor& chunk : chunkOutputs) {
        const at::Tensor mean = chunk.abs().mean();
        sum = sum.defined() ? sum + mean : mean;
    }
    return sum / static_cast<double>(chunkOutputs.size());
}

} // namespace

LossTerms computeLosses(const LanguageModel& model, const ForwardResult& output,
                        const at::Tensor& targets, const TrainingConfig& training)
{
    const at::ScalarType productType = training.bf16 ? at::kBFloat16 : at::kFloat;
    LossTerms terms;
    const auto main = crossEntropy(output.hidden, model.headWeight(), targets, productType);
    terms.main = main.loss;
    terms.total = main.loss;
    terms.correct = main.correct;
    terms.counted = main.counted;
    terms.pruning = l1Pruning(output.chunkOutputs);

    if (output.readoutHidden.defined()) {
        const auto readout =
            crossEntropy(output.readoutHidden, model.readoutHeadWeight(), targets, productType);
        terms.readout = readout.loss;
        terms.readoutCorrect = readout.correct;
        terms.total = terms.total + training.readoutWeight * readout.loss;
        if (training.pruningMethod != "none")
            terms.total = terms.total + training.pruningWeight * terms.pruning;
    }
    return terms;
}

} // namespace samba
