#include "engine/infer/text_generator.h"

#include "engine/api/error.h"
#include "engine/infer/decode_stepper.h"
#include "engine/infer/sampler.h"
#include "engine/infer/stop_matcher.h"
#include "engine/model/position_limit.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/stream_decoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>

namespace samba {
namespace {

using Clock = std::chrono::steady_clock;

/// Longest piece of a prompt run at once: bounds memory and the time to answer a cancel.
constexpr int64_t kPrefillTokens = 512;

double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The prompt's ids, or the end-of-text token for an empty prompt.
std::vector<int64_t> promptIds(const LanguageModel& model, const Tokenizer& tokenizer,
                               const std::string& prompt)
{
    const std::vector<int32_t> encoded = tokenizer.encode(prompt);
    std::vector<int64_t> ids(encoded.begin(), encoded.end());
    if (ids.empty() && tokenizer.endOfTextId())
        ids.push_back(*tokenizer.endOfTextId());
    if (ids.empty())
        throw Error(ErrorKind::InvalidArgument, "The prompt is empty.",
                    "Type the beginning of a text; this tokenizer has no token to start from.");
    const int64_t highest = *std::max_element(ids.begin(), ids.end());
    if (highest >= model.config().vocabSize)
        throw Error(ErrorKind::InvalidArgument,
                    "The prompt holds token " + std::to_string(highest) +
                        ", but the model's vocabulary has only " +
                        std::to_string(model.config().vocabSize) + " entries.",
                    "Use the tokenizer that the model was trained with.");
    return ids;
}

/// Logits [1, vocabulary] as the sampler reads and changes them: float32 on the CPU, [vocabulary].
at::Tensor forSampler(const at::Tensor& logits)
{
    return logits.squeeze(0).to(at::kCPU, at::kFloat).contiguous();
}

} // namespace

GenerationOutcome generateText(LanguageModel& model,
                               const std::shared_ptr<const Tokenizer>& tokenizer,
                               const std::string& prompt, const SamplingOptions& options,
                               uint64_t seed, const GenerationCallback& callback)
{
    if (options.useReadout && !model.hasReadout())
        throw Error(ErrorKind::InvalidArgument, "This model has no readout to sample from.",
                    "Turn 'use readout' off, or load a Samba model.");
    const std::vector<int64_t> ids = promptIds(model, *tokenizer, prompt);
    requirePositions(model, static_cast<int64_t>(ids.size()), "The prompt",
                     "Shorten the prompt; a Mamba has no such bound.");
    const int64_t validTokens = std::min<int64_t>(tokenizer->size(), model.config().vocabSize);

    const c10::InferenceMode guard;
    GenerationOutcome outcome;
    outcome.promptTokens = static_cast<int64_t>(ids.size());
    Sampler sampler(options, seed);
    for (const int64_t id : ids)
        sampler.observe(static_cast<int32_t>(id));

    Clock::time_point start = Clock::now();
    DecodeState state = model.initialState(1);
    at::Tensor logits;
    for (size_t first = 0; first < ids.size(); first += kPrefillTokens) {
        if (first > 0 && !callback({}, 0)) {
            outcome.reason = GenerationEnd::Cancelled;
            return outcome;
        }
        const size_t count = std::min<size_t>(kPrefillTokens, ids.size() - first);
        const at::Tensor piece =
            at::tensor(c10::ArrayRef<int64_t>(ids).slice(first, count), at::kLong).unsqueeze(0);
        logits = forSampler(lastLogits(model, model.forward(piece, &state), options.useReadout));
    }
    outcome.prefillMs = millisecondsSince(start);

    StreamDecoder decoder(tokenizer);
    StopMatcher stops(options.stop);
    DecodeStepper stepper(model, state, options.useReadout, graphRecorder(model.device()));
    start = Clock::now();
    while (static_cast<int64_t>(outcome.tokenIds.size()) < options.maxNewTokens) {
        const int32_t token = sampler.sample(
            {logits.mutable_data_ptr<float>(), static_cast<size_t>(logits.numel())}, validTokens);
        if (options.stopAtEndOfText && tokenizer->endOfTextId() == token) {
            outcome.reason = GenerationEnd::EndOfText;
            break;
        }
        outcome.tokenIds.push_back(token);
        sampler.observe(token);

        const std::string shown = stops.push(decoder.push(token));
        outcome.text += shown;
        const bool goesOn = callback(shown, static_cast<int64_t>(outcome.tokenIds.size()));
        if (stops.isStopped() || !goesOn) {
            outcome.reason = stops.isStopped() ? GenerationEnd::StopText : GenerationEnd::Cancelled;
            break;
        }
        if (static_cast<int64_t>(outcome.tokenIds.size()) == options.maxNewTokens)
            break; // what would come after it is not asked
        if (readablePositions(model, state.position + 1) == state.position) {
            outcome.reason = GenerationEnd::Positions;
            break;
        }
        logits = forSampler(stepper.next(token));
    }
    outcome.warning = stepper.warning();
    const double decodeMs = millisecondsSince(start);
    const double tokens = static_cast<double>(outcome.tokenIds.size());
    outcome.tokensPerSecond = decodeMs > 0 ? 1000.0 * tokens / decodeMs : 0;

    std::string rest = stops.push(decoder.finish());
    if (!stops.isStopped())
        rest += stops.finish();
    if (!rest.empty()) {
        outcome.text += rest;
        callback(rest, static_cast<int64_t>(outcome.tokenIds.size()));
    }
    return outcome;
}

} // namespace samba
