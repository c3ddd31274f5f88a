#include "engine/infer/decode_stepper.h"

#include "kernels/common/cuda_ops.h"

#include <ATen/ATen.h>

#include <utility>

namespace samba {
namespace {

DecodeState copyOf(const DecodeState& state)
{
    DecodeState copy = state;
    for (DecodeState::Layer& layer : copy.layers) {
        layer.conv = layer.conv.clone();
        layer.ssm = layer.ssm.clone();
    }
    return copy;
}

/// Puts the numbers of a state back into the tensors where they were.
void putBack(const DecodeState& copy, DecodeState& state)
{
    for (size_t i = 0; i < state.layers.size(); ++i) {
        state.layers[i].conv.copy_(copy.layers[i].conv);
        state.layers[i].ssm.copy_(copy.layers[i].ssm);
    }
    state.position = copy.position;
}

} // namespace

GraphRecorder graphRecorder(c10::Device device)
{
    if (!device.is_cuda())
        return {};
    return [index = device.index()](const std::function<void()>& body) {
        return kernels::cudaOps("decoding").recordGraph(index, body);
    };
}

at::Tensor lastLogits(const LanguageModel& model, const ForwardResult& output, bool useReadout)
{
    const at::Tensor& hidden = useReadout ? output.readoutHidden : output.hidden;
    const at::Tensor last =
        hidden.dim() == 3 ? hidden.select(1, hidden.size(1) - 1).contiguous() : hidden;
    return useReadout ? model.readoutLogits(last) : model.logits(last);
}

DecodeStepper::DecodeStepper(LanguageModel& model, DecodeState& state, bool useReadout,
                             GraphRecorder recorder)
    : m_model(model), m_state(state), m_usesReadout(useReadout)
{
    // Where texts have a longest one the state grows, and no step repeats the one before.
    if (model.maxPositions() == 0)
        m_recorder = std::move(recorder);
}

DecodeStepper::~DecodeStepper() = default;

at::Tensor DecodeStepper::next(int64_t token)
{
    if (m_recorder)
        record();
    if (!m_graph)
        return step(at::full({1}, token, at::kLong));
    m_ids.fill_(token);
    m_graph->replay();
    ++m_state.position;
    return m_logits;
}

at::Tensor DecodeStepper::step(const at::Tensor& ids)
{
    return lastLogits(m_model, m_model.step(ids, m_state), m_usesReadout);
}

/// Records a step, once. The state is then what it was before.
void DecodeStepper::record()
{
    const GraphRecorder recorder = std::exchange(m_recorder, {});
    const DecodeState before = copyOf(m_state);
    const at::TensorOptions onDevice = before.layers.front().ssm.options();
    m_ids = at::zeros({1}, onDevice.dtype(at::kLong));
    m_logits = at::empty({1, m_model.config().vocabSize}, onDevice);
    try {
        m_graph = recorder([this] { m_logits.copy_(step(m_ids)); });
    } catch (const c10::Error& error) {
        m_warning = std::string("Decoding steps could not be recorded as a CUDA graph and are made "
                                "operation by operation, which is slower: ") +
                    error.what_without_backtrace();
    }
    putBack(before, m_state);
}

} // namespace samba
