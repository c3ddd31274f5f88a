#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/stream_decoder.h"
#include "engine/text/tokenizer_description.h"
#include "engine/text/utf8.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <map>
#include <random>
#include <sstream>
#include <thread>

using namespace samba;
using samba::test::dataPath;
using samba::test::errorOf;
using samba::test::TemporaryFolder;

namespace {

using Ids = std::vector<int32_t>;
using Json = nlohmann::json;

const char* const kPublished[] = {"gpt-neox-20b", "gpt2"};

std::filesystem::path publishedPath(const std::string& name)
{
    return test::sharedDataPath("tokenizers/" + name);
}

/// A published tokenizer, loaded once; null where it is not on this machine.
std::shared_ptr<const Tokenizer> published(const std::string& name)
{
    static std::map<std::string, std::shared_ptr<const Tokenizer>> loaded;
    auto& tokenizer = loaded[name];
    if (!tokenizer && std::filesystem::exists(publishedPath(name)))
        tokenizer = Tokenizer::load(publishedPath(name));
    return tokenizer;
}

std::filesystem::path goodPath()
{
    return dataPath("tokenization/00-good-tokenizer");
}

std::shared_ptr<const Tokenizer> goodTokenizer()
{
    static const auto tokenizer = Tokenizer::load(goodPath());
    return tokenizer;
}

Json goodJson()
{
    return Json::parse(test::readFile(goodPath() / "tokenizer.json"));
}

/// Rows (tokenizer, line) for every line of the JSON-lines fixtures.
void addFixtureRows(const std::string& ending)
{
    QTest::addColumn<QString>("tokenizer");
    QTest::addColumn<QString>("line");
    for (const std::string name : kPublished) {
        std::istringstream lines(test::readFile(dataPath("tokenization/" + name + ending)));
        for (std::string line; std::getline(lines, line);) {
            const std::string row = name + " " + Json::parse(line).at("name").get<std::string>();
            QTest::newRow(row.c_str())
                << QString::fromStdString(name) << QString::fromStdString(line);
        }
    }
}

std::string randomBytes(std::mt19937& random, std::size_t size)
{
    std::string bytes(size, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random() & 0xFF);
    return bytes;
}

std::string randomUnicode(std::mt19937& random, std::size_t characters)
{
    // Upper ends of ranges in which characters of all lengths and classes are common.
    constexpr char32_t kLimits[] = {0x80, 0x80, 0x80, 0x250, 0x3100, 0xD800, 0x20000, 0x110000};
    std::string text;
    while (characters > 0) {
        const char32_t character = random() % kLimits[random() % std::size(kLimits)];
        if (character >= 0xD800 && character < 0xE000)
            continue;
        appendUtf8(character, text);
        --characters;
    }
    return text;
}

/// The definition of byte pair encoding, step by step.
Ids mergeSlowly(const std::string& word, const TokenizerDescription& description)
{
    std::map<std::string, int32_t> ids(description.vocabulary.begin(),
                                       description.vocabulary.end());
    std::map<std::pair<std::string, std::string>, std::size_t> ranks;
    for (std::size_t rank = 0; rank < description.merges.size(); ++rank)
        ranks[description.merges[rank]] = rank;

    std::vector<std::string> tokens;
    for (const char byte : word)
        tokens.push_back(writeBytes(std::string(1, byte)));
    for (;;) {
        std::size_t best = tokens.size();
        std::size_t bestRank = ranks.size();
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            const auto rank = ranks.find({tokens[i], tokens[i + 1]});
            if (rank != ranks.end() && rank->second < bestRank) {
                best = i;
                bestRank = rank->second;
            }
        }
        if (best == tokens.size())
            break;
        tokens[best] += tokens[best + 1];
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
    Ids result;
    for (const std::string& token : tokens)
        result.push_back(ids.at(token));
    return result;
}

} // namespace

class TestTokenizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void encodesAsPublished_data() { addFixtureRows(".jsonl"); }
    void encodesAsPublished();
    void decodesAsPublished_data() { addFixtureRows(".decode.jsonl"); }
    void decodesAsPublished();
    void countsTokensOfCorpora_data();
    void countsTokensOfCorpora();
    void knowsPublishedSizes();
    void survivesSaving_data();
    void survivesSaving();
    void refusesDamagedFiles_data();
    void refusesDamagedFiles();
    void refusesUnsupportedParts_data();
    void refusesUnsupportedParts();
    void acceptsHarmlessParts_data();
    void acceptsHarmlessParts();
    void refusesContradictions_data();
    void refusesContradictions();
    void saysWhatIsMissing();
    void namesTheLineOfABadMerge();
    void keepsEveryByte();
    void keepsEveryCharacter();
    void mergesByDefinition();
    void mergesLongWordsQuickly();
    void takesTheLongestAddedToken();
    void normalizesBeforeSplitting();
    void replacesBytesWithoutToken();
    void addsPrefixSpace();
    void takesWholeWordsWhereMergesAreIgnored();
    void usesItsOwnSplitPattern();
    void checksIds();
    void encodesInManyThreads();
    void streamsWholeCharacters_data() { addFixtureRows(".decode.jsonl"); }
    void streamsWholeCharacters();
    void streamsRandomBytes();
};

void TestTokenizer::encodesAsPublished()
{
    QFETCH(QString, tokenizer);
    QFETCH(QString, line);
    const auto subject = published(tokenizer.toStdString());
    if (!subject)
        QSKIP("the published tokenizers are not on this machine");
    const Json expected = Json::parse(line.toStdString());
    const auto ids = subject->encode(expected.at("text").get<std::string>());
    QCOMPARE(Json(ids).dump(), expected.at("ids").dump());
    QCOMPARE(subject->decode(ids), expected.at("decoded").get<std::string>());
    QCOMPARE(subject->decode(ids, true), expected.at("decoded_skip_special").get<std::string>());
}

void TestTokenizer::decodesAsPublished()
{
    QFETCH(QString, tokenizer);
    QFETCH(QString, line);
    const auto subject = published(tokenizer.toStdString());
    if (!subject)
        QSKIP("the published tokenizers are not on this machine");
    const Json expected = Json::parse(line.toStdString());
    const auto ids = expected.at("ids").get<Ids>();
    QCOMPARE(subject->decode(ids), expected.at("decoded").get<std::string>());
    QCOMPARE(subject->decode(ids, true), expected.at("decoded_skip_special").get<std::string>());
}

void TestTokenizer::countsTokensOfCorpora_data()
{
    QTest::addColumn<QString>("tokenizer");
    QTest::addColumn<QString>("file");
    QTest::addColumn<qsizetype>("count");
    const Json counts = Json::parse(test::readFile(dataPath("tokenization/token_counts.json")));
    for (const auto& [file, row] : counts.items())
        for (const std::string name : kPublished)
            QTest::newRow((name + " " + file).c_str())
                << QString::fromStdString(name) << QString::fromStdString(file)
                << row.at(name).get<qsizetype>();
}

void TestTokenizer::countsTokensOfCorpora()
{
    QFETCH(QString, tokenizer);
    QFETCH(QString, file);
    QFETCH(qsizetype, count);
    const auto subject = published(tokenizer.toStdString());
    const auto path = test::sharedDataPath(file.toStdString());
    if (!subject || !std::filesystem::exists(path))
        QSKIP("the published tokenizers and corpora are not on this machine");
    const std::string text = test::readFile(path);
    const auto ids = subject->encode(text);
    QCOMPARE(static_cast<qsizetype>(ids.size()), count);
    QVERIFY(subject->decode(ids) == text);
}

