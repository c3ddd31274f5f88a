#include "engine/text/batch_loader.h"

#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/permutation.h"
#include "engine/text/token_cache.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace samba;
using samba::test::errorOf;
using samba::test::TemporaryFolder;

namespace {

using Batches = std::vector<std::vector<int64_t>>;

BatchLoaderOptions options(int64_t batchSize, int64_t seqLen, uint64_t seed = 1,
                           bool shuffle = true)
{
    BatchLoaderOptions result;
    result.batchSize = batchSize;
    result.seqLen = seqLen;
    result.seed = seed;
    result.shuffle = shuffle;
    return result;
}

Batches readEpoch(BatchLoader& loader)
{
    Batches batches;
    TokenBatch batch;
    while (loader.next(batch))
        batches.push_back(batch.ids);
    return batches;
}

} // namespace

class TestBatchLoader : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void permutesEveryNumber_data();
    void permutesEveryNumber();
    void permutationsDiffer();
    void servesEveryWindowOnce_data();
    void servesEveryWindowOnce();
    void keepsTheOrderOfTheCorpus();
    void changesOrderWithSeedAndEpoch();
    void resumesExactly();
    void repeatsWindowsOfATinyCorpus();
    void refusesTooSmallACorpus();
    void refusesBadSizes();

private:
    std::shared_ptr<const TokenCache> cacheOf(uint64_t tokens);

    TemporaryFolder m_folder;
    std::shared_ptr<const Tokenizer> m_tokenizer;
};

void TestBatchLoader::initTestCase()
{
    m_tokenizer = Tokenizer::load(test::dataPath("tokenization/00-good-tokenizer"));
}

/// A corpus of that many tokens, in which no two windows are alike.
std::shared_ptr<const TokenCache> TestBatchLoader::cacheOf(uint64_t tokens)
{
    std::string text;
    for (uint64_t i = 0; text.size() + 1 < tokens; ++i)
        text += "!\"#$%&()*+,-./0123456789:;"[mixBits(i) % 26]; // a token each
    const auto file = m_folder / (std::to_string(tokens) + ".txt");
    test::writeFile(file, text);
    DatasetConfig config;
    config.name = file.string();
    auto cache = TokenCache::open(config, Split::Train, m_tokenizer, m_folder / "cache");
    if (cache->size() != tokens)
        qFatal("the corpus has %lu tokens", static_cast<unsigned long>(cache->size()));
    return cache;
}

