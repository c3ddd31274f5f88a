#include "engine/text/token_cache.h"

#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/document_readers.h"
#include "engine/text/token_cache_builder.h"
#include "engine/text/tokenizer_description.h"
#include "tests/support/documents.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <csignal>
#include <random>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace samba;
using samba::test::dataPath;
using samba::test::datasetOf;
using samba::test::errorOf;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

using Ids = std::vector<int32_t>;

std::shared_ptr<const Tokenizer> goodTokenizer()
{
    static const auto tokenizer = Tokenizer::load(dataPath("tokenization/00-good-tokenizer"));
    return tokenizer;
}

Ids idsOf(const TokenCache& cache)
{
    Ids ids;
    for (uint64_t i = 0; i < cache.size(); ++i)
        ids.push_back(cache.at(i));
    return ids;
}

int filesIn(const std::filesystem::path& folder)
{
    const std::filesystem::directory_iterator entries(folder);
    return static_cast<int>(std::distance(begin(entries), end(entries)));
}

/// Lines of words, some megabytes of them.
std::string longText(std::size_t size)
{
    std::mt19937 random(10);
    std::string text;
    while (text.size() < size) {
        text += "the thing in the house "[random() % 20];
        if (random() % 7 == 0)
            text += random() % 5 == 0 ? " \n\n" : "  ";
    }
    return text;
}

} // namespace

class TestTokenCache : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void joinsDocuments();
    void equalsTheTextEncodedWhole();
    void equalsPublishedCounts_data();
    void equalsPublishedCounts();
    void storesLargeIds();
    void isBuiltOnce();
    void isBuiltAnewAfter_data();
    void isBuiltAnewAfter();
    void replacesTheStaleFile();
    void stopsWhenAsked();
    void survivesAKilledBuilder();
    void survivesTwoBuilders();
    void refusesRangesBeyondTheEnd();
    void refusesDamagedIds();
    void reportsBadInput();
};

void TestTokenCache::joinsDocuments()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", "the house\n<|endoftext|>\n\u00e9\n<|endoftext|>\n");
    const auto cache = TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                        folder / "cache");
    Ids expected = goodTokenizer()->encode("the house");
    expected.push_back(*goodTokenizer()->endOfTextId());
    goodTokenizer()->encode("\u00e9", expected);
    expected.push_back(*goodTokenizer()->endOfTextId());
    QCOMPARE(idsOf(*cache), expected);
    QCOMPARE(cache->documentCount(), uint64_t{2});
    QCOMPARE(cache->byteCount(), uint64_t{11});
    std::vector<int64_t> copied(3);
    cache->copyTo(1, 3, copied.data());
    QVERIFY(std::equal(copied.begin(), copied.end(), expected.begin() + 1));
}

void TestTokenCache::equalsTheTextEncodedWhole()
{
    // Longer than a piece and than a part, so that cuts and several threads take part.
    const std::string text = longText(5 * TextReader::kPieceBytes);
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", text);
    const auto cache = TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                        folder / "cache");
    Ids expected = goodTokenizer()->encode(text);
    expected.push_back(*goodTokenizer()->endOfTextId());
    QVERIFY(idsOf(*cache) == expected);
    QCOMPARE(cache->byteCount(), text.size());
    QCOMPARE(cache->documentCount(), uint64_t{1});
}

void TestTokenCache::equalsPublishedCounts_data()
{
    QTest::addColumn<QString>("tokenizer");
    QTest::addColumn<qsizetype>("count");
    QTest::newRow("gpt-neox-20b") << QStringLiteral("gpt-neox-20b") << qsizetype{287159};
    QTest::newRow("gpt2") << QStringLiteral("gpt2") << qsizetype{286221};
}

void TestTokenCache::equalsPublishedCounts()
{
    QFETCH(QString, tokenizer);
    QFETCH(qsizetype, count);
    const auto path = test::sharedDataPath("tokenizers/" + tokenizer.toStdString());
    const auto corpus = test::sharedDataPath("wikitext-2-raw/wiki.test.raw");
    if (!std::filesystem::exists(path) || !std::filesystem::exists(corpus))
        QSKIP("the published tokenizers and corpora are not on this machine");
    const TemporaryFolder folder;
    const auto cache =
        TokenCache::open(datasetOf(corpus), Split::Train, Tokenizer::load(path), folder / "cache");
    QCOMPARE(static_cast<qsizetype>(cache->size()), count + 1); // and the end of the text
}

