#pragma once

#include "app/cli/command_context.h"
#include "engine/api/commands.h"

#include <string>

namespace samba::cli {

class EngineClient;

/// Continues one typed text after the other until the input ends. Lines that begin with a colon
/// are commands, as `:help` says. Ctrl-C ends the generation under way, not the dialogue.
class CompletionDialogue {
public:
    /// @param engine   with a model in hand; outlives the dialogue, as does `context`.
    CompletionDialogue(EngineClient& engine, CommandContext& context, SamplingOptions sampling);

    /// @throws OutputClosed; Error File if standard input cannot be read.
    ExitCode run();

private:
    /// Both return false if the dialogue is over.
    bool answer(const std::string& line);
    bool execute(const std::string& line);
    void continueText(const std::string& text);
    void set(const std::string& words);

    EngineClient& m_engine;
    CommandContext& m_context;
    SamplingOptions m_sampling;
};

} // namespace samba::cli
