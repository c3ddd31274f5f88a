#pragma once

#include "engine/model/language_model.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace samba {

namespace kernels {
class CudaGraph;
}

/// Records the work that a function starts, which it calls twice (CudaOps::recordGraph).
using GraphRecorder =
    std::function<std::unique_ptr<kernels::CudaGraph>(const std::function<void()>&)>;

/// The recorder of a device; empty for one without graphs, as is the CPU.
GraphRecorder graphRecorder(c10::Device device);

/// Logits of the last position of a pass, [batch, vocabulary], on the model's device.
at::Tensor lastLogits(const LanguageModel& model, const ForwardResult& output, bool useReadout);

/// Takes a model through a text token by token. On a CUDA device a step is hundreds of small
/// kernels, which take longer to start than to run; so the first step is recorded and from then on
/// started as a whole, unless the model's state grows with the text. Thread: engine.
class DecodeStepper {
public:
    /// @param state     of one sequence; advanced, and not to be touched otherwise meanwhile.
    /// @param recorder  empty: every step is made operation by operation; not used for a model
    ///                  whose state grows.
    DecodeStepper(LanguageModel& model, DecodeState& state, bool useReadout,
                  GraphRecorder recorder);
    ~DecodeStepper();
    DecodeStepper(const DecodeStepper&) = delete;
    DecodeStepper& operator=(const DecodeStepper&) = delete;

    /// Reads one token. @return the logits after it, [1, vocabulary], good until the next call.
    at::Tensor next(int64_t token);

    /// Why steps are not recorded although there is a recorder, in a sentence, or "".
    const std::string& warning() const { return m_warning; }

private:
    at::Tensor step(const at::Tensor& ids);
    void record();

    LanguageModel& m_model;
    DecodeState& m_state;
    bool m_usesReadout;
    GraphRecorder m_recorder;
    std::unique_ptr<kernels::CudaGraph> m_graph;
    at::Tensor m_ids;    ///< [1], what the recorded step reads
    at::Tensor m_logits; ///< [1, vocabulary], where it writes
    std::string m_warning;
};

} // namespace samba
