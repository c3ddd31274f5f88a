#include "app/cli/completion_dialogue.h"

#include "app/cli/engine_client.h"
#include "app/cli/generation.h"
#include "app/cli/line_reader.h"
#include "app/cli/sampling_settings.h"

#include <utility>

namespace samba::cli {
namespace {

constexpr const char* kPrompt = "> ";

constexpr const char* kHelp =
    "Type the beginning of a text; the model goes on from there. It is no partner in a\n"
    "conversation and keeps nothing in mind from one text to the next.\n"
    "  :set                 list the sampling options\n"
    "  :set NAME VALUE      change one, as :set temperature 0.7\n"
    "  :help                this list\n"
    "  :quit                leave (Ctrl-D does it too)\n"
    "Ctrl-C ends the text being written. A text that begins with a colon: put a blank before it.";

/// The first word of a text and what follows the blanks after it.
std::pair<std::string, std::string> splitFirstWord(const std::string& text)
{
    const size_t end = text.find(' ');
    const size_t rest = text.find_first_not_of(' ', end);
    return {text.substr(0, end), rest == std::string::npos ? std::string() : text.substr(rest)};
}

} // namespace

CompletionDialogue::CompletionDialogue(EngineClient& engine, CommandContext& context,
                                       SamplingOptions sampling)
    : m_engine(engine), m_context(context), m_sampling(std::move(sampling))
{}

ExitCode CompletionDialogue::run()
{
    const bool isTyped = isInputTerminal();
    if (isTyped)
        m_context.console.note("Type the beginning of a text, or :help. Ctrl-D leaves.");
    LineReader reader(m_engine.interrupts());
    for (std::string line;;) {
        if (isTyped)
            m_context.console.prompt(kPrompt);
        switch (reader.next(line)) {
        case LineReader::Result::End:
            if (isTyped)
                m_context.console.prompt("\n");
            return ExitCode::Done;
        case LineReader::Result::Interrupted:
            if (!isTyped || m_engine.interrupts().mustEnd())
                return ExitCode::Interrupted;
            m_context.console.prompt("\n");
            break;
        case LineReader::Result::Line:
            if (!answer(line))
                return ExitCode::Done;
            if (m_engine.interrupts().mustEnd())
                return ExitCode::Interrupted;
            break;
        }
    }
}

bool CompletionDialogue::answer(const std::string& line)
{
    if (line.starts_with(':'))
        return execute(line);
    if (!line.empty())
        continueText(line);
    return true;
}

void CompletionDialogue::continueText(const std::string& text)
{
    try {
        const Generation generation = generate(m_engine, {text, m_sampling}, &m_context.output);
        m_context.console.note(statisticsText(generation.end));
    } catch (const Error& error) {
        m_context.console.error(error.what(), error.remedy());
    }
    m_engine.interrupts().clear();
}

bool CompletionDialogue::execute(const std::string& line)
{
    const auto [command, rest] = splitFirstWord(line);
    if (command == ":quit" || command == ":q")
        return false;
    if (command == ":help")
        m_context.console.note(kHelp);
    else if (command == ":set")
        set(rest);
    else
        m_context.console.error("There is no command " + command + '.', ":help lists them.");
    return true;
}

void CompletionDialogue::set(const std::string& words)
{
    if (!words.empty()) {
        const auto [name, value] = splitFirstWord(words);
        try {
            setSampling(m_sampling, name, value);
        } catch (const Error& error) {
            m_context.console.error(error.what(), error.remedy());
            return;
        }
    }
    std::string list = describeSampling(m_sampling);
    list.pop_back(); // the last line end, which note() writes itself
    m_context.console.note(list);
}

} // namespace samba::cli
