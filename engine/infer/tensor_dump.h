#pragma once

#include "engine/io/tensor_adapter.h"
#include "engine/model/language_model.h"

namespace samba {

/// What is dumped of a model's work on a batch.
struct TensorDumpOptions {
    bool isDouble = false;     ///< compute in float64
    bool hasGradients = false; ///< needs two tokens at least
    bool hasStates = false;
};

/// What a model computes for a batch of sequences, tensor by tensor, under the names that
/// transformers gives them; for whoever ports a model or looks for a difference:
///
/// - `input_ids` [batch, seqLen]; `logits` [batch, seqLen, vocab];
/// - `hidden_states.{i}` [batch, seqLen, dModel]: the residual stream after layer i, and after the
///   last of them the output of the last norm, as `output_hidden_states` gives them;
/// - `loss`: mean cross-entropy of logits[:, :-1] against input_ids[:, 1:]; not for a single token;
/// - `chunk_outputs.{c}` [batch, seqLen, dModel];
/// - of a Samba `readout_logits`, `readout_attention` [batch, seqLen, chunks], `readout_loss`,
///   `pruning_loss` and `total_loss`, weighted as a configuration does by default;
/// - `grad.{name}`: of `loss`, for a Samba of `total_loss`, for every parameter;
/// - `ssm_state.{i}` [batch, dInner, dState] after the last token, `conv_state.{i}`
///   [batch, dInner, dConv]: the last inputs of the convolution, oldest first, zeros before the
///   first; of a transformer `keys.{i}` and `values.{i}` [batch, nHead, seqLen, dModel / nHead].
/// Everything is computed and lies on the CPU, wherever the model does.
/// @param ids  [batch, seqLen], int64, CPU, each a row of the embedding.
/// @throws Error InvalidArgument. Thread: engine.
NamedTensors dumpTensors(const LanguageModel& model, const at::Tensor& ids,
                         const TensorDumpOptions& options);

} // namespace samba