void TestTokenCache::storesLargeIds()
{
    auto description = readTokenizerJson(dataPath("tokenization/00-good-tokenizer/tokenizer.json"));
    // Entries that justify an id beyond 16 bits.
    for (int32_t id = 300; id < 70'000; ++id)
        description.vocabulary.emplace_back("<" + std::to_string(id) + ">", id);
    description.addedTokens.push_back({70'000, "<big>", false, false});
    const auto tokenizer = Tokenizer::fromDescription(description, "The test");
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", "the <big>");
    const auto cache =
        TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, tokenizer, folder / "cache");
    Ids expected = tokenizer->encode("the <big>");
    QCOMPARE(expected.back(), 70'000);
    expected.push_back(*tokenizer->endOfTextId());
    QCOMPARE(idsOf(*cache), expected);
}

void TestTokenCache::isBuiltOnce()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", longText(TextReader::kPieceBytes));
    int builds = 0;
    uint64_t lastDone = 0;
    const auto open = [&] {
        return TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                folder / "cache", [&](uint64_t done, uint64_t total) {
                                    builds += done == total;
                                    lastDone = done;
                                    return true;
                                });
    };
    const auto first = open();
    const int afterFirst = builds;
    QVERIFY(afterFirst >= 1);
    QCOMPARE(lastDone, std::filesystem::file_size(folder / "c.txt"));
    const auto second = open();
    QCOMPARE(builds, afterFirst);
    QCOMPARE(second->path(), first->path());
    QVERIFY(idsOf(*second) == idsOf(*first));
}

void TestTokenCache::isBuiltAnewAfter_data()
{
    QTest::addColumn<QString>("damage");
    for (const char* damage : {"edit", "cut", "cut to nothing", "longer", "header", "other file"})
        QTest::newRow(damage) << QString::fromLatin1(damage);
}

void TestTokenCache::isBuiltAnewAfter()
{
    QFETCH(QString, damage);
    const TemporaryFolder folder;
    const std::string text = "the house and the thing";
    writeFile(folder / "c.txt", text);
    const auto open = [&] {
        return TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                folder / "cache");
    };
    const auto path = open()->path();
    std::string bytes = test::readFile(path);
    std::string expectedText = text;
    if (damage == QStringLiteral("edit"))
        writeFile(folder / "c.txt", expectedText = "another text");
    else if (damage == QStringLiteral("cut"))
        writeFile(path, bytes.substr(0, bytes.size() - 2));
    else if (damage == QStringLiteral("cut to nothing"))
        writeFile(path, "");
    else if (damage == QStringLiteral("longer"))
        writeFile(path, bytes + "xx");
    else if (damage == QStringLiteral("header"))
        writeFile(path, bytes.replace(24, 1, 1, static_cast<char>(bytes[24] ^ 1)));
    else
        writeFile(path, std::string(1000, 'x'));
    const auto cache = open();
    Ids expected = goodTokenizer()->encode(expectedText);
    expected.push_back(*goodTokenizer()->endOfTextId());
    QCOMPARE(idsOf(*cache), expected);
}

void TestTokenCache::replacesTheStaleFile()
{
    const TemporaryFolder folder;
    const auto open = [&](const std::string& text, const std::shared_ptr<const Tokenizer>& with) {
        writeFile(folder / "c.txt", text);
        return TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, with, folder / "cache");
    };
    const auto first = open("one text", goodTokenizer());
    const auto second = open("another text", goodTokenizer());
    QCOMPARE(filesIn(folder / "cache"), 1);
    // The old one stays readable for those who have it.
    QVERIFY(idsOf(*first) != idsOf(*second));

    auto description = readTokenizerJson(dataPath("tokenization/00-good-tokenizer/tokenizer.json"));
    description.merges.clear();
    const auto third = open("another text", Tokenizer::fromDescription(description, "The test"));
    QCOMPARE(filesIn(folder / "cache"), 2);
    QVERIFY(third->size() > second->size());
}

