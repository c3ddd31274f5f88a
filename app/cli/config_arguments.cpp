#include "app/cli/config_arguments.h"

#include "app/cli/options.h"
#include "engine/io/model_source.h"
#include "engine/text/bpe_tokenizer.h"

#include <utility>

namespace samba::cli {

void addAssignments(CLI::App& app, ConfigArguments& arguments)
{
    addTexts(app, "--set", arguments.assignments,
             "Overrules one key of the configuration, as training.lr=1e-4; may be repeated")
        ->type_name("KEY=VALUE");
}

ConfigDocument readConfigFile(const std::filesystem::path& file)
{
    try {
        return ConfigDocument::fromFile(file);
    } catch (const Error& error) {
        throw Error(ErrorKind::Config, error.what(), error.remedy());
    }
}

ConfigDocument withAssignments(ConfigDocument document, const std::vector<std::string>& assignments)
{
    for (const std::string& assignment : assignments)
        document = document.withAssignment(assignment);
    return document;
}

void requireValid(const ConfigDocument& document, Console& console)
{
    document.validConfig();
    for (const ConfigIssue& issue : document.issues()) // warnings only, or it had thrown
        console.note(issue.toString());
}

ModelConfig resolvedModel(const Config& config, const std::filesystem::path& builtinDir)
{
    ModelConfig model = config.model;
    if (model.vocabSize == 0)
        model.vocabSize =
            Tokenizer::load(findTokenizer(config.dataset.tokenizer, builtinDir))->size();
    return model;
}

} // namespace samba::cli