void TestTokenizer::knowsPublishedSizes()
{
    const auto neox = published("gpt-neox-20b");
    const auto gpt2 = published("gpt2");
    if (!neox || !gpt2)
        QSKIP("the published tokenizers are not on this machine");
    QCOMPARE(neox->size(), 50277);
    QCOMPARE(neox->endOfTextId().value_or(-1), 0);
    QCOMPARE(neox->tokenBytes(50276), std::string(2, ' '));
    QVERIFY(neox->isSpecial(1));
    QVERIFY(!neox->isSpecial(50276));
    QCOMPARE(gpt2->size(), 50257);
    QCOMPARE(gpt2->endOfTextId().value_or(-1), 50256);
    QVERIFY(neox->fingerprint() != gpt2->fingerprint());
    const auto byFile = Tokenizer::load(publishedPath("gpt2") / "merges.txt");
    QCOMPARE(byFile->fingerprint(), gpt2->fingerprint());
}

void TestTokenizer::survivesSaving_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("good") << QStringLiteral("good");
    for (const char* name : kPublished)
        QTest::newRow(name) << QString::fromLatin1(name);
}

void TestTokenizer::survivesSaving()
{
    QFETCH(QString, name);
    const auto original =
        name == QStringLiteral("good") ? goodTokenizer() : published(name.toStdString());
    if (!original)
        QSKIP("the published tokenizers are not on this machine");
    const TemporaryFolder folder;
    original->save(folder / "tokenizer.json");
    const auto loaded = Tokenizer::load(folder.path());
    QCOMPARE(loaded->fingerprint(), original->fingerprint());
    std::mt19937 random(1);
    for (int i = 0; i < 200; ++i) {
        const std::string text = randomUnicode(random, 40) + "  <|endoftext|>";
        QVERIFY(loaded->encode(text) == original->encode(text));
    }
    for (int32_t id = 0; id < original->size(); ++id)
        QVERIFY(loaded->tokenBytes(id) == original->tokenBytes(id));
}

void TestTokenizer::refusesDamagedFiles_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("hint");
    QTest::newRow("cut") << QStringLiteral("32-tok-truncated") << QStringLiteral("not valid JSON");
    QTest::newRow("merge") << QStringLiteral("33-tok-merge-unknown") << QStringLiteral("zzzz");
    QTest::newRow("wordpiece") << QStringLiteral("34-tok-wordpiece") << QStringLiteral("WordPiece");
}

