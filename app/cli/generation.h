#pragma once

#include "engine/api/events.h"

#include <string>

namespace samba::cli {

class EngineClient;
class Output;

/// A generation that is over.
struct Generation {
    std::string text; ///< the continuation
    GenerationFinished end;
};

/// Continues a text with the model in hand.
/// @param stream  where the text goes as it comes, ended by a line end; null: nowhere.
/// @return        with the reason Cancelled after Ctrl-C.
/// @throws Error; OutputClosed.
Generation generate(EngineClient& engine, const Generate& request, Output* stream);

/// "12 tokens read in 35 ms, 200 written at 45.3 tokens/s; seed 7; ended at its length."
std::string statisticsText(const GenerationFinished& end);

/// "length", "stop_text", ...
const char* generationEndName(GenerationEnd end);

} // namespace samba::cli
