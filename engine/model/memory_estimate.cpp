#include "engine/api/memory_estimate.h"

#include "engine/model/tensor_manifest.h"
#include "kernels/linear_cross_entropy/logit_block.h"
#include "kernels/selective_scan/scan_sizes.h"

#include <string>

namespace samba {
namespace {

constexpr double kFloat = 4;

/// Sizes in elements unless said otherwise.
class StepSizes {
public:
    StepSizes(const ModelConfig& model, const TrainingConfig& training)
        : m_model(model),
          m_tokens(static_cast<double>(training.batchSize * training.seqLen)),
          m_batch(training.batchSize),
          m_length(training.seqLen),
          m_width(static_cast<double>(model.dModel)),
          m_inner(static_cast<double>(model.dInner())),
          m_states(static_cast<double>(model.dState)),
          m_operands(static_cast<double>(model.resolvedDtRank() + 2 * model.dState))
    {}

    double keptByLayer() const
    {
        return m_model.isTransformer() ? keptByTransformerLayer() : keptByMambaLayer();
    }

    /// Kept of all chunks where their insides are computed again.
    double keptByChunks() const
    {
        return m_tokens * m_width * static_cast<double>(m_model.chunkCount());
    }

    /// Held while one block's gradients are made, beside what it kept.
    double workspaceOfLayer() const
    {
        if (m_model.isTransformer())
            return m_tokens * (2 * m_width + m_inner);
        const double groups = static_cast<double>(kernels::scanGroups(m_model.dInner()));
        const double perToken = 2 * m_width + 4 * m_inner + (2 * groups + 2) * m_states;
        return m_tokens * perToken;
    }

    /// Kept by the last norm and the loss.
    double keptByHead() const { return m_tokens * (3 * m_width + 1); }

    /// Kept by the readout: queries, keys, scores, weighted chunks, their sum and its norm, the
    /// loss.
    double keptByReadout() const
    {
        const auto chunks = static_cast<double>(m_model.chunkCount());
        const auto hidden = static_cast<double>(m_model.readoutHiddenDim);
        return m_tokens * (hidden * (1 + chunks) + 3 * chunks + m_width * (chunks + 3) + 1);
    }

    /// The logits in hand while the loss is computed.
    double logits() const
    {
        const int64_t rows =
            kernels::logitBlockRows(static_cast<int64_t>(m_tokens), m_model.vocabSize);
        return static_cast<double>(rows * m_model.vocabSize);
    }

private:
    /// Kept by one block: its input and that input normalized, the halves of in_proj, the
    /// convolution's output, the scan's operands, step sizes, output and a state every few tokens.
    double keptByMambaLayer() const
    {
        const double perToken = 2 * m_width + 5 * m_inner + m_operands + 1;
        const double states =
            static_cast<double>(m_batch * kernels::scanChunks(m_length) *
                                kernels::scanPaddedChannels(m_model.dInner()) * m_model.dState);
        return m_tokens * perToken + states;
    }

    /// Kept by one block: two inputs and both normalized, with their means and scales; queries,
    /// keys and values; what attention read and the sums of its weights; the mlp before and after
    /// GELU.
    double keptByTransformerLayer() const
    {
        const double perToken = 8 * m_width + 2 * m_inner + 4 + static_cast<double>(m_model.nHead);
        return m_tokens * perToken;
    }

    const ModelConfig& m_model;
    double m_tokens;
    int64_t m_batch;
    int64_t m_length;
    double m_width;
    double m_inner;
    double m_states;
    double m_operands;
};

double parametersOf(const TensorManifest& manifest, const std::string& prefix)
{
    double count = 0;
    for (const ManifestTensor& tensor : manifest.tensors())
        if (tensor.name.starts_with(prefix))
            count += static_cast<double>(tensor.count());
    return count;
}

} // namespace

MemoryEstimate estimateTrainingMemory(const Config& config)
{
    const TensorManifest manifest(ModelDescription{config.model});
    const StepSizes sizes(config.model, config.training);
    const bool hasReadout = manifest.find(tensor_names::kReadoutHead) != nullptr;
    const bool isFrozen = config.pretrained.usePretrained && config.pretrained.freezeBackbone;
    const auto parameters = static_cast<double>(manifest.totalCount());
    const auto readout = static_cast<double>(manifest.countOfPart("readout"));
    const auto vocabulary = static_cast<double>(config.model.vocabSize * config.model.dModel);
    const double trained = isFrozen ? readout : parameters;

    MemoryEstimate step;
    step.weights = kFloat * parameters;
    step.optimizer = kFloat * 2 * trained;

    // The fullest moment is the end of the forward pass, or comes while some block's gradients are
    // made: its predecessors, or those in its chunk, still hold what they kept, its successors have
    // their gradients.
    const double headGradients = (isFrozen ? 0 : vocabulary) + (hasReadout ? vocabulary : 0);
    const bool isRecomputed = config.training.gradientCheckpointing;
    const double keptByChunks = isRecomputed ? sizes.keptByChunks() : 0;
    const double keptByForward =
        isRecomputed ? keptByChunks
                     : sizes.keptByLayer() * static_cast<double>(config.model.nLayers);
    MemoryEstimate fullest;
    fullest.gradients = kFloat * headGradients;
    fullest.activations = kFloat * ((isFrozen ? 0 : keptByForward) + sizes.keptByHead() +
                                    (hasReadout ? sizes.keptByReadout() : 0));
    fullest.workspace = kFloat * sizes.logits();
    double done = headGradients + (hasReadout ? readout - vocabulary : 0);
    for (int64_t layer = config.model.nLayers; layer-- > 0 && !isFrozen;) {
        const int64_t firstHeld = isRecomputed ? layer - layer % config.model.readoutStride : 0;
        MemoryEstimate moment;
        moment.gradients = kFloat * done;
        moment.activations =
            kFloat *
            (keptByChunks + sizes.keptByLayer() * static_cast<double>(layer + 1 - firstHeld));
        moment.workspace = kFloat * sizes.workspaceOfLayer();
        if (moment.total() > fullest.total())
            fullest = moment;
        done += parametersOf(manifest, layerPrefix(config.model, layer));
    }
    step.gradients = fullest.gradients;
    step.activations = fullest.activations;
    step.workspace = fullest.workspace;
    return step;
}

} // namespace samba
