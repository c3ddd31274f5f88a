#include "engine/infer/sampler.h"
#include "engine/infer/stop_matcher.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace samba;

namespace {

constexpr int kDraws = 20000;

/// How often each token comes out of `draws` draws from the same logits.
std::vector<double> frequencies(Sampler& sampler, const std::vector<float>& logits)
{
    std::vector<double> counts(logits.size(), 0.0);
    for (int draw = 0; draw < kDraws; ++draw) {
        std::vector<float> copy = logits;
        const int32_t token = sampler.sample(copy, static_cast<int64_t>(logits.size()));
        counts[static_cast<size_t>(token)] += 1.0 / kDraws;
    }
    return counts;
}

std::vector<float> logitsOf(const std::vector<double>& probabilities)
{
    std::vector<float> logits;
    for (const double p : probabilities)
        logits.push_back(static_cast<float>(std::log(p)));
    return logits;
}

SamplingOptions plainSampling()
{
    SamplingOptions options;
    options.temperature = 1.0;
    options.topP = 1.0;
    return options;
}

bool isClose(double got, double wanted)
{
    return std::abs(got - wanted) < 0.02; // five standard deviations of a share of 20,000
}

} // namespace

class TestSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void zeroTemperatureTakesTheBest();
    void drawsFollowTheProbabilities();
    void temperatureSharpens();
    void topKKeepsTheBest();
    void topPKeepsTheSmallestSetThatReachesIt();
    void largeVocabulariesAreRankedInPieces();
    void divergedLogitsStillGiveAToken();
    void repetitionPenaltyPushesSeenTokensDown();
    void idsWithoutTokenAreNeverChosen();
    void equalSeedsGiveEqualDraws();
    void stopTextsAreFound_data();
    void stopTextsAreFound();
};

void TestSampler::zeroTemperatureTakesTheBest()
{
    SamplingOptions options;
    options.temperature = 0;
    Sampler sampler(options, 1);
    std::vector<float> logits{0.5F, 3.0F, 2.9F};
    QCOMPARE(sampler.sample(logits, 3), 1);
}

void TestSampler::drawsFollowTheProbabilities()
{
    const std::vector<double> wanted{0.5, 0.3, 0.15, 0.05};
    Sampler sampler(plainSampling(), 7);
    const std::vector<double> got = frequencies(sampler, logitsOf(wanted));
    for (size_t i = 0; i < wanted.size(); ++i)
        QVERIFY2(isClose(got[i], wanted[i]), qPrintable(QString::number(got[i])));
}

void TestSampler::temperatureSharpens()
{
    SamplingOptions options = plainSampling();
    options.temperature = 0.5; // squares the odds: 4 : 1 becomes 16 : 1
    Sampler sampler(options, 7);
    QVERIFY(isClose(frequencies(sampler, logitsOf({0.8, 0.2}))[0], 16.0 / 17.0));
}

void TestSampler::topKKeepsTheBest()
{
    SamplingOptions options = plainSampling();
    options.topK = 2;
    Sampler sampler(options, 7);
    const std::vector<double> got = frequencies(sampler, logitsOf({0.1, 0.4, 0.3, 0.2}));
    QCOMPARE(got[0] + got[3], 0.0);
    QVERIFY(isClose(got[1], 4.0 / 7.0));
}

void TestSampler::topPKeepsTheSmallestSetThatReachesIt()
{
    SamplingOptions options = plainSampling();
    options.topP = 0.6; // 0.5 alone does not reach it, 0.5 + 0.3 does
    Sampler sampler(options, 7);
    const std::vector<double> got = frequencies(sampler, logitsOf({0.5, 0.3, 0.15, 0.05}));
    QCOMPARE(got[2] + got[3], 0.0);
    QVERIFY(isClose(got[0], 5.0 / 8.0));
}

void TestSampler::largeVocabulariesAreRankedInPieces()
{
    // Far more tokens than are sorted at first; neighbours differ by little, in no order.
    constexpr size_t kTokens = 5003;
    std::vector<float> logits(kTokens);
    for (size_t i = 0; i < kTokens; ++i)
        logits[i] = static_cast<float>(i * 1663 % kTokens) / 2000.0F;
    std::vector<size_t> order(kTokens);
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return logits[a] > logits[b]; });
    const auto weight = [&](size_t token) { return std::exp(double{logits[token]}); };
    double sum = 0;
    for (const size_t token : order)
        sum += weight(token);
    size_t nucleus = 0;
    for (double share = 0; share < 0.8 * sum; ++nucleus)
        share += weight(order[nucleus]);

    SamplingOptions options = plainSampling();
    options.topP = 0.8;
    Sampler sampler(options, 11);
    std::vector<size_t> rank(kTokens);
    for (size_t i = 0; i < kTokens; ++i)
        rank[order[i]] = i;
    size_t farthest = 0;
    double meanRank = 0;
    constexpr int kFewDraws = 2000;
    for (int draw = 0; draw < kFewDraws; ++draw) {
        std::vector<float> copy = logits;
        const size_t drawn = rank[static_cast<size_t>(sampler.sample(copy, kTokens))];
        farthest = std::max(farthest, drawn);
        meanRank += static_cast<double>(drawn) / kFewDraws;
    }
    QVERIFY(farthest < nucleus);
    QVERIFY(farthest > nucleus * 9 / 10);
    double wantedMean = 0;
    double share = 0;
    for (size_t i = 0; i < nucleus; ++i) {
        share += weight(order[i]);
        wantedMean += static_cast<double>(i) * weight(order[i]);
    }
    wantedMean /= share;
    QVERIFY2(std::abs(meanRank / wantedMean - 1) < 0.05, qPrintable(QString::number(meanRank)));
}