void TestTokenCache::stopsWhenAsked()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", longText(5 * TextReader::kPieceBytes));
    int calls = 0;
    const auto open = [&](int allowed) {
        return TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                folder / "cache",
                                [&](uint64_t, uint64_t) { return ++calls <= allowed; });
    };
    QVERIFY(!open(1));
    QCOMPARE(calls, 2);
    QCOMPARE(filesIn(folder / "cache"), 0);
    QVERIFY(open(1000));
}

void TestTokenCache::survivesAKilledBuilder()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", longText(5 * TextReader::kPieceBytes));
    const auto open = [&](const TokenCache::Progress& progress) {
        return TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                folder / "cache", progress);
    };
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        open([](uint64_t, uint64_t) { return ::kill(::getpid(), SIGKILL) != 0; });
        ::_exit(1);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    QCOMPARE(filesIn(folder / "cache"), 1); // the unfinished file of the dead
    const auto cache = open({});
    QCOMPARE(filesIn(folder / "cache"), 1); // swept away, the cache in its place
    QCOMPARE(cache->byteCount(), std::filesystem::file_size(folder / "c.txt"));
}

void TestTokenCache::survivesTwoBuilders()
{
    const TemporaryFolder folder;
    const std::string text = longText(3 * TextReader::kPieceBytes);
    writeFile(folder / "c.txt", text);
    std::vector<std::shared_ptr<const TokenCache>> caches(2);
    std::vector<std::thread> threads;
    for (auto& cache : caches)
        threads.emplace_back([&] {
            cache = TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                     folder / "cache");
        });
    for (std::thread& thread : threads)
        thread.join();
    QCOMPARE(filesIn(folder / "cache"), 1);
    Ids expected = goodTokenizer()->encode(text);
    expected.push_back(*goodTokenizer()->endOfTextId());
    QVERIFY(idsOf(*caches[0]) == expected);
    QVERIFY(idsOf(*caches[1]) == expected);
}

void TestTokenCache::refusesRangesBeyondTheEnd()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", "the house");
    const auto cache = TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                        folder / "cache");
    std::vector<int64_t> out(cache->size() + 1);
    cache->copyTo(0, cache->size(), out.data());
    cache->copyTo(cache->size(), 0, out.data());
    const std::pair<uint64_t, uint64_t> ranges[] = {
        {0, cache->size() + 1}, {cache->size(), 1}, {cache->size() + 1, 0}, {1, UINT64_MAX}};
    for (const auto& [first, count] : ranges) {
        const auto error = errorOf([&] { cache->copyTo(first, count, out.data()); });
        QVERIFY(error);
        QCOMPARE(error->kind(), ErrorKind::InvalidArgument);
    }
}

void TestTokenCache::refusesDamagedIds()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.txt", "the house");
    const auto open = [&] {
        return TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                                folder / "cache");
    };
    const auto path = open()->path();
    std::string bytes = test::readFile(path);
    bytes.replace(bytes.size() - 2, 2, "\xFF\xFF");
    writeFile(path, bytes);
    const auto cache = open();
    std::vector<int64_t> out(cache->size());
    const auto error = errorOf([&] { cache->copyTo(0, cache->size(), out.data()); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY(QString::fromUtf8(error->what()).contains(QStringLiteral("65535")));
}

void TestTokenCache::reportsBadInput()
{
    const TemporaryFolder folder;
    writeFile(folder / "c.jsonl", "{\"text\": \"good\"}\nbad\n");
    const auto error = errorOf([&] {
        TokenCache::open(datasetOf(folder / "c.jsonl"), Split::Train, goodTokenizer(),
                         folder / "cache");
    });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QCOMPARE(filesIn(folder / "cache"), 0);
    writeFile(folder / "file", "");
    writeFile(folder / "c.txt", "text");
    const auto noFolder = errorOf([&] {
        TokenCache::open(datasetOf(folder / "c.txt"), Split::Train, goodTokenizer(),
                         folder / "file/x");
    });
    QVERIFY(noFolder);
    QCOMPARE(noFolder->kind(), ErrorKind::File);
}

QTEST_GUILESS_MAIN(TestTokenCache)
#include "tst_token_cache.moc"
