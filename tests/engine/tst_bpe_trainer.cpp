#include "engine/text/bpe_trainer.h"

#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/story_generator.h"
#include "engine/text/tokenizer_description.h"
#include "tests/support/error_check.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <map>
#include <random>

using namespace samba;
using samba::test::errorOf;
using samba::test::TemporaryFolder;

namespace {

using Merges = std::vector<std::pair<std::string, std::string>>;

BpeTrainerOptions options(int32_t merges, int64_t minFrequency = 2)
{
    BpeTrainerOptions result;
    result.vocabSize = 257 + merges;
    result.minFrequency = minFrequency;
    return result;
}

/// What a tokenizer's file says.
TokenizerDescription describe(const Tokenizer& tokenizer)
{
    const TemporaryFolder folder;
    tokenizer.save(folder / "tokenizer.json");
    return readTokenizerJson(folder / "tokenizer.json");
}

std::vector<std::string> stories(uint64_t count)
{
    std::vector<std::string> texts;
    for (uint64_t index = 0; index < count; ++index)
        texts.push_back(storyText(index, StorySplit::Train));
    return texts;
}

/// The algorithm without any bookkeeping: all pairs are counted anew for every merge.
Merges trainSlowly(const std::vector<std::string>& texts, int32_t wanted, int64_t minFrequency)
{
    std::map<std::string, int64_t> counts;
    const auto splitter = makeGpt2Splitter();
    for (const std::string& text : texts)
        splitter->split(text, [&counts](std::string_view word) { ++counts[std::string(word)]; });

    std::vector<std::string> tokens = {"<|endoftext|>"};
    std::map<std::string, int32_t> ids = {{tokens[0], 0}};
    const auto idOf = [&](const std::string& token) {
        const auto [found, isNew] = ids.emplace(token, static_cast<int32_t>(tokens.size()));
        if (isNew)
            tokens.push_back(token);
        return found->second;
    };
    for (const uint8_t byte : bytesInCharacterOrder())
        idOf(writeBytes(std::string(1, static_cast<char>(byte))));

    std::vector<std::pair<std::vector<int32_t>, int64_t>> words;
    for (const auto& [word, count] : counts) {
        words.emplace_back(std::vector<int32_t>(), count);
        for (const char byte : word)
            words.back().first.push_back(idOf(writeBytes(std::string(1, byte))));
    }
    Merges merges;
    while (static_cast<int32_t>(tokens.size()) < wanted) {
        std::map<std::pair<int32_t, int32_t>, int64_t> pairs;
        for (const auto& [word, count] : words)
            for (std::size_t i = 0; i + 1 < word.size(); ++i)
                pairs[{word[i], word[i + 1]}] += count;
        auto best = pairs.end();
        for (auto pair = pairs.begin(); pair != pairs.end(); ++pair)
            if (best == pairs.end() || pair->second > best->second)
                best = pair; // in the order of ids, so that the first of equals stays
        if (best == pairs.end() || best->second < minFrequency)
            break;
        const auto [left, right] = best->first;
        merges.emplace_back(tokens[static_cast<std::size_t>(left)],
                            tokens[static_cast<std::size_t>(right)]);
        const int32_t merged = idOf(merges.back().first + merges.back().second);
        for (auto& [word, count] : words) {
            std::vector<int32_t> next;
            for (std::size_t i = 0; i < word.size(); ++i) {
                const bool isPair = i + 1 < word.size() && word[i] == left && word[i + 1] == right;
                next.push_back(isPair ? merged : word[i]);
                i += isPair;
            }
            word = next;
        }
    }
    return merges;
}

} // namespace

class TestBpeTrainer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void learnsTheWorkedExample();
    void breaksTiesByIds();
    void countsOverlappingPairs();
    void equalsTheDefinition();
    void doesNotDependOnOrder();
    void stopsAtTheLeastFrequency();
    void laysOutTheVocabulary();
    void separatesAtSpecialTokens();
    void roundTripsAfterTraining();
    void stopsWhenAsked();
    void refusesImpossibleOptions_data();
    void refusesImpossibleOptions();
    void refusesNoText();
};

