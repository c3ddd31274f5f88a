#include "kernels/linear_cross_entropy/cross_entropy_tensors.h"

#include "kernels/common/storage.h"

#include <algorithm>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

namespace samba::kernels {

LossTensors crossEntropyTensors(const LinearCrossEntropyInputs& inputs, bool wantsHidden,
                                bool wantsWeight, int64_t blockLogits)
{
    const at::Tensor hidden = inputs.hidden.contiguous();
    const at::Tensor weight = inputs.weight.to(hidden.scalar_type()).contiguous();
    const int64_t tokens = hidden.size(0);
    const int64_t vocab = weight.size(0);
    const int64_t validVocab = inputs.validVocab > 0 ? inputs.validVocab : vocab;
    const at::ScalarType real = realDtype(hidden.scalar_type());

    const at::Tensor isCounted = inputs.targets != inputs.ignoreIndex;
    const at::Tensor isOutside =
        isCounted & ((inputs.targets < 0) | (inputs.targets >= validVocab));
    TORCH_CHECK(!isOutside.any().item<bool>(), "linearCrossEntropy: targets: wanted values in [0, ",
                validVocab, ") or ", inputs.ignoreIndex, ", got others");
    // Ignored targets point at some valid column, with weight 0.
    const at::Tensor targets = at::where(isCounted, inputs.targets, 0);
    const at::Tensor counted = isCounted.sum();
    const at::Tensor rowWeight = isCounted.to(real) / counted.clamp_min(1);

    LossTensors result;
    result.counted = counted;
    result.correct = at::zeros({}, inputs.targets.options());
    result.loss = at::zeros({}, hidden.options().dtype(real));
    if (wantsHidden)
        result.gradHidden = at::empty(hidden.sizes(), hidden.options());
    if (wantsWeight)
        result.gradWeight = at::zeros(weight.sizes(), hidden.options().dtype(real));
    const int64_t blockRows = logitBlockRows(tokens, vocab, blockLogits);
    for (int64_t first = 0; first < tokens; first += blockRows) {
        const int64_t rows = std::min(blockRows, tokens - first);
        const at::Tensor rowsHidden = hidden.narrow(0, first, rows);
        const at::Tensor rowsTargets = targets.narrow(0, first, rows).unsqueeze(1);
        const at::Tensor rowsWeight = rowWeight.narrow(0, first, rows).unsqueeze(1);
        at::Tensor logits = at::mm(rowsHidden, weight.t()).to(real);
        logits.slice(1, validVocab).fill_(-std::numeric_limits<double>::infinity());
        const at::Tensor isHit = at::argmax(logits, 1, true) == rowsTargets;
        result.correct += (isHit & isCounted.narrow(0, first, rows).unsqueeze(1)).sum();
        logits = at::log_softmax(logits, 1);
        result.loss -= (at::gather(logits, 1, rowsTargets) * rowsWeight).sum();
        if (!wantsHidden && !wantsWeight)
            continue;
        logits.exp_().mul_(rowsWeight).scatter_add_(1, rowsTargets, -rowsWeight);
        const at::Tensor gradLogits = logits.to(hidden.scalar_type());
        if (wantsHidden)
            result.gradHidden.narrow(0, first, rows).copy_(at::mm(gradLogits, weight));
        if (wantsWeight)
            result.gradWeight.add_(at::mm(gradLogits.t(), rowsHidden));
    }
    if (wantsWeight)
        result.gradWeight = result.gradWeight.to(inputs.weight.scalar_type());
    return result;
}

} // namespace samba::kernels
