#include "app/cli/commands.h"
#include "app/cli/json_results.h"
#include "app/cli/options.h"
#include "app/cli/text_format.h"
#include "app/cli/token_streams.h"
#include "engine/api/config_schema.h"
#include "engine/io/model_source.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/bpe_trainer.h"
#include "engine/text/corpus.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace samba::cli {
namespace {

namespace fs = std::filesystem;

struct TokenizerOptions {
    std::string data;
    std::string textField = defaultConfig().dataset.textField;
    int64_t vocabSize = BpeTrainerOptions{}.vocabSize;
    std::string output;
    std::string tokenizer;
    bool readsJsonLines = false;
    bool printsJson = false;
};

/// A name that ends in .json is the file, everything else the folder to put it in.
fs::path outputFile(const std::string& output)
{
    const fs::path path(output);
    const bool isFile = path.extension() == ".json" && !fs::is_directory(path);
    const fs::path file = isFile ? path : path / "tokenizer.json";
    std::error_code error;
    if (file.has_parent_path())
        fs::create_directories(file.parent_path(), error);
    if (error)
        throw Error(ErrorKind::File,
                    "The folder '" + file.parent_path().string() +
                        "' cannot be made: " + error.message() + ".",
                    "Choose another place for --output.");
    return file;
}

void addDocuments(BpeTrainer& trainer, const TokenizerOptions& options, Console& console)
{
    DatasetConfig dataset = defaultConfig().dataset;
    dataset.name = options.data;
    dataset.textField = options.textField;
    dataset.validationFraction = 0; // nothing is held back from a vocabulary
    const std::unique_ptr<DocumentSource> documents = openDocuments(dataset, Split::Train);
    while (const std::optional<DocumentPiece> piece = documents->next()) {
        trainer.add(piece->text);
        console.progress({.what = "counting words",
                          .done = static_cast<int64_t>(documents->readBytes()),
                          .total = static_cast<int64_t>(documents->sizeBytes())});
    }
}

ExitCode runTrain(const TokenizerOptions& options, CommandContext& context)
{
    const fs::path file = outputFile(options.output); // before the work, not after it
    BpeTrainer trainer({.vocabSize = static_cast<int32_t>(options.vocabSize)});
    addDocuments(trainer, options, context.console);
    const std::shared_ptr<const Tokenizer> tokenizer =
        trainer.train([&](int32_t made, int32_t wanted) {
            context.console.progress({.what = "merging pairs", .done = made, .total = wanted});
            return true;
        });
    context.console.endProgress();
    tokenizer->save(file);
    if (tokenizer->size() < options.vocabSize)
        context.console.warning("The text gave only " + formatInteger(tokenizer->size()) + " of " +
                                formatInteger(options.vocabSize) +
                                " entries: no other pair of tokens occurs twice.");
    if (options.printsJson)
        context.output.write(toText({{"path", file.string()},
                                     {"vocab_size", tokenizer->size()},
                                     {"fingerprint", tokenizer->fingerprint()}}));
    else
        context.output.write(file.string() + '\n');
    return ExitCode::Done;
}

std::shared_ptr<const Tokenizer> loadTokenizer(const TokenizerOptions& options,
                                               const CommandContext& context)
{
    return Tokenizer::load(options.tokenizer == "builtin"
                               ? findTokenizer(options.tokenizer, context.builtinDir())
                               : fs::path(options.tokenizer));
}

ExitCode runEncode(const TokenizerOptions& options, CommandContext& context)
{
    const auto tokenizer = loadTokenizer(options, context);
    if (options.readsJsonLines)
        encodeJsonLines(*tokenizer, context.output);
    else
        encodeText(*tokenizer, context.output);
    return ExitCode::Done;
}

ExitCode runDecode(const TokenizerOptions& options, CommandContext& context)
{
    const auto tokenizer = loadTokenizer(options, context);
    if (options.readsJsonLines)
        decodeJsonLines(*tokenizer, context.output);
    else
        decodeText(*tokenizer, context.output);
    return ExitCode::Done;
}

void addTrain(CLI::App& tokenizer, const std::shared_ptr<TokenizerOptions>& options,
              CommandAction& action)
{
    constexpr int64_t kSmallest = 257; // the bytes and the end-of-text token
    constexpr int64_t kLargest = 1'000'000;
    CLI::App* train = tokenizer.add_subcommand("train", "Learn a byte-level BPE from a text");
    addText(*train, "--data", options->data,
            "Text or JSON lines file, a folder of them, or stories")
        ->required()
        ->type_name("DATA");
    addInteger(*train, "--vocab-size", options->vocabSize, {kSmallest, kLargest},
               "Entries of the vocabulary")
        ->default_str(std::to_string(options->vocabSize));
    addText(*train, "--text-field", options->textField, "Field of a JSON line that holds the text")
        ->type_name("NAME");
    addText(*train, "--output", options->output,
            "File to write (.json), or a folder that gets a tokenizer.json")
        ->required()
        ->type_name("PATH");
    train->add_flag("--json", options->printsJson, "Print path, size and fingerprint as JSON");
    train->footer("Example:\n"
                  "  samba-cli tokenizer train --data books/ --vocab-size 8192 --output my-tokens");
    train->callback([options, &action] {
        action = [options](CommandContext& context) { return runTrain(*options, context); };
    });
}

void addTokenizerOption(CLI::App& app, TokenizerOptions& options)
{
    addText(app, "--tokenizer", options.tokenizer,
            "tokenizer.json, a folder that holds one or a vocab.json with merges.txt, or builtin")
        ->required()
        ->type_name("PATH");
}

} // namespace

void addTokenizerCommand(CLI::App& app, CommandAction& action)
{
    const auto options = std::make_shared<TokenizerOptions>();
    CLI::App* tokenizer = app.add_subcommand("tokenizer", "Train and apply tokenizers");
    tokenizer->require_subcommand(0, 1);
    tokenizer->footer(
        "Examples:\n"
        "  samba-cli tokenizer train --data books/ --output my-tokens\n"
        "  echo \"Once upon a time\" | samba-cli tokenizer encode --tokenizer my-tokens");
    addTrain(*tokenizer, options, action);

    CLI::App* encode =
        tokenizer->add_subcommand("encode", "Turn the text on standard input into token ids");
    addTokenizerOption(*encode, *options);
    encode->add_flag("--jsonl", options->readsJsonLines,
                     "One JSON string a line in, one JSON array of ids a line out");
    encode->footer("Without --jsonl all of the input is one text; its ids come on one line.\n\n"
                   "Example:\n  samba-cli tokenizer encode --tokenizer builtin < story.txt");
    encode->callback([options, &action] {
        action = [options](CommandContext& context) { return runEncode(*options, context); };
    });

    CLI::App* decode =
        tokenizer->add_subcommand("decode", "Turn the token ids on standard input into text");
    addTokenizerOption(*decode, *options);
    decode->add_flag("--jsonl", options->readsJsonLines,
                     "One JSON array of ids a line in, one JSON string a line out");
    decode->footer("Without --jsonl the ids are separated by blanks or line ends.\n\n"
                   "Example:\n  echo 12 345 6 | samba-cli tokenizer decode --tokenizer builtin");
    decode->callback([options, &action] {
        action = [options](CommandContext& context) { return runDecode(*options, context); };
    });
}

} // namespace samba::cli
