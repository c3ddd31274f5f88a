#include "app/cli/usage_error.h"

#include "engine/api/edit_distance.h"

#include <algorithm>
#include <vector>

namespace samba::cli {
namespace {

/// The command that was named last: "config" and then "show" of "samba-cli config show".
const CLI::App& deepestCommand(const CLI::App& app)
{
    const CLI::App* deepest = &app;
    while (!deepest->get_subcommands().empty())
        deepest = deepest->get_subcommands().front();
    return *deepest;
}

/// "samba-cli config show"
std::string fullName(const CLI::App& app)
{
    const CLI::App* parent = app.get_parent();
    return parent ? fullName(*parent) + ' ' + app.get_name() : app.get_name();
}

/// The names of the commands one of which must follow.
std::vector<std::string> commandNames(const CLI::App& app)
{
    // A command that does something by itself puts no limit on them.
    if (app.get_require_subcommand_max() != 1)
        return {};
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

std::vector<std::string> optionNames(const CLI::App& command)
{
    std::vector<std::string> names;
    for (const CLI::App* app = &command; app; app = app->get_parent())
        for (const CLI::Option* option : app->get_options())
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
    return names;
}

/// The known name that a slip of the keyboard may have meant, or empty.
std::string nearest(const std::string& word, const std::vector<std::string>& names)
{
    std::string best;
    size_t bestDistance = allowedSlips(word.size()) + 1;
    for (const std::string& name : names) {
        if (const size_t distance = editDistance(word, name); distance < bestDistance) {
            bestDistance = distance;
            best = name;
        }
    }
    return best;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

Error unknownWord(const CLI::App& command, const std::string& word)
{
    const std::string seeHelp = "See " + fullName(command) + " --help.";
    const auto suggestion = [&](const std::string& name) {
        return name.empty() ? seeHelp : "Did you mean " + name + '?';
    };
    if (word.starts_with('-')) {
        const std::string name = word.substr(0, word.find('='));
        return Error(ErrorKind::InvalidArgument, fullName(command) + " has no option " + name + '.',
                     suggestion(nearest(name, optionNames(command))));
    }
    const std::vector<std::string> names = commandNames(command);
    if (names.empty())
        return Error(ErrorKind::InvalidArgument,
                     fullName(command) + " does not know what to do with \"" + word + "\".",
                     seeHelp);
    return Error(ErrorKind::InvalidArgument,
                 "\"" + word + "\" is no command of " + fullName(command) + '.',
                 suggestion(nearest(word, names)));
}

} // namespace

Error usageError(const CLI::App& app, const std::string& message)
{
    const CLI::App& command = deepestCommand(app);
    const std::vector<std::string> unknown = app.remaining(true);
    if (!unknown.empty()) {
        // Where a command is missing, the word in its place is to blame, not the options after it.
        const auto isWord = [](const std::string& text) { return !text.starts_with('-'); };
        const auto isOption = [](const std::string& text) { return text.starts_with('-'); };
        const auto culprit = commandNames(command).empty()
                                 ? std::find_if(unknown.begin(), unknown.end(), isOption)
                                 : std::find_if(unknown.begin(), unknown.end(), isWord);
        return unknownWord(command, culprit == unknown.end() ? unknown.front() : *culprit);
    }
    return Error(ErrorKind::InvalidArgument, message + (message.ends_with('.') ? "" : "."),
                 "See " + fullName(command) + " --help.");
}

void requireCommand(const CLI::App& app)
{
    const CLI::App& command = deepestCommand(app);
    const std::vector<std::string> names = commandNames(command);
    if (!names.empty())
        throw Error(ErrorKind::InvalidArgument, "Name what " + fullName(command) + " shall do.",
                    "Commands: " + joined(names) + ". See " + fullName(command) + " --help.");
}

} // namespace samba::cli