void TestBpeTrainer::learnsTheWorkedExample()
{
    // Word counts: low 5, lower 2, newest 6, widest 3 (the example of Sennrich et al. 2016).
    // Pairs at first: es 9, st 9, we 8, ne 6, ew 6, lo 7, ow 7, ... The characters' ids follow the
    // alphabet, so (e,s) goes before (s,t).
    BpeTrainer trainer(options(6));
    const std::pair<const char*, int> counts[] = {
        {"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}};
    for (const auto& [word, count] : counts)
        for (int i = 0; i < count; ++i)
            trainer.add(word);
    const Merges expected = {{"e", "s"},  {"es", "t"}, {"l", "o"},
                             {"lo", "w"}, {"e", "w"},  {"n", "ew"}};
    QVERIFY(describe(*trainer.train()).merges == expected);
}

void TestBpeTrainer::breaksTiesByIds()
{
    BpeTrainer trainer(options(3));
    for (const char* word : {"zy", "zy", "ba", "ba", "bc", "bc"})
        trainer.add(word);
    QVERIFY(describe(*trainer.train()).merges == (Merges{{"b", "a"}, {"b", "c"}, {"z", "y"}}));
}

void TestBpeTrainer::countsOverlappingPairs()
{
    // "aaaaa" holds (a,a) four times; merged from the left it is aa aa a.
    BpeTrainer trainer(options(3, 1));
    trainer.add("aaaaa");
    QVERIFY(describe(*trainer.train()).merges == (Merges{{"a", "a"}, {"aa", "a"}, {"aa", "aaa"}}));
}

void TestBpeTrainer::equalsTheDefinition()
{
    std::mt19937 random(8);
    for (int round = 0; round < 20; ++round) {
        // Few letters make many overlaps, ties and tokens that are spelled in two ways.
        std::vector<std::string> texts(30);
        for (std::string& text : texts)
            for (std::size_t length = random() % 40; length > 0; --length)
                text += "aaab c"[random() % 6];
        texts.push_back("a");
        BpeTrainer trainer(options(60));
        for (const std::string& text : texts)
            trainer.add(text);
        const Merges expected = trainSlowly(texts, options(60).vocabSize, 2);
        QVERIFY(describe(*trainer.train()).merges == expected);
    }
    const auto texts = stories(20);
    BpeTrainer trainer(options(200));
    for (const std::string& text : texts)
        trainer.add(text);
    QVERIFY(describe(*trainer.train()).merges == trainSlowly(texts, options(200).vocabSize, 2));
}

void TestBpeTrainer::doesNotDependOnOrder()
{
    auto texts = stories(50);
    BpeTrainer forward(options(300));
    for (const std::string& text : texts)
        forward.add(text);
    std::reverse(texts.begin(), texts.end());
    BpeTrainer backward(options(300));
    for (const std::string& text : texts)
        backward.add(text);
    const auto tokenizer = forward.train();
    QCOMPARE(tokenizer->size(), 557);
    QCOMPARE(backward.train()->fingerprint(), tokenizer->fingerprint());
    QCOMPARE(forward.train()->fingerprint(), tokenizer->fingerprint());
}

void TestBpeTrainer::stopsAtTheLeastFrequency()
{
    BpeTrainer trainer(options(100, 3));
    for (const char* word : {"ab", "ab", "ab", "cd", "cd"})
        trainer.add(word);
    const auto tokenizer = trainer.train();
    QCOMPARE(tokenizer->size(), 258);
    QVERIFY(describe(*tokenizer).merges == (Merges{{"a", "b"}}));
}

void TestBpeTrainer::laysOutTheVocabulary()
{
    BpeTrainerOptions two = options(1);
    two.specialTokens = {"<|endoftext|>", "<|pad|>"};
    two.vocabSize = 259;
    BpeTrainer trainer(two);
    trainer.add("abab");
    const auto tokenizer = trainer.train();
    QCOMPARE(tokenizer->size(), 259);
    QCOMPARE(tokenizer->tokenBytes(0), std::string("<|endoftext|>"));
    QCOMPARE(tokenizer->tokenBytes(1), std::string("<|pad|>"));
    QVERIFY(tokenizer->isSpecial(0) && tokenizer->isSpecial(1) && !tokenizer->isSpecial(2));
    QCOMPARE(tokenizer->endOfTextId().value_or(-1), 0);
    QCOMPARE(tokenizer->tokenBytes(2), std::string("!"));
    QCOMPARE(tokenizer->tokenBytes(257), std::string("\xAD"));
    QCOMPARE(tokenizer->tokenBytes(258), std::string("ab"));
    QCOMPARE(tokenizer->encode("<|pad|>ab<|endoftext|>"), (std::vector<int32_t>{1, 258, 0}));
}

void TestBpeTrainer::separatesAtSpecialTokens()
{
    BpeTrainer trainer(options(10, 1));
    trainer.add("a<|endoftext|>b<|endoftext|>");
    QCOMPARE(trainer.train()->size(), 257);
}

void TestBpeTrainer::roundTripsAfterTraining()
{
    BpeTrainer trainer(options(500));
    for (const std::string& text : stories(50))
        trainer.add(text);
    const auto tokenizer = trainer.train();
    for (uint64_t index = 50; index < 60; ++index) {
        const std::string text = storyText(index, StorySplit::Train);
        const auto ids = tokenizer->encode(text);
        QCOMPARE(tokenizer->decode(ids), text);
        QVERIFY(ids.size() < text.size() / 2);
    }
}

void TestBpeTrainer::stopsWhenAsked()
{
    BpeTrainer trainer(options(100, 1));
    trainer.add("some words that have pairs");
    int calls = 0;
    const auto tokenizer = trainer.train([&calls](int32_t made, int32_t wanted) {
        return wanted == 357 && made == 257 + calls++ && calls < 4;
    });
    QVERIFY(!tokenizer);
    QCOMPARE(calls, 4);
}

void TestBpeTrainer::refusesImpossibleOptions_data()
{
    QTest::addColumn<int>("vocabSize");
    QTest::addColumn<QStringList>("specialTokens");
    const QString end = QStringLiteral("<|endoftext|>");
    QTest::newRow("no room for the bytes") << 256 << QStringList{end};
    QTest::newRow("negative") << -1 << QStringList{end};
    QTest::newRow("empty token") << 4096 << QStringList{QString()};
    QTest::newRow("token twice") << 4096 << QStringList{end, end};
    QTest::newRow("a byte's token") << 4096 << QStringList{QStringLiteral("a")};
}

void TestBpeTrainer::refusesImpossibleOptions()
{
    QFETCH(int, vocabSize);
    QFETCH(QStringList, specialTokens);
    BpeTrainerOptions impossible;
    impossible.vocabSize = vocabSize;
    impossible.specialTokens.clear();
    for (const QString& token : specialTokens)
        impossible.specialTokens.push_back(token.toStdString());
    const auto error = errorOf([&] { BpeTrainer trainer(impossible); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
}

void TestBpeTrainer::refusesNoText()
{
    BpeTrainer trainer;
    trainer.add("");
    QVERIFY(errorOf([&] { trainer.train(); }));
}

QTEST_GUILESS_MAIN(TestBpeTrainer)
#include "tst_bpe_trainer.moc"
