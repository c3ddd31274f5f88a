#include "app/cli/commands.h"
#include "app/cli/data_location.h"
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

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
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
    int64_t rounds = 5;
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

/// The training split of --data, nothing being held back for validation.
std::unique_ptr<DocumentSource> openTraining(const TokenizerOptions& options, Console& console)
{
    DatasetConfig dataset = defaultConfig().dataset;
    dataset.name = options.data;
    dataset.textField = options.textField;
    dataset.validationFraction = 0;
    return openDocuments(locatedDataset(dataset, console), Split::Train);
}

void addDocuments(BpeTrainer& trainer, const TokenizerOptions& options, Console& console)
{
    const std::unique_ptr<DocumentSource> documents = openTraining(options, console);
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
    const bool isName = options.tokenizer == "builtin" || parsePublishedName(options.tokenizer);
    return Tokenizer::load(isName && !fs::exists(options.tokenizer)
                               ? findTokenizer(options.tokenizer, context.builtinDir())
                               : fs::path(options.tokenizer));
}

/// The documents of a data set, all of it, held in memory.
std::vector<std::string> readDocuments(const TokenizerOptions& options, Console& console)
{
    std::vector<std::string> texts;
    bool isNew = true;
    const std::unique_ptr<DocumentSource> documents = openTraining(options, console);
    while (const std::optional<DocumentPiece> piece = documents->next()) {
        if (isNew)
            texts.emplace_back();
        texts.back() += piece->text;
        isNew = piece->endsDocument;
    }
    return texts;
}

/// Encodes the documents again and again on this thread; the best round counts, because what else
/// runs on the machine can only make one slower.
ExitCode runSpeed(const TokenizerOptions& options, CommandContext& context)
{
    const auto tokenizer = loadTokenizer(options, context);
    const std::vector<std::string> texts = readDocuments(options, context.console);
    std::size_t bytes = 0;
    for (const std::string& text : texts)
        bytes += text.size();

    double bestSeconds = std::numeric_limits<double>::infinity();
    std::vector<int32_t> ids;
    std::size_t tokens = 0;
    for (int64_t round = 0; round < options.rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        tokens = 0;
        for (const std::string& text : texts) {
            ids.clear();
            tokenizer->encode(text, ids);
            tokens += ids.size();
        }
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
        bestSeconds = std::min(bestSeconds, elapsed.count());
    }
    const double megabytes = static_cast<double>(bytes) / 1e6 / bestSeconds;
    if (options.printsJson)
        context.output.write(toText({{"documents", texts.size()},
                                     {"bytes", bytes},
                                     {"tokens", tokens},
                                     {"rounds", options.rounds},
                                     {"megabytes_per_second", megabytes}}));
    else
        context.output.write(formatInteger(static_cast<int64_t>(bytes)) + " bytes, " +
                             formatInteger(static_cast<int64_t>(tokens)) +
                             " tokens: " + formatNumber(megabytes) + " MB/s on one thread\n");
    return ExitCode::Done;
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

void addSpeed(CLI::App& tokenizer, const std::shared_ptr<TokenizerOptions>& options,
              CommandAction& action)
{
    constexpr int64_t kMostRounds = 1000;
    CLI::App* speed =
        tokenizer.add_subcommand("speed", "Measure how fast text is encoded on one thread");
    addTokenizerOption(*speed, *options);
    addText(*speed, "--data", options->data, "File or folder of texts, or stories")
        ->required()
        ->type_name("DATA");
    addText(*speed, "--text-field", options->textField, "Field or column that holds the text")
        ->type_name("NAME");
    addInteger(*speed, "--rounds", options->rounds, {1, kMostRounds},
               "Times to encode it all; the best one counts")
        ->default_str(std::to_string(options->rounds));
    speed->add_flag("--json", options->printsJson, "Print JSON");
    speed->footer("Example:\n"
                  "  samba-cli tokenizer speed --tokenizer builtin --data stories");
    speed->callback([options, &action] {
        action = [options](CommandContext& context) { return runSpeed(*options, context); };
    });
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
    addSpeed(*tokenizer, options, action);
}

} // namespace samba::cli