void TestTokenizer::refusesDamagedFiles()
{
    QFETCH(QString, folder);
    QFETCH(QString, hint);
    const auto path = dataPath("tokenization/" + folder.toStdString());
    const auto error = errorOf([&] { Tokenizer::load(path); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.contains(QStringLiteral("tokenizer.json")), error->what());
    QVERIFY2(message.contains(hint), error->what());
    QVERIFY(!error->remedy().empty());
}

void TestTokenizer::refusesUnsupportedParts_data()
{
    QTest::addColumn<QString>("patch"); // a JSON merge patch for the good tokenizer
    QTest::addColumn<QString>("named");
    const auto row = [](const char* name, const char* patch, const char* named) {
        QTest::newRow(name) << QString::fromLatin1(patch) << QString::fromLatin1(named);
    };
    row("unigram", R"({"model": {"type": "Unigram"}})", "Unigram");
    row("dropout", R"({"model": {"dropout": 0.1}})", "dropout");
    row("subword prefix", R"({"model": {"continuing_subword_prefix": "##"}})",
        "continuing_subword_prefix");
    row("word suffix", R"({"model": {"end_of_word_suffix": "</w>"}})", "end_of_word_suffix");
    row("byte fallback", R"({"model": {"byte_fallback": true}})", "byte_fallback");
    row("vocabulary is a list", R"({"model": {"vocab": []}})", "vocab");
    row("merges are missing", R"({"model": {"merges": null}})", "merges");
    row("merge of three", R"({"model": {"merges": ["a b c"]}})", "merge 0");
    row("merge of one", R"({"model": {"merges": [["a"]]}})", "merge 0");
    row("no model", R"({"model": null})", "model");
    row("lower case", R"({"normalizer": {"type": "Lowercase"}})", "Lowercase");
    row("lower case in a sequence",
        R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
            {"type": "Lowercase"}]}})",
        "Lowercase");
    row("whitespace", R"({"pre_tokenizer": {"type": "Whitespace"}})", "Whitespace");
    row("no pre-tokenizer", R"({"pre_tokenizer": null})", "pre_tokenizer");
    row("digits",
        R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits"},
            {"type": "ByteLevel"}]}})",
        "Digits");
    row("split that removes",
        R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern":
            {"Regex": "a"}, "behavior": "Removed"}, {"type": "ByteLevel", "use_regex": false,
            "add_prefix_space": false}]}})",
        "Removed");
    row("bad pattern",
        R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern":
            {"Regex": "("}, "behavior": "Isolated"}, {"type": "ByteLevel", "use_regex": false,
            "add_prefix_space": false}]}})",
        "regular expression");
    row("template with tokens",
        R"({"post_processor": {"type": "TemplateProcessing", "single":
            [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}]}})",
        "TemplateProcessing");
    row("metaspace", R"({"decoder": {"type": "Metaspace"}})", "Metaspace");
    row("single word",
        R"({"added_tokens": [{"id": 0, "content": "<|endoftext|>", "single_word": true}]})",
        "single_word");
    row("stripping", R"({"added_tokens": [{"id": 0, "content": "<|endoftext|>", "lstrip": true}]})",
        "lstrip");
    row("added tokens are text", R"({"added_tokens": "x"})", "added_tokens");
    row("id is text", R"({"added_tokens": [{"id": "0", "content": "<|endoftext|>"}]})", "id");
    row("id is negative", R"({"model": {"vocab": {"a": -1}}})", "id");
    row("id is huge", R"({"model": {"vocab": {"zz": 2000000000}}})", "2000000000");
    row("id is too large for 32 bits", R"({"model": {"vocab": {"zz": 4294967296}}})", "id");
    row("id is a fraction", R"({"model": {"vocab": {"zz": 1.5}}})", "id");
}

void TestTokenizer::refusesUnsupportedParts()
{
    QFETCH(QString, patch);
    QFETCH(QString, named);
    Json json = goodJson();
    json.merge_patch(Json::parse(patch.toStdString()));
    const TemporaryFolder folder;
    test::writeFile(folder / "tokenizer.json", json.dump());
    const auto error = errorOf([&] { Tokenizer::load(folder.path()); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY2(QString::fromUtf8(error->what()).contains(named), error->what());
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("tokenizer.json")),
             error->what());
    QVERIFY(!error->remedy().empty());
}

