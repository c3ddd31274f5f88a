#include "engine/infer/tensor_dump.h"

#include "engine/api/config_schema.h"
#include "engine/api/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace samba {
namespace {

/// The model's weights in the type to compute in, as leaves of a graph of their own.
ModelWeights weightsFor(const LanguageModel& model, const TensorDumpOptions& options)
{
    ModelWeights weights;
    for (const auto& [name, tensor] : model.weights()) {
        const at::Tensor copy =
            tensor.detach().to(at::kCPU, options.isDouble ? at::kDouble : at::kFloat);
        weights.emplace(name, copy.detach().requires_grad_(options.hasGradients));
    }
    return weights;
}

at::Tensor crossEntropy(const at::Tensor& logits, const at::Tensor& ids)
{
    const int64_t length = ids.size(1);
    return at::cross_entropy_loss(logits.slice(1, 0, length - 1).flatten(0, 1),
                                  ids.slice(1, 1, length).flatten());
}

at::Tensor pruningLoss(const std::vector<at::Tensor>& chunkOutputs)
{
    std::vector<at::Tensor> means;
    for (const at::Tensor& chunk : chunkOutputs)
        means.push_back(chunk.abs().mean());
    return at::stack(means).mean();
}

/// Collects the tensors of one dump.
class TensorDump {
public:
    TensorDump(const LanguageModel& model, const at::Tensor& ids, const TensorDumpOptions& options)
        : m_description(model.manifest().description()),
          m_weights(weightsFor(model, options)),
          m_ids(ids),
          m_options(options)
    {}

    NamedTensors run()
    {
        add("input_ids", m_ids);
        addForward();
        addHiddenStates();
        if (m_options.hasStates)
            addStates();
        return std::move(m_tensors);
    }

private:
    void add(const std::string& name, const at::Tensor& tensor)
    {
        m_tensors.emplace_back(name, tensor.detach().contiguous());
    }

    void addForward()
    {
        const std::unique_ptr<LanguageModel> model = makeModel(m_description, m_weights);
        const ForwardResult output = model->forward(m_ids);
        const at::Tensor logits = at::linear(output.hidden, model->headWeight());
        add("logits", logits);
        for (size_t c = 0; c < output.chunkOutputs.size(); ++c)
            add("chunk_outputs." + std::to_string(c), output.chunkOutputs[c]);
        at::Tensor readoutLogits;
        if (model->hasReadout()) {
            readoutLogits = at::linear(output.readoutHidden, model->readoutHeadWeight());
            add("readout_logits", readoutLogits);
            add("readout_attention", output.readoutAttention);
        }
        if (m_ids.size(1) < 2)
            return;
        at::Tensor loss = crossEntropy(logits, m_ids);
        add("loss", loss);
        if (model->hasReadout()) {
            const TrainingConfig weight = defaultConfig().training;
            const at::Tensor readout = crossEntropy(readoutLogits, m_ids);
            const at::Tensor pruning = pruningLoss(output.chunkOutputs);
            loss = loss + weight.readoutWeight * readout + weight.pruningWeight * pruning;
            add("readout_loss", readout);
            add("pruning_loss", pruning);
            add("total_loss", loss);
        }
        if (!m_options.hasGradients)
            return;
        loss.backward();
        for (const ManifestTensor& spec : model->manifest().tensors())
            add("grad." + spec.name, m_weights.at(spec.name).grad());
    }

    /// The backbone with every layer a chunk: its chunk outputs are the streams after each layer.
    ModelDescription layerByLayer() const
    {
        ModelDescription description = m_description;
        if (description.config.type == "samba")
            description.config.type = "mamba";
        description.config.readoutStride = 1;
        return description;
    }

    void addHiddenStates()
    {
        const at::NoGradGuard noGrad;
        const ForwardResult output = makeModel(layerByLayer(), m_weights)->forward(m_ids);
        size_t i = 0;
        for (; i < output.chunkOutputs.size(); ++i)
            add("hidden_states." + std::to_string(i), output.chunkOutputs[i]);
        add("hidden_states." + std::to_string(i), output.hidden);
    }

    void addStates()
    {
        if (m_description.config.isTransformer())
            addKeysAndValues();
        else
            addMambaStates();
    }

    void addKeysAndValues()
    {
        const at::NoGradGuard noGrad;
        const std::unique_ptr<LanguageModel> model = makeModel(m_description, m_weights);
        DecodeState state = model->initialState(m_ids.size(0));
        model->forward(m_ids, &state);
        for (size_t i = 0; i < state.layers.size(); ++i) {
            add("keys." + std::to_string(i), state.layers[i].keys.narrow(2, 0, state.position));
            add("values." + std::to_string(i), state.layers[i].values.narrow(2, 0, state.position));
        }
    }

    void addMambaStates()
    {
        const at::NoGradGuard noGrad;
        const std::unique_ptr<LanguageModel> model = makeModel(layerByLayer(), m_weights);
        const int64_t length = m_ids.size(1);
        DecodeState state = model->initialState(m_ids.size(0));
        if (length > 1)
            model->forward(m_ids.slice(1, 0, length - 1), &state);
        std::vector<at::Tensor> oldest;
        for (const DecodeState::Layer& layer : state.layers)
            oldest.push_back(layer.conv.slice(1, 0, 1).clone());
        model->forward(m_ids.slice(1, length - 1, length), &state);
        for (size_t i = 0; i < state.layers.size(); ++i) {
            // A step needs one input fewer than the convolution is wide; the files hold them all.
            const at::Tensor conv = at::cat({oldest[i], state.layers[i].conv}, 1);
            add("conv_state." + std::to_string(i), conv.transpose(1, 2));
            add("ssm_state." + std::to_string(i), state.layers[i].ssm);
        }
    }

    ModelDescription m_description;
    ModelWeights m_weights;
    at::Tensor m_ids;
    TensorDumpOptions m_options;
    NamedTensors m_tensors;
};

void requireUsable(const LanguageModel& model, const at::Tensor& ids,
                   const TensorDumpOptions& options)
{
    if (ids.dim() != 2 || ids.numel() == 0)
        throw Error(ErrorKind::InvalidArgument,
                    "input_ids must be [batch, seqLen] with one token at least.");
    const int64_t vocab = model.config().vocabSize;
    const int64_t lowest = ids.min().item<int64_t>();
    const int64_t highest = ids.max().item<int64_t>();
    if (lowest < 0 || highest >= vocab)
        throw Error(ErrorKind::InvalidArgument,
                    "The ids hold " + std::to_string(lowest < 0 ? lowest : highest) +
                        ", which is outside the model's vocabulary of " + std::to_string(vocab) +
                        " entries.");
    if (options.hasGradients && ids.size(1) < 2)
        throw Error(ErrorKind::InvalidArgument,
                    "Gradients need a loss, and a single token has no next one to predict.",
                    "Give two ids at least.");
}

} // namespace

NamedTensors dumpTensors(const LanguageModel& model, const at::Tensor& ids,
                         const TensorDumpOptions& options)
{
    requireUsable(model, ids, options);
    const at::AutoGradMode gradMode(options.hasGradients);
    return TensorDump(model, ids, options).run();
}

} // namespace samba
