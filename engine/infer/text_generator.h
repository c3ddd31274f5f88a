#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/model/language_model.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace samba {

class Tokenizer;

/// What a generation gave.
struct GenerationOutcome {
    GenerationEnd reason = GenerationEnd::Length;
    std::string text;              ///< all that was shown, without the prompt
    std::vector<int32_t> tokenIds; ///< generated, the one that ended it left out
    int64_t promptTokens = 0;
    double prefillMs = 0;
    double tokensPerSecond = 0; ///< of the recurrent steps alone
    std::string warning;        ///< what was slower than it should be, in a sentence, or ""
};

/// Called with whole UTF-8 characters (possibly none) after every token, and between pieces of a
/// long prompt; false ends the generation.
/// @param text    what became visible since the last call.
/// @param tokens  generated so far.
using GenerationCallback = std::function<bool(const std::string& text, int64_t tokens)>;

/// Continues a prompt: runs it in one pass, then token by token from the state, until the model can
/// read no more at the latest.
/// An empty prompt starts from the end-of-text token. Turns gradients off. Thread: engine.
/// @param seed      of the sampler; options.seed is not read.
/// @throws Error    InvalidArgument if there is nothing to start from, if the readout is asked for
///                  and the model has none, if the tokenizer knows ids the model does not, or if
///                  the prompt is longer than the model can read.
GenerationOutcome generateText(LanguageModel& model,
                               const std::shared_ptr<const Tokenizer>& tokenizer,
                               const std::string& prompt, const SamplingOptions& options,
                               uint64_t seed, const GenerationCallback& callback);

} // namespace samba
