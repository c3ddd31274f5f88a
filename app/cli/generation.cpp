#include "app/cli/generation.h"

#include "app/cli/engine_client.h"
#include "app/cli/output.h"
#include "app/cli/text_format.h"

namespace samba::cli {
namespace {

const char* endText(GenerationEnd end)
{
    switch (end) {
    case GenerationEnd::Length:
        return "ended at the length asked for";
    case GenerationEnd::Positions:
        return "ended because the model can read no longer text";
    case GenerationEnd::StopText:
        return "ended at a stop text";
    case GenerationEnd::EndOfText:
        return "the model ended the text";
    case GenerationEnd::Cancelled:
        break;
    }
    return "interrupted";
}

} // namespace

Generation generate(EngineClient& engine, const Generate& request, Output* stream)
{
    Generation generation;
    generation.end.reason = GenerationEnd::Cancelled; // where Ctrl-C came before it began
    const auto listen = [&](const Event& event) {
        if (const auto* piece = std::get_if<GenerationText>(&event)) {
            generation.text += piece->text;
            if (stream) {
                stream->write(piece->text);
                stream->flush();
            }
        } else if (const auto* finished = std::get_if<GenerationFinished>(&event)) {
            generation.end = *finished;
        }
    };
    if (engine.run(request, {.event = listen}) == CommandEnd::Interrupted)
        generation.end.reason = GenerationEnd::Cancelled;
    if (stream && !generation.text.ends_with('\n')) {
        stream->write("\n");
        stream->flush();
    }
    return generation;
}

std::string statisticsText(const GenerationFinished& end)
{
    return formatInteger(end.promptTokens) + " tokens read in " + formatDuration(end.prefillMs) +
           ", " + formatInteger(end.newTokens) + " written at " + formatSpeed(end.tokensPerSecond) +
           "; seed " + std::to_string(end.seed) + "; " + endText(end.reason) + '.';
}

const char* generationEndName(GenerationEnd end)
{
    switch (end) {
    case GenerationEnd::Length:
        return "length";
    case GenerationEnd::Positions:
        return "positions";
    case GenerationEnd::StopText:
        return "stop_text";
    case GenerationEnd::EndOfText:
        return "end_of_text";
    case GenerationEnd::Cancelled:
        break;
    }
    return "cancelled";
}

} // namespace samba::cli
