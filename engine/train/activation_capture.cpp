#include "engine/train/activation_capture.h"

#include "engine/api/error.h"
#include "engine/model/position_limit.h"
#include "engine/text/bpe_tokenizer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace samba {
namespace {

std::vector<float> toFloats(const at::Tensor& tensor)
{
    const at::Tensor values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    const float* data = values.const_data_ptr<float>();
    return std::vector<float>(data, data + values.numel());
}

} // namespace

ActivationFramePtr captureFrame(const ForwardResult& output, const at::Tensor& ids, int64_t row,
                                const Tokenizer& tokenizer, ActivationFrame::Source source,
                                int64_t step)
{
    auto frame = std::make_shared<ActivationFrame>();
    frame->source = source;
    frame->step = step;
    frame->chunkCount = static_cast<int64_t>(output.chunkOutputs.size());
    frame->seqLen = ids.size(1);
    frame->dModel = output.chunkOutputs.front().size(-1);

    const at::Tensor sequence = ids.select(0, row).to(at::kCPU).contiguous();
    for (int64_t position = 0; position < frame->seqLen; ++position) {
        const int32_t id = static_cast<int32_t>(sequence.const_data_ptr<int64_t>()[position]);
        frame->tokenIds.push_back(id);
        frame->tokens.push_back(id < tokenizer.size() ? tokenizer.tokenText(id) : std::string());
    }
    for (const at::Tensor& chunk : output.chunkOutputs)
        frame->values.push_back(toFloats(chunk.select(0, row)));
    if (output.readoutAttention.defined())
        frame->attention = toFloats(output.readoutAttention.select(0, row));
    return frame;
}

ActivationFramePtr inspectText(LanguageModel& model, const Tokenizer& tokenizer,
                               const std::string& text, int64_t maxTokens, int64_t step)
{
    std::vector<int32_t> tokens = tokenizer.encode(text);
    if (tokens.empty())
        throw Error(ErrorKind::InvalidArgument, "There is no text to inspect.", "Type some text.");
    const auto all = static_cast<int64_t>(tokens.size());
    tokens.resize(static_cast<size_t>(
        readablePositions(model, maxTokens > 0 ? std::min(all, maxTokens) : all)));
    const int64_t highest = *std::max_element(tokens.begin(), tokens.end());
    if (highest >= model.config().vocabSize)
        throw Error(ErrorKind::InvalidArgument,
                    "The text holds token " + std::to_string(highest) +
                        ", but the model's vocabulary has only " +
                        std::to_string(model.config().vocabSize) + " entries.",
                    "Use the tokenizer that the model was trained with.");

    const c10::InferenceMode guard;
    const at::Tensor ids =
        at::tensor(std::vector<int64_t>(tokens.begin(), tokens.end()), at::kLong).unsqueeze(0);
    return captureFrame(model.forward(ids), ids, 0, tokenizer, ActivationFrame::Source::Text, step);
}

} // namespace samba