void TestSampler::divergedLogitsStillGiveAToken()
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const double topP : {0.9, 1.0}) {
        SamplingOptions options = plainSampling();
        options.topP = topP;
        Sampler sampler(options, 5);
        std::vector<float> mixed(1000, nan);
        mixed[17] = 1.0F;
        std::vector<float> all(1000, nan);
        for (std::vector<float>* logits : {&mixed, &all}) {
            const int32_t token = sampler.sample(*logits, 1000);
            QVERIFY(token >= 0 && token < 1000);
        }
    }
}

void TestSampler::repetitionPenaltyPushesSeenTokensDown()
{
    SamplingOptions options;
    options.temperature = 0;
    options.repetitionPenalty = 2.0;
    Sampler sampler(options, 1);
    sampler.observe(0);
    sampler.observe(2);
    std::vector<float> positive{3.0F, 2.0F, 0.0F};
    QCOMPARE(sampler.sample(positive, 3), 1); // 3 / 2 < 2
    std::vector<float> negative{-1.0F, -1.5F, -9.0F};
    QCOMPARE(sampler.sample(negative, 3), 1); // -1 * 2 < -1.5
}

void TestSampler::idsWithoutTokenAreNeverChosen()
{
    Sampler sampler(plainSampling(), 3);
    for (int draw = 0; draw < 100; ++draw) {
        std::vector<float> logits{0.0F, 0.0F, 50.0F, 50.0F};
        QVERIFY(sampler.sample(logits, 2) < 2);
    }
}

void TestSampler::equalSeedsGiveEqualDraws()
{
    Sampler first(plainSampling(), 11);
    Sampler second(plainSampling(), 11);
    Sampler other(plainSampling(), 12);
    bool differs = false;
    for (int draw = 0; draw < 100; ++draw) {
        std::vector<float> a(50, 0.0F);
        std::vector<float> b = a;
        std::vector<float> c = a;
        const int32_t token = first.sample(a, 50);
        QCOMPARE(second.sample(b, 50), token);
        differs = differs || other.sample(c, 50) != token;
    }
    QVERIFY(differs);
}

void TestSampler::stopTextsAreFound_data()
{
    QTest::addColumn<QStringList>("pieces");
    QTest::addColumn<QStringList>("stops");
    QTest::addColumn<QString>("wanted");
    QTest::addColumn<bool>("isStopped");
    QTest::newRow("none") << QStringList{QStringLiteral("abc"), QStringLiteral("def")}
                          << QStringList{} << QStringLiteral("abcdef") << false;
    QTest::newRow("inside a piece") << QStringList{QStringLiteral("one END two")}
                                    << QStringList{QStringLiteral("END")}
                                    << QStringLiteral("one ") << true;
    QTest::newRow("across pieces")
        << QStringList{QStringLiteral("one E"), QStringLiteral("N"), QStringLiteral("D two")}
        << QStringList{QStringLiteral("END")} << QStringLiteral("one ") << true;
    QTest::newRow("false start")
        << QStringList{QStringLiteral("one E"), QStringLiteral("NO")}
        << QStringList{QStringLiteral("END")} << QStringLiteral("one ENO") << false;
    QTest::newRow("overlapping false start")
        << QStringList{QStringLiteral("aa"), QStringLiteral("ab")}
        << QStringList{QStringLiteral("aab")} << QStringLiteral("a") << true;
    QTest::newRow("first of two") << QStringList{QStringLiteral("x\n\ny.z")}
                                  << QStringList{QStringLiteral("."), QStringLiteral("\n\n")}
                                  << QStringLiteral("x") << true;
    QTest::newRow("end in the middle")
        << QStringList{QStringLiteral("one EN")} << QStringList{QStringLiteral("END")}
        << QStringLiteral("one EN") << false;
}

void TestSampler::stopTextsAreFound()
{
    QFETCH(QStringList, pieces);
    QFETCH(QStringList, stops);
    QFETCH(QString, wanted);
    QFETCH(bool, isStopped);
    std::vector<std::string> texts;
    for (const QString& stop : stops)
        texts.push_back(stop.toStdString());
    StopMatcher matcher(texts);
    std::string shown;
    for (const QString& piece : pieces)
        shown += matcher.push(piece.toStdString());
    if (!matcher.isStopped())
        shown += matcher.finish();
    QCOMPARE(QString::fromStdString(shown), wanted);
    QCOMPARE(matcher.isStopped(), isStopped);
}

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