void TestTokenizer::acceptsHarmlessParts_data()
{
    QTest::addColumn<QString>("patch");
    const auto row = [](const char* name, const char* patch) {
        QTest::newRow(name) << QString::fromLatin1(patch);
    };
    row("padding", R"({"padding": {"strategy": "BatchLongest"}, "truncation": {"max_length": 4}})");
    row("empty affixes",
        R"({"model": {"continuing_subword_prefix": "", "end_of_word_suffix": ""}})");
    row("no type", R"({"model": {"type": null}})");
    row("empty normalizer", R"({"normalizer": {"type": "Sequence", "normalizers": []}})");
    row("template of the text alone",
        R"({"post_processor": {"type": "TemplateProcessing", "single":
            [{"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {}}})");
    row("offsets", R"({"post_processor": {"type": "ByteLevel", "trim_offsets": false}})");
    row("no decoder", R"({"decoder": null})");
}

void TestTokenizer::acceptsHarmlessParts()
{
    QFETCH(QString, patch);
    Json json = goodJson();
    json.merge_patch(Json::parse(patch.toStdString()));
    const TemporaryFolder folder;
    test::writeFile(folder / "tokenizer.json", json.dump());
    QCOMPARE(Tokenizer::load(folder.path())->fingerprint(), goodTokenizer()->fingerprint());
}

void TestTokenizer::refusesContradictions_data()
{
    QTest::addColumn<QString>("change");
    for (const char* change :
         {"two tokens, one id", "added token, other id", "added token, taken id",
          "a byte is missing", "empty token", "empty added token", "no tokens"})
        QTest::newRow(change) << QString::fromLatin1(change);
}

void TestTokenizer::refusesContradictions()
{
    QFETCH(QString, change);
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    auto& vocabulary = description.vocabulary;
    if (change == QStringLiteral("two tokens, one id"))
        vocabulary.emplace_back("zzzzz", vocabulary.front().second);
    else if (change == QStringLiteral("added token, other id"))
        description.addedTokens.front().id = 1;
    else if (change == QStringLiteral("added token, taken id"))
        description.addedTokens.push_back({5, "<new>", true, false});
    else if (change == QStringLiteral("a byte is missing"))
        std::erase_if(vocabulary, [](const auto& entry) { return entry.first == "q"; });
    else if (change == QStringLiteral("empty token"))
        vocabulary.emplace_back("", 400);
    else if (change == QStringLiteral("empty added token"))
        description.addedTokens.push_back({400, "", true, false});
    else
        vocabulary.clear();
    const auto error = errorOf([&] { Tokenizer::fromDescription(description, "The test"); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY2(QString::fromUtf8(error->what()).startsWith(QStringLiteral("The test: ")),
             error->what());
}

void TestTokenizer::saysWhatIsMissing()
{
    const TemporaryFolder folder;
    for (const auto& path : {folder.path(), folder / "tokenizer.json", folder / "vocab.json"}) {
        const auto error = errorOf([&] { Tokenizer::load(path); });
        QVERIFY(error);
        QCOMPARE(error->kind(), ErrorKind::File);
        QVERIFY(!error->remedy().empty());
    }
    // Nesting, numbers and a stand-in for the file are refused with their own reason.
    test::writeFile(folder / "huge.json", "{\"version\": 1e999}");
    const auto huge = errorOf([&] { Tokenizer::load(folder / "huge.json"); });
    QVERIFY(huge && QString::fromUtf8(huge->what()).contains(QStringLiteral("a number")));
    test::writeFile(folder / "deep.json", std::string(100'000, '['));
    const auto deep = errorOf([&] { Tokenizer::load(folder / "deep.json"); });
    QVERIFY(deep && QString::fromUtf8(deep->what()).contains(QStringLiteral("nested")));
    test::writeFile(folder / "lfs.json", "version https://git-lfs.github.com/spec/v1\n");
    const auto lfs = errorOf([&] { Tokenizer::load(folder / "lfs.json"); });
    QVERIFY(lfs && QString::fromUtf8(lfs->what()).contains(QStringLiteral("LFS")));
}

void TestTokenizer::namesTheLineOfABadMerge()
{
    const TemporaryFolder folder;
    test::writeFile(folder / "vocab.json", goodJson().at("model").at("vocab").dump());
    test::writeFile(folder / "merges.txt", "#version: 0.2\nh e\nt he x\n");
    const auto error = errorOf([&] { Tokenizer::load(folder.path()); });
    QVERIFY(error);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("line 3")), error->what());
    test::writeFile(folder / "merges.txt", "#version: 0.2\r\nh e\r\n\r\n");
    QCOMPARE(Tokenizer::load(folder.path())->encode("he").size(), std::size_t{1});
}

void TestTokenizer::keepsEveryByte()
{
    std::mt19937 random(2);
    std::vector subjects = {goodTokenizer()};
    if (const auto gpt2 = published("gpt2"))
        subjects.push_back(gpt2);
    for (const auto& subject : subjects) {
        for (int i = 0; i < 300; ++i) {
            const std::string bytes = randomBytes(random, random() % 200);
            std::string joined;
            for (const int32_t id : subject->encode(bytes))
                joined += subject->tokenBytes(id);
            QVERIFY(joined == bytes);
        }
    }
}

void TestTokenizer::keepsEveryCharacter()
{
    std::mt19937 random(3);
    for (int i = 0; i < 300; ++i) {
        const std::string text = randomUnicode(random, random() % 200);
        QVERIFY(goodTokenizer()->decode(goodTokenizer()->encode(text)) == text);
        if (const auto gpt2 = published("gpt2"))
            QVERIFY(gpt2->decode(gpt2->encode(text)) == text);
    }
}

void TestTokenizer::mergesByDefinition()
{
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    description.splitPattern.reset(); // a text is one word
    const auto subject = Tokenizer::fromDescription(description, "The test");
    std::mt19937 random(4);
    // Lengths around the change from the short to the long way of merging.
    for (const std::size_t length : {1U, 2U, 3U, 30U, 31U, 63U, 64U, 65U, 66U, 200U, 997U}) {
        for (int i = 0; i < 20; ++i) {
            std::string word(length, ' ');
            for (char& letter : word)
                letter = " theinaors"[random() % 10];
            QVERIFY(subject->encode(word) == mergeSlowly(word, description));
        }
    }
}

void TestTokenizer::mergesLongWordsQuickly()
{
    // Quadratic merging of these would outlast the test's time limit by far.
    std::string word;
    for (int i = 0; i < 500'000; ++i)
        word += "the";
    const auto ids = goodTokenizer()->encode(word);
    QVERIFY(goodTokenizer()->decode(ids) == word);
}

void TestTokenizer::takesTheLongestAddedToken()
{
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    const int32_t first = goodTokenizer()->size();
    description.addedTokens.push_back({first, "<a>", true, false});
    description.addedTokens.push_back({first + 1, "<a><b>", false, false});
    description.addedTokens.push_back({first + 2, "><", false, true});
    const auto subject = Tokenizer::fromDescription(description, "The test");
    QCOMPARE(subject->encode("<a>"), (Ids{first}));
    QCOMPARE(subject->encode("<a><b>"), (Ids{first + 1}));
    QCOMPARE(subject->encode("<a><a><b>"), (Ids{first, first + 1}));
    // Raw tokens are found first, even where a normalised one begins before.
    QCOMPARE(subject->encode("<a><").front(), first);
    QCOMPARE(subject->encode("><a>").back(), first);
    QCOMPARE(subject->encode("><"), (Ids{first + 2}));
    QCOMPARE(subject->decode(Ids{first, first + 1}, true), std::string("<a><b>"));
}

void TestTokenizer::normalizesBeforeSplitting()
{
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    description.normalizesNfc = true;
    const auto subject = Tokenizer::fromDescription(description, "The test");
    const std::string decomposed = "e\xCC\x81"; // e, combining acute accent
    QCOMPARE(subject->decode(subject->encode(decomposed)), std::string("\xC3\xA9"));
    QCOMPARE(goodTokenizer()->decode(goodTokenizer()->encode(decomposed)), decomposed);
    // Broken bytes neither stop the normalisation nor get lost.
    const std::string broken = "\xFF" + decomposed + "\xC3";
    std::string joined;
    for (const int32_t id : subject->encode(broken))
        joined += subject->tokenBytes(id);
    QCOMPARE(joined, std::string("\xFF\xC3\xA9\xC3"));
}

void TestTokenizer::replacesBytesWithoutToken()
{
    const auto neox = published("gpt-neox-20b");
    if (!neox)
        QSKIP("the published tokenizers are not on this machine");
    QVERIFY(neox->encode("a\xFF!") == neox->encode("a\xEF\xBF\xBD!"));
}

void TestTokenizer::addsPrefixSpace()
{
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    description.addsPrefixSpace = true;
    const auto subject = Tokenizer::fromDescription(description, "The test");
    QVERIFY(subject->encode("the") == goodTokenizer()->encode(" the"));
    QVERIFY(subject->encode(" the") == goodTokenizer()->encode(" the"));
    QVERIFY(subject->encode("").empty());
    QVERIFY(subject->fingerprint() != goodTokenizer()->fingerprint());
}

void TestTokenizer::takesWholeWordsWhereMergesAreIgnored()
{
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    const int32_t id = goodTokenizer()->size();
    description.vocabulary.emplace_back("xyzzy", id); // no merge makes it
    QVERIFY(Tokenizer::fromDescription(description, "The test")->encode("xyzzy").size() > 1);
    description.ignoresMerges = true;
    const auto subject = Tokenizer::fromDescription(description, "The test");
    QCOMPARE(subject->encode("xyzzy"), (Ids{id}));
    QVERIFY(subject->encode("xyzzyx").size() > 1);
}

void TestTokenizer::usesItsOwnSplitPattern()
{
    auto description = readTokenizerJson(goodPath() / "tokenizer.json");
    description.splitPattern = "h"; // what lies between matches is a word too
    const TemporaryFolder folder;
    Tokenizer::fromDescription(description, "The test")->save(folder / "tokenizer.json");
    const auto subject = Tokenizer::load(folder.path());
    Ids expected;
    description.splitPattern.reset();
    const auto plain = Tokenizer::fromDescription(description, "The test");
    for (const std::string word : {"t", "h", "ee t", "h", "e", "\xFF"})
        plain->encode(word, expected);
    QCOMPARE(subject->encode("thee the\xFF"), expected);
}

void TestTokenizer::checksIds()
{
    for (const int32_t id : {-1, goodTokenizer()->size(), INT32_MAX, INT32_MIN}) {
        QVERIFY(errorOf([&] { goodTokenizer()->tokenBytes(id); }));
        QVERIFY(errorOf([&] { goodTokenizer()->decode(Ids{id}); }));
        const auto error = errorOf([&] { StreamDecoder(goodTokenizer()).push(id); });
        QVERIFY(error);
        QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
    }
}

void TestTokenizer::encodesInManyThreads()
{
    auto otherDescription = readTokenizerJson(goodPath() / "tokenizer.json");
    otherDescription.merges.resize(3);
    const auto other = Tokenizer::fromDescription(otherDescription, "The test");
    const std::string text = "the time the thing is in the house, and then the others";
    const auto expected = goodTokenizer()->encode(text);
    const auto expectedOther = other->encode(text);
    QVERIFY(expected != expectedOther);
    // The threads' word caches must not mix up two tokenizers.
    std::vector<int> failures(4, 0);
    std::vector<std::thread> threads;
    for (int& failureCount : failures)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                failureCount += goodTokenizer()->encode(text) != expected;
                failureCount += other->encode(text) != expectedOther;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    QCOMPARE(failures, std::vector<int>(4, 0));
}

void TestTokenizer::streamsWholeCharacters()
{
    QFETCH(QString, tokenizer);
    QFETCH(QString, line);
    const auto subject = published(tokenizer.toStdString());
    if (!subject)
        QSKIP("the published tokenizers are not on this machine");
    const Json expected = Json::parse(line.toStdString());
    StreamDecoder decoder(subject);
    std::string text;
    for (const int32_t id : expected.at("ids").get<Ids>()) {
        const std::string piece = decoder.push(id);
        QVERIFY(QString::fromStdString(piece).toStdString() == piece); // valid by itself
        text += piece;
    }
    text += decoder.finish();
    QCOMPARE(text, expected.at("decoded").get<std::string>());
}

void TestTokenizer::streamsRandomBytes()
{
    std::mt19937 random(5);
    StreamDecoder decoder(goodTokenizer());
    for (int i = 0; i < 500; ++i) {
        const auto ids =
            goodTokenizer()->encode(randomBytes(random, 12) + randomUnicode(random, 4));
        std::string text;
        for (const int32_t id : ids)
            text += decoder.push(id);
        text += decoder.finish();
        QVERIFY(text == goodTokenizer()->decode(ids));
    }
    StreamDecoder skipping(goodTokenizer(), true);
    QCOMPARE(skipping.push(*goodTokenizer()->endOfTextId()), std::string());
}

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