void TestBatchLoader::permutesEveryNumber_data()
{
    QTest::addColumn<int>("count");
    for (const int count : {1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 257, 1000, 65'537})
        QTest::addRow("%d", count) << count;
}

void TestBatchLoader::permutesEveryNumber()
{
    QFETCH(int, count);
    const auto size = static_cast<uint64_t>(count);
    for (const uint64_t key : {0ULL, 1ULL, 0xFFFFFFFFFFFFFFFFULL}) {
        const Permutation permutation(size, key);
        std::vector<bool> seen(size, false);
        for (uint64_t place = 0; place < size; ++place) {
            const uint64_t number = permutation.at(place);
            QVERIFY(number < size);
            QVERIFY(!seen[number]);
            seen[number] = true;
        }
    }
}

void TestBatchLoader::permutationsDiffer()
{
    // Of 1000 numbers a random order leaves one in its place on average; keys share as few.
    const Permutation first(1000, 1);
    const Permutation second(1000, 2);
    int fixed = 0;
    int shared = 0;
    for (uint64_t place = 0; place < 1000; ++place) {
        fixed += first.at(place) == place;
        shared += first.at(place) == second.at(place);
    }
    QVERIFY(fixed < 10);
    QVERIFY(shared < 10);
    QVERIFY(Permutation(uint64_t{1} << 40, 3).at(12345) < uint64_t{1} << 40);
}

void TestBatchLoader::servesEveryWindowOnce_data()
{
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("batchSize");
    QTest::addColumn<int>("seqLen");
    QTest::addColumn<bool>("partialLastBatch");
    QTest::addColumn<int>("windows");
    QTest::addColumn<int>("batches");
    QTest::newRow("divides") << 101 << 5 << 10 << false << 10 << 2;
    QTest::newRow("rest dropped") << 101 << 3 << 10 << false << 10 << 3;
    QTest::newRow("rest kept") << 101 << 3 << 10 << true << 10 << 4;
    QTest::newRow("incomplete window") << 110 << 1 << 10 << false << 10 << 10;
    QTest::newRow("one token short") << 100 << 1 << 10 << false << 9 << 9;
    QTest::newRow("one window") << 11 << 1 << 10 << false << 1 << 1;
    QTest::newRow("fewer than a batch, kept") << 41 << 7 << 10 << true << 4 << 1;
    QTest::newRow("single tokens") << 50 << 7 << 1 << true << 49 << 7;
}

void TestBatchLoader::servesEveryWindowOnce()
{
    QFETCH(int, tokens);
    QFETCH(int, batchSize);
    QFETCH(int, seqLen);
    QFETCH(bool, partialLastBatch);
    QFETCH(int, windows);
    QFETCH(int, batches);
    const auto cache = cacheOf(static_cast<uint64_t>(tokens));
    auto how = options(batchSize, seqLen);
    how.partialLastBatch = partialLastBatch;
    BatchLoader loader(cache, how);
    QCOMPARE(loader.windowCount(), static_cast<uint64_t>(windows));
    QCOMPARE(loader.batchesPerEpoch(), static_cast<uint64_t>(batches));

    std::multiset<std::vector<int64_t>> expected;
    for (int window = 0; window < windows; ++window) {
        std::vector<int64_t> ids(static_cast<std::size_t>(seqLen) + 1);
        cache->copyTo(static_cast<uint64_t>(window * seqLen), ids.size(), ids.data());
        expected.insert(ids);
    }
    for (int epoch = 0; epoch < 3; ++epoch) {
        std::multiset<std::vector<int64_t>> left = expected;
        TokenBatch batch;
        int served = 0;
        while (loader.next(batch)) {
            ++served;
            QCOMPARE(batch.seqLen, seqLen);
            QCOMPARE(static_cast<int64_t>(batch.ids.size()), batch.rows * (seqLen + 1));
            QVERIFY(batch.rows == batchSize || (partialLastBatch && served == batches));
            for (auto row = batch.ids.begin(); row != batch.ids.end(); row += seqLen + 1) {
                const auto found = left.find({row, row + seqLen + 1});
                QVERIFY(found != left.end());
                left.erase(found);
            }
        }
        QCOMPARE(served, batches);
        const int dropped = partialLastBatch ? 0 : windows % batchSize;
        QCOMPARE(static_cast<int>(left.size()), dropped);
    }
    QCOMPARE(loader.state().epoch, uint64_t{3});
}

void TestBatchLoader::keepsTheOrderOfTheCorpus()
{
    const auto cache = cacheOf(101);
    BatchLoader loader(cache, options(2, 10, 1, false));
    std::vector<int64_t> expected(11);
    TokenBatch batch;
    for (uint64_t window = 0; loader.next(batch); window += 2) {
        for (uint64_t row = 0; row < 2; ++row) {
            cache->copyTo((window + row) * 10, 11, expected.data());
            QVERIFY(std::equal(expected.begin(), expected.end(),
                               batch.ids.begin() + static_cast<std::ptrdiff_t>(row * 11)));
        }
    }
}

void TestBatchLoader::changesOrderWithSeedAndEpoch()
{
    const auto cache = cacheOf(1001);
    BatchLoader first(cache, options(4, 10, 7));
    BatchLoader same(cache, options(4, 10, 7));
    BatchLoader other(cache, options(4, 10, 8));
    const Batches epoch = readEpoch(first);
    QVERIFY(readEpoch(same) == epoch);
    QVERIFY(readEpoch(other) != epoch);
    QVERIFY(readEpoch(first) != epoch);
    // The next seed is not this seed an epoch later.
    other.restore({});
    QVERIFY(readEpoch(same) != readEpoch(other));
}

void TestBatchLoader::resumesExactly()
{
    const auto cache = cacheOf(231);
    BatchLoader whole(cache, options(4, 10));
    std::vector<BatchLoader::State> states;
    Batches batches;
    TokenBatch batch;
    while (whole.state().epoch < 3) {
        states.push_back(whole.state());
        batches.push_back(whole.next(batch) ? batch.ids : std::vector<int64_t>());
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        BatchLoader resumed(cache, options(4, 10));
        resumed.restore(states[i]);
        QVERIFY(resumed.state() == states[i]);
        for (std::size_t j = i; j < states.size(); ++j)
            QVERIFY((resumed.next(batch) ? batch.ids : std::vector<int64_t>()) == batches[j]);
    }
    QVERIFY(errorOf([&] { whole.restore({0, 24}); }));
}

void TestBatchLoader::repeatsWindowsOfATinyCorpus()
{
    BatchLoader loader(cacheOf(31), options(7, 10));
    QCOMPARE(loader.batchesPerEpoch(), uint64_t{1});
    const Batches batches = readEpoch(loader);
    QCOMPARE(batches.size(), std::size_t{1});
    QCOMPARE(batches[0].size(), std::size_t{77});
    std::map<std::vector<int64_t>, int> counts;
    for (auto row = batches[0].begin(); row != batches[0].end(); row += 11)
        ++counts[{row, row + 11}];
    QCOMPARE(counts.size(), std::size_t{3});
    for (const auto& [window, count] : counts)
        QVERIFY(count == 2 || count == 3);
    QCOMPARE(loader.state().epoch, uint64_t{1});
}

void TestBatchLoader::refusesTooSmallACorpus()
{
    const auto error = errorOf([&] { BatchLoader(cacheOf(10), options(1, 10)); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Config);
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.contains(QStringLiteral("10 tokens")), error->what());
    QVERIFY2(message.contains(QStringLiteral("11")), error->what());
    QVERIFY(!error->remedy().empty());
}

void TestBatchLoader::refusesBadSizes()
{
    QVERIFY(errorOf([&] { BatchLoader(cacheOf(100), options(0, 10)); }));
    QVERIFY(errorOf([&] { BatchLoader(cacheOf(100), options(1, 0)); }));
    QVERIFY(errorOf([&] { BatchLoader(cacheOf(100), options(1, INT64_MAX)); }));
}

QTEST_GUILESS_MAIN(TestBatchLoader)
#include "tst_batch_loader.moc"
