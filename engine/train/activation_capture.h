#pragma once

#include "engine/api/activation_frame.h"
#include "engine/model/language_model.h"

#include <memory>
#include <string>

namespace samba {

class Tokenizer;

/// Copies one sequence's chunk outputs and readout attention out of a forward pass.
/// @param output  of model.forward().
/// @param ids     [batch, seqLen], int64: its input.
/// @param row     the sequence wanted.
/// @note Waits for the device and copies chunks * seqLen * dModel floats. Thread: engine.
ActivationFramePtr captureFrame(const ForwardResult& output, const at::Tensor& ids, int64_t row,
                                const Tokenizer& tokenizer, ActivationFrame::Source source,
                                int64_t step);

/// Runs a text through the model and captures it.
/// @param maxTokens  the text is cut after so many tokens; 0: never.
/// @throws Error  InvalidArgument if the text is empty or its tokens are unknown to the model.
ActivationFramePtr inspectText(LanguageModel& model, const Tokenizer& tokenizer,
                               const std::string& text, int64_t maxTokens, int64_t step);

} // namespace samba
