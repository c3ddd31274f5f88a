#include "engine/text/text_splitter.h"

#include "engine/api/error.h"
#include "engine/text/utf8.h"
#include "tests/support/error_check.h"

#include <QTest>

#include <random>
#include <vector>

using namespace samba;

namespace {

using Words = std::vector<std::string>;

Words split(const TextSplitter& splitter, const std::string& text)
{
    Words words;
    splitter.split(text, [&words](std::string_view word) { words.emplace_back(word); });
    return words;
}

/// GPT-2's pattern with its white space spelled out. PCRE2 counts U+180E as a space, Unicode since
/// 6.3 and the published tokenizers do not; apart from it the two agree.
std::string patternWithUnicodeSpaces()
{
    const std::string spaces = R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028})"
                               R"(\x{2029}\x{202F}\x{205F}\x{3000})";
    return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^)" + spaces + R"(\p{L}\p{N}]+|[)" +
           spaces + R"(]+(?![^)" + spaces + R"(])|[)" + spaces + "]+";
}

} // namespace

class TestTokenizerSplitter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void splitsLikeGpt2_data();
    void splitsLikeGpt2();
    void equalsThePatternForEveryCharacter();
    void equalsThePatternForRandomText();
    void keepsBrokenBytes();
    void ignoresEmptyMatches();
    void stopsRunawayPatterns();
};

void TestTokenizerSplitter::splitsLikeGpt2_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("words");
    const auto row = [](const char* name, const char* text, const QStringList& words) {
        QTest::newRow(name) << QString::fromUtf8(text) << words;
    };
    const auto q = [](const char* text) { return QString::fromUtf8(text); };
    row("empty", "", {});
    row("words", "Hello world", {q("Hello"), q(" world")});
    row("contractions", "I'm you'll can't're",
        {q("I"), q("'m"), q(" you"), q("'ll"), q(" can"), q("'t"), q("'re")});
    row("capital contraction", "I'M", {q("I"), q("'"), q("M")});
    row("quotes", " ''s", {q(" ''"), q("s")});
    row("lone quote at the end", "a'", {q("a"), q("'")});
    row("half a contraction", "a'r", {q("a"), q("'"), q("r")});
    row("digits and letters", "a1 b22", {q("a"), q("1"), q(" b"), q("22")});
    row("two blanks", "a  b", {q("a"), q(" "), q(" b")});
    row("blanks at the end", "a   ", {q("a"), q("   ")});
    row("blank alone", " ", {q(" ")});
    row("line end", "a\nb", {q("a"), q("\n"), q("b")});
    row("line ends", "a\n\n\nb", {q("a"), q("\n\n"), q("\n"), q("b")});
    row("blank after line end", "a\n b", {q("a"), q("\n"), q(" b")});
    row("hard blank", "a\u00a0b", {q("a"), q("\u00a0"), q("b")});
    row("blank before hard blank", "a \u00a0b", {q("a"), q(" "), q("\u00a0"), q("b")});
    row("other script", "\u65e5\u672c \u0663\u00b2", {q("\u65e5\u672c"), q(" \u0663\u00b2")});
}

void TestTokenizerSplitter::splitsLikeGpt2()
{
    QFETCH(QString, text);
    QFETCH(QStringList, words);
    QStringList result;
    for (const std::string& word : split(*makeGpt2Splitter(), text.toStdString()))
        result.append(QString::fromStdString(word));
    QCOMPARE(result, words);
}

void TestTokenizerSplitter::equalsThePatternForEveryCharacter()
{
    const auto byHand = makeGpt2Splitter();
    const auto byPattern = makePatternSplitter(patternWithUnicodeSpaces(), "The test");
    // Where PCRE2 is older than ICU it does not know the newest characters.
    const auto unassigned = makePatternSplitter("\\p{Cn}", "The test");
    int compared = 0;
    for (char32_t character = 1; character < 0x110000; ++character) {
        if (character >= 0xD800 && character < 0xE000)
            continue;
        std::string text = "a";
        appendUtf8(character, text);
        if (split(*unassigned, text).size() > 1)
            continue;
        text += "1 ";
        appendUtf8(character, text);
        appendUtf8(character, text);
        text += " '";
        appendUtf8(character, text);
        if (split(*byHand, text) != split(*byPattern, text))
            QFAIL(qPrintable(QStringLiteral("U+%1").arg(static_cast<uint>(character), 4, 16)));
        ++compared;
    }
    QVERIFY(compared > 280'000); // of 1.1 million, private use included
}

void TestTokenizerSplitter::equalsThePatternForRandomText()
{
    const auto byHand = makeGpt2Splitter();
    const auto byPattern = makePatternSplitter(patternWithUnicodeSpaces(), "The test");
    const std::vector<std::string> parts = {
        "a",  "Z",  "\u00e9", "\u4e2d", "7",          "\u00bd", "\u0966", " ",  " ",
        "\n", "\t", "\r",     "\u00a0", "\u2003",     "\u3000", "'",      "'s", "'ll",
        "'v", "'e", "!",      "\u2019", "\U0001f389", "\u0301", "\u200d", "_"};
    std::mt19937 random(6);
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t length = random() % 16; length > 0; --length)
            text += parts[random() % parts.size()];
        const Words words = split(*byHand, text);
        QVERIFY2(words == split(*byPattern, text), text.c_str());
        std::string joined;
        for (const std::string& word : words)
            joined += word;
        QCOMPARE(joined, text);
    }
}

void TestTokenizerSplitter::keepsBrokenBytes()
{
    std::mt19937 random(7);
    for (const auto& splitter :
         {makeGpt2Splitter(), makePatternSplitter(std::string(kGpt2SplitPattern), "The test"),
          makePatternSplitter("x", "The test")}) {
        for (int i = 0; i < 2'000; ++i) {
            std::string text(random() % 20, '\0');
            for (char& byte : text)
                byte = static_cast<char>(random() % 3 == 0 ? random() & 0xFF : 'a' + random() % 26);
            std::string joined;
            for (const std::string& word : split(*splitter, text)) {
                QVERIFY(!word.empty());
                joined += word;
            }
            QVERIFY(joined == text);
        }
    }
}

void TestTokenizerSplitter::ignoresEmptyMatches()
{
    QCOMPARE(split(*makePatternSplitter("b*", "The test"), "a\u00e9bbc"),
             (Words{"a\u00e9", "bb", "c"}));
}

void TestTokenizerSplitter::stopsRunawayPatterns()
{
    const auto runaway = makePatternSplitter("(a+)+$", "The test");
    const auto error = test::errorOf([&] { split(*runaway, std::string(40, 'a') + "b"); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    // A word longer than the just-in-time compiler's stack is no reason to give up.
    const std::string word(200'000, 'a');
    QCOMPARE(split(*makePatternSplitter("(?:a|b)+", "The test"), word), (Words{word}));
}

QTEST_GUILESS_MAIN(TestTokenizerSplitter)
#include "tst_tokenizer_splitter.moc"
