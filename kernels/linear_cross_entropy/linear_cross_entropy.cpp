#include "kernels/linear_cross_entropy/linear_cross_entropy.h"

#include <algorithm>
#include <vector>

#include "kernels/common/autocast_off.h"
#include "kernels/common/autograd_helpers.h"
#include "kernels/common/checks.h"
#include "kernels/common/huge_pages.h"
#include "kernels/linear_cross_entropy/cross_entropy_cpu.h"
#include "kernels/linear_cross_entropy/cross_entropy_tensors.h"
#include "kernels/linear_cross_entropy/logit_block.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace samba::kernels {
namespace {

/// @throws c10::Error  if something does not fit.
void checkInputs(const LinearCrossEntropyInputs& inputs)
{
    const ArgumentChecks check("linearCrossEntropy");
    check.rank("hidden", inputs.hidden, 2);
    check.activationDtype("hidden", inputs.hidden);
    check.hasKernels("hidden", inputs.hidden);
    check.rank("weight", inputs.weight, 2);
    const int64_t vocab = inputs.weight.size(0);
    check.range("rows of weight", vocab, 1, INT64_MAX);
    check.shape("weight", inputs.weight, {vocab, inputs.hidden.size(1)});
    const bool isShort = c10::elementSize(inputs.hidden.scalar_type()) == 2;
    if (isShort)
        check.dtype("weight", inputs.weight, {inputs.hidden.scalar_type(), at::kFloat});
    else
        check.dtype("weight", inputs.weight, {inputs.hidden.scalar_type()});
    check.onSameDevice("weight", inputs.weight, inputs.hidden);
    check.shape("targets", inputs.targets, {inputs.hidden.size(0)});
    check.dtype("targets", inputs.targets, {at::kLong});
    check.onSameDevice("targets", inputs.targets, inputs.hidden);
    check.range("validVocab", inputs.validVocab, 0, vocab);
}

/// The number of targets that count. Throws c10::Error for one that is out of range.
int64_t countTargets(const at::Tensor& targets, int64_t ignoreIndex, int64_t validVocab)
{
    const int64_t* target = targets.const_data_ptr<int64_t>();
    int64_t counted = 0;
    for (int64_t i = 0; i < targets.numel(); ++i) {
        if (target[i] == ignoreIndex)
            continue;
        TORCH_CHECK(target[i] >= 0 && target[i] < validVocab,
                    "linearCrossEntropy: targets: wanted values in [0, ", validVocab, ") or ",
                    ignoreIndex, ", got ", target[i], " at position ", i);
        ++counted;
    }
    return counted;
}

/// sum = left right, or sum += left right. The first product saves filling the largest tensor of a
/// training step with zeros.
void addProduct(at::Tensor& sum, const at::Tensor& left, const at::Tensor& right, bool isFirst)
{
    // A product in bfloat16 adds to float32 only after it is whole.
    const bool isWide = left.scalar_type() == sum.scalar_type();
    if (isWide && isFirst)
        at::mm_out(sum, left, right);
    else if (isWide)
        sum.addmm_(left, right);
    else if (isFirst)
        sum.copy_(at::mm(left, right));
    else
        sum.add_(at::mm(left, right));
}

LossTensors forwardTensors(const LinearCrossEntropyInputs& inputs, bool wantsHidden,
                           bool wantsWeight)
{
    if (!inputs.hidden.is_cpu())
        return crossEntropyTensors(inputs, wantsHidden, wantsWeight);
    const at::Tensor hidden = inputs.hidden.contiguous();
    const at::Tensor weight = inputs.weight.to(hidden.scalar_type()).contiguous();
    const at::Tensor targets = inputs.targets.contiguous();
    const int64_t tokens = hidden.size(0);
    const int64_t vocab = weight.size(0);
    const int64_t validVocab = inputs.validVocab > 0 ? inputs.validVocab : vocab;
    const int64_t counted = countTargets(targets, inputs.ignoreIndex, validVocab);
    const at::TensorOptions real = hidden.options().dtype(realDtype(hidden.scalar_type()));

    LossTensors result;
    if (wantsHidden)
        result.gradHidden = at::empty(hidden.sizes(), hidden.options());
    if (wantsWeight)
        result.gradWeight = tokens > 0 ? emptyMappedAnew(weight.sizes(), real)
                                       : at::zeros(weight.sizes(), real);
    std::vector<double> losses(static_cast<size_t>(tokens));
    std::vector<int64_t> hits(static_cast<size_t>(tokens));

    const int64_t blockRows = logitBlockRows(tokens, vocab);
    const at::Tensor buffer = emptyMappedAnew({blockRows, vocab}, hidden.options());
    for (int64_t first = 0; first < tokens; first += blockRows) {
        const int64_t rows = std::min(blockRows, tokens - first);
        const at::Tensor rowsHidden = hidden.narrow(0, first, rows);
        at::Tensor logits = buffer.narrow(0, 0, rows);
        at::mm_out(logits, rowsHidden, weight.t());
        dispatchStored(hidden.scalar_type(), [&](auto value) {
            using Stored = decltype(value);
            crossEntropyRows(CrossEntropyRows<Stored>{
                .rows = rows,
                .columns = vocab,
                .validColumns = validVocab,
                .ignoreIndex = inputs.ignoreIndex,
                .targets = targets.const_data_ptr<int64_t>() + first,
                .logits = logits.mutable_data_ptr<Stored>(),
                .wantsGradient = wantsHidden || wantsWeight,
                .gradientScale = counted > 0 ? 1.0 / static_cast<double>(counted) : 0.0,
                .losses = losses.data() + first,
                .hits = hits.data() + first});
        });
        if (wantsHidden) {
            at::Tensor rowsGrad = result.gradHidden.narrow(0, first, rows);
            at::mm_out(rowsGrad, logits, weight);
        }
        if (wantsWeight)
            addProduct(result.gradWeight, logits.t(), rowsHidden, first == 0);
    }

    double lossSum = 0;
    int64_t hitSum = 0;
    for (int64_t i = 0; i < tokens; ++i) {
        lossSum += losses[static_cast<size_t>(i)];
        hitSum += hits[static_cast<size_t>(i)];
    }
    result.loss = at::full({}, counted > 0 ? lossSum / static_cast<double>(counted) : 0.0, real);
    result.correct = at::full({}, hitSum, targets.options());
    result.counted = at::full({}, counted, targets.options());
    if (wantsWeight)
        result.gradWeight = result.gradWeight.to(inputs.weight.scalar_type());
    return result;
}

class LinearCrossEntropyFunction : public torch::autograd::Function<LinearCrossEntropyFunction> {
public:
    static torch::autograd::variable_list
    forward(torch::autograd::AutogradContext* context, const at::Tensor& hidden,
            const at::Tensor& weight, const at::Tensor& targets, int64_t ignoreIndex,
            int64_t validVocab, bool wantsHidden, bool wantsWeight)
    {
        LossTensors result = forwardTensors({hidden, weight, targets, ignoreIndex, validVocab},
                                            wantsHidden, wantsWeight);
        context->save_for_backward({result.gradHidden, result.gradWeight});
        context->mark_non_differentiable({result.correct, result.counted});
        return {result.loss, result.correct, result.counted};
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list outputGradients)
    {
        const AutocastOff autocastOff;
        auto saved = context->get_saved_variables();
        // In place: the gradient of the vocabulary matrix is the largest tensor of a training step.
        // Autograd notices the change, so that a second backward pass is an error. Where the loss is
        // what is differentiated, the factor is 1, and on the CPU that is known without waiting.
        const at::Tensor& factor = outputGradients[0];
        const bool isOne = factor.is_cpu() && factor.item<double>() == 1.0;
        for (at::Tensor& gradient : saved)
            if (gradient.defined() && !isOne)
                gradient.mul_(factor);
        return {saved[0],     saved[1],     at::Tensor(), at::Tensor(),
                at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

} // namespace

LinearCrossEntropyResult linearCrossEntropy(const LinearCrossEntropyInputs& inputs)
{
    checkInputs(inputs);
    const AutocastOff autocastOff;
    const bool wantsHidden = wantsGradient({inputs.hidden});
    const bool wantsWeight = wantsGradient({inputs.weight});
    if (!wantsHidden && !wantsWeight) {
        LossTensors result = forwardTensors(inputs, false, false);
        return {std::move(result.loss), std::move(result.correct), std::move(result.counted)};
    }
    auto results = LinearCrossEntropyFunction::apply(inputs.hidden, inputs.weight, inputs.targets,
                                                     inputs.ignoreIndex, inputs.validVocab,
                                                     wantsHidden, wantsWeight);
    return {std::move(results[0]), std::move(results[1]), std::move(results[2])};
}

} // namespace samba::kernels
