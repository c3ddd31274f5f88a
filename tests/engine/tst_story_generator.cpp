#include "engine/api/error.h"
#include "engine/text/stories/story_plan.h"
#include "engine/text/stories/story_template.h"
#include "engine/text/story_generator.h"

#include <QCryptographicHash>
#include <QtTest>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

using samba::StorySplit;
using samba::stories::planStory;
using samba::stories::StoryPlan;

namespace {

constexpr std::array kSplits{StorySplit::Train, StorySplit::Validation};

/// All stories of a split; generated once, as most tests read all of them.
const std::vector<std::string>& corpus(StorySplit split)
{
    const auto generate = [](StorySplit which) {
        std::vector<std::string> texts;
        for (uint64_t i = 0; i < samba::storyCount(which); ++i)
            texts.push_back(samba::storyText(i, which));
        return texts;
    };
    static const std::vector<std::string> kTrain = generate(StorySplit::Train);
    static const std::vector<std::string> kValidation = generate(StorySplit::Validation);
    return split == StorySplit::Train ? kTrain : kValidation;
}

std::vector<std::string> paragraphsOf(const std::string& story)
{
    std::vector<std::string> paragraphs;
    for (size_t begin = 0; begin <= story.size();) {
        const size_t end = std::min(story.find('\n', begin), story.size());
        paragraphs.push_back(story.substr(begin, end - begin));
        begin = end + 1;
    }
    return paragraphs;
}

using Pair = std::pair<std::string, std::string>;

/// Everything that occurs in the plans of a split.
struct Occurrences {
    std::set<std::string> heroes;
    std::set<std::string> plots;
    std::set<std::string> things;
    std::set<std::string> places;
    std::set<Pair> heroAndPlot;
    std::set<Pair> heroAndThing;
};

Occurrences occurrencesIn(StorySplit split)
{
    Occurrences seen;
    for (uint64_t i = 0; i < samba::storyCount(split); ++i) {
        const StoryPlan plan = planStory(i, split);
        const std::string hero(plan.cast->hero.name);
        const std::string plot(plan.plot->name);
        seen.heroes.insert(hero);
        seen.plots.insert(plot);
        seen.things.insert(plan.thing);
        seen.places.emplace(plan.place->noun);
        seen.heroAndPlot.emplace(hero, plot);
        seen.heroAndThing.emplace(hero, plan.thing);
    }
    return seen;
}

template <typename Set>
bool areDisjoint(const Set& left, const Set& right)
{
    return std::none_of(left.begin(), left.end(),
                        [&](const auto& entry) { return right.contains(entry); });
}

bool isSubset(const std::set<std::string>& part, const std::set<std::string>& whole)
{
    return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

} // namespace

class TestStoryGenerator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void templatesExpand_data();
    void templatesExpand();
    void defectiveTemplatesAreRefused_data();
    void defectiveTemplatesAreRefused();
    void textsBelongToTheVersion_data();
    void textsBelongToTheVersion();
    void aStoryDependsOnNothingButIndexAndSplit();
    void indexOutOfRangeIsRefused();
    void noTwoStoriesAreEqual();
    void corpusHasTheSizeItClaims();
    void storiesAreAsLongAsStories();
    void noSentenceBreaksTheRules_data();
    void noSentenceBreaksTheRules();
    void quotationsAreClosed();
    void charactersStayToTheEnd();
    void castsKeepTheirCharactersApart();
    void aHeroBringsTheSameFriendEverywhere();
    void heldOutPairsNeverOccurInTraining();
    void everythingByItselfOccursInTraining();
};

void TestStoryGenerator::templatesExpand_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("wanted");
    QTest::newRow("variable") << QByteArray("{he} saw {him}.") << QByteArray("She saw her.");
    QTest::newRow("capital") << QByteArray("\"Oh!\" {He} ran.") << QByteArray("\"Oh!\" She ran.");
    QTest::newRow("speech tag") << QByteArray("\"oh!\" {he} said.")
                                << QByteArray("\"Oh!\" she said.");
    QTest::newRow("white space") << QByteArray("  one\n  two.  ") << QByteArray("One two.");
    QTest::newRow("articles") << QByteArray("a egg, a hen, a hour, a one.")
                              << QByteArray("An egg, a hen, an hour, a one.");
    QTest::newRow("nested choice")
        << QByteArray("[[a {kind}|a {kind}]|a {kind}].") << QByteArray("An otter.");
    QTest::newRow("definition") << QByteArray("{x=[an {kind}]}{x} and {x}.")
                                << QByteArray("An otter and an otter.");
    QTest::newRow("world") << QByteArray("{?child|hand|paw}.") << QByteArray("Paw.");
}

void TestStoryGenerator::templatesExpand()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, wanted);
    samba::stories::StoryRandom random(1);
    samba::stories::StoryTemplate expander(random, samba::stories::World::Animals);
    expander.set("he", "she");
    expander.set("him", "her");
    expander.set("kind", "otter");
    const std::string got = samba::stories::polishParagraph(expander.expand(text.toStdString()));
    QCOMPARE(QByteArray::fromStdString(got), wanted);
}

void TestStoryGenerator::defectiveTemplatesAreRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("unknown variable") << QByteArray("{nobody}");
    QTest::newRow("unknown list") << QByteArray("{@nothing}");
    QTest::newRow("open bracket") << QByteArray("one [two|three");
    QTest::newRow("world without its second text") << QByteArray("{?child|hand}");
}

void TestStoryGenerator::defectiveTemplatesAreRefused()
{
    QFETCH(QByteArray, text);
    samba::stories::StoryRandom random(1);
    samba::stories::StoryTemplate expander(random, samba::stories::World::Animals);
    QVERIFY_THROWS_EXCEPTION(samba::Error, expander.expand(text.toStdString()));
}

void TestStoryGenerator::textsBelongToTheVersion_data()
{
    QTest::addColumn<StorySplit>("split");
    QTest::addColumn<QByteArray>("sha1");
    // When a text changes on purpose: raise storyGeneratorVersion() and put the new sums here.
    QTest::newRow("train") << StorySplit::Train
                           << QByteArray("1e5eb7000ba4d96ddc0887f40ec31e36d9533368");
    QTest::newRow("validation") << StorySplit::Validation
                                << QByteArray("1013ea1e9abc4f289118b2115db099e1b62043c3");
}

void TestStoryGenerator::textsBelongToTheVersion()
{
    QFETCH(StorySplit, split);
    QFETCH(QByteArray, sha1);
    QCOMPARE(samba::storyGeneratorVersion(), std::string_view("stories-3"));
    QCryptographicHash hash(QCryptographicHash::Sha1);
    for (const std::string& story : corpus(split))
        hash.addData(QByteArray::fromStdString(story + '\n'));
    QCOMPARE(hash.result().toHex(), sha1);
}

void TestStoryGenerator::aStoryDependsOnNothingButIndexAndSplit()
{
    // Backwards, so that any state carried from story to story would show.
    for (uint64_t i = 100; i-- > 0;) {
        QCOMPARE(samba::storyText(i, StorySplit::Train), corpus(StorySplit::Train)[i]);
        QCOMPARE(samba::storyText(i, StorySplit::Validation), corpus(StorySplit::Validation)[i]);
    }
}

void TestStoryGenerator::indexOutOfRangeIsRefused()
{
    for (const StorySplit split : kSplits)
        QVERIFY_THROWS_EXCEPTION(samba::Error, samba::storyText(samba::storyCount(split), split));
}

void TestStoryGenerator::noTwoStoriesAreEqual()
{
    std::unordered_set<std::string_view> seen;
    for (const StorySplit split : kSplits) {
        for (const std::string& story : corpus(split))
            QVERIFY2(seen.insert(story).second, story.c_str());
    }
}

void TestStoryGenerator::corpusHasTheSizeItClaims()
{
    const auto sizeOf = [](StorySplit split) {
        size_t bytes = 0;
        for (const std::string& story : corpus(split))
            bytes += story.size() + 1;
        return bytes;
    };
    const size_t train = sizeOf(StorySplit::Train);
    const size_t validation = sizeOf(StorySplit::Validation);
    QVERIFY2(train >= 8'500'000 && train <= 10'000'000, std::to_string(train).c_str());
    QVERIFY2(validation >= 220'000 && validation <= 280'000, std::to_string(validation).c_str());
}

void TestStoryGenerator::storiesAreAsLongAsStories()
{
    for (const StorySplit split : kSplits) {
        for (const std::string& story : corpus(split)) {
            const auto words = std::count(story.begin(), story.end(), ' ');
            QVERIFY2(words >= 120 && words <= 380, story.c_str());
            const size_t paragraphs = paragraphsOf(story).size();
            QVERIFY2(paragraphs >= 2 && paragraphs <= 6, story.c_str());
        }
    }
}

void TestStoryGenerator::noSentenceBreaksTheRules_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::newRow("bytes other than printable ASCII and line feeds") << QStringLiteral("[^ -~\\n]");
    QTest::newRow("two white spaces in a row") << QStringLiteral("[ \\n][ \\n]");
    QTest::newRow("space before a mark") << QStringLiteral(" [.,!?;:]");
    QTest::newRow("space at an end") << QStringLiteral("^[ \\n]|[ \\n]$");
    QTest::newRow("two marks in a row") << QStringLiteral("[.,!?]{2}");
    QTest::newRow("rests of a template") << QStringLiteral("[\\[\\]{}|#@=<>_]");
    QTest::newRow("a before a vowel") << QStringLiteral("\\b[Aa] (?!one|use|uni)[aeiouAEIOU]");
    QTest::newRow("an before a consonant")
        << QStringLiteral("\\b[Aa]n (?!hour|honest)[^aeiouAEIOU]");
    QTest::newRow("a word twice") << QStringLiteral("\\b(\\w+) \\1\\b");
    QTest::newRow("small letter after a sentence") << QStringLiteral("([.!?] |\\.\" )[a-z]");
    QTest::newRow("small letter at the start of a paragraph") << QStringLiteral("(^|\\n)\"?[a-z]");
    QTest::newRow("paragraph without an end") << QStringLiteral("[^.!?\"](\\n|$)");
    QTest::newRow("speech without a mark at its end") << QStringLiteral("[^.,!?]\" ");
    QTest::newRow("full stop before a speech tag")
        << QStringLiteral("\\.\" (said|asked|cried|called|whispered)\\b");
}

void TestStoryGenerator::noSentenceBreaksTheRules()
{
    QFETCH(QString, pattern);
    const std::regex regex(pattern.toStdString(), std::regex::optimize);
    // The standard expressions are slow: every fifth training story is enough for a rule.
    constexpr size_t kTrainStep = 5;
    for (const StorySplit split : kSplits) {
        const auto& stories = corpus(split);
        for (size_t i = 0; i < stories.size(); i += split == StorySplit::Train ? kTrainStep : 1) {
            std::smatch match;
            QVERIFY2(!std::regex_search(stories[i], match, regex), stories[i].c_str());
        }
    }
}

void TestStoryGenerator::quotationsAreClosed()
{
    for (const StorySplit split : kSplits) {
        for (const std::string& story : corpus(split)) {
            for (const std::string& paragraph : paragraphsOf(story)) {
                bool isOpen = false;
                for (size_t i = 0; i < paragraph.size(); ++i) {
                    if (paragraph[i] != '"')
                        continue;
                    isOpen = !isOpen;
                    // An opening mark stands before a capital, a closing one after a stop.
                    QVERIFY2(!isOpen || (paragraph[i + 1] >= 'A' && paragraph[i + 1] <= 'Z'),
                             paragraph.c_str());
                    QVERIFY2(isOpen || std::string_view(".,!?").find(paragraph[i - 1]) !=
                                           std::string_view::npos,
                             paragraph.c_str());
                }
                QVERIFY2(!isOpen, paragraph.c_str());
            }
        }
    }
}

void TestStoryGenerator::charactersStayToTheEnd()
{
    for (const StorySplit split : kSplits) {
        for (uint64_t i = 0; i < samba::storyCount(split); ++i) {
            const StoryPlan plan = planStory(i, split);
            const std::string& story = corpus(split)[i];
            const auto paragraphs = paragraphsOf(story);
            QVERIFY2(paragraphs.front().find(plan.cast->hero.name) != std::string::npos,
                     story.c_str());
            QVERIFY2(paragraphs.back().find(plan.cast->hero.name) != std::string::npos,
                     story.c_str());
            QVERIFY2(story.find(plan.cast->companion.name) != std::string::npos, story.c_str());
            QVERIFY2(story.find(plan.thing) != std::string::npos, story.c_str());
        }
    }
}

void TestStoryGenerator::castsKeepTheirCharactersApart()
{
    std::set<std::string_view> names;
    for (const samba::stories::Cast& cast : samba::stories::casts()) {
        QVERIFY2(names.insert(cast.hero.name).second, cast.hero.name.data());
        QVERIFY2(names.insert(cast.companion.name).second, cast.companion.name.data());
        QVERIFY2(cast.hero.isFemale != cast.companion.isFemale, cast.hero.name.data());
        QVERIFY2(cast.hero.kind != cast.companion.kind, cast.hero.name.data());
        QVERIFY2(cast.hero.trait != cast.companion.trait, cast.hero.name.data());
    }
}

void TestStoryGenerator::aHeroBringsTheSameFriendEverywhere()
{
    for (uint64_t i = 0; i < samba::storyCount(StorySplit::Train); ++i) {
        const StoryPlan plan = planStory(i, StorySplit::Train);
        const std::string& story = corpus(StorySplit::Train)[i];
        for (const samba::stories::Cast& other : samba::stories::casts()) {
            const bool isOwn = &other == plan.cast;
            // "Honey" and "Clover" are words of the stories, too.
            const auto speaks = [&](std::string_view name) {
                return story.find(", " + std::string(name) + ".") != std::string::npos ||
                       story.find("said " + std::string(name)) != std::string::npos;
            };
            QVERIFY2(isOwn || (!speaks(other.hero.name) && !speaks(other.companion.name)),
                     story.c_str());
        }
    }
}

void TestStoryGenerator::heldOutPairsNeverOccurInTraining()
{
    const Occurrences train = occurrencesIn(StorySplit::Train);
    const Occurrences validation = occurrencesIn(StorySplit::Validation);
    QVERIFY(areDisjoint(train.heroAndPlot, validation.heroAndPlot));
    QVERIFY(areDisjoint(train.heroAndThing, validation.heroAndThing));
    for (const auto& [hero, plot] : validation.heroAndPlot)
        QVERIFY(samba::stories::isHeroPlotHeldOut(hero, plot));
    for (const auto& [hero, thing] : validation.heroAndThing)
        QVERIFY(samba::stories::isHeroThingHeldOut(hero, thing));
}

void TestStoryGenerator::everythingByItselfOccursInTraining()
{
    const Occurrences train = occurrencesIn(StorySplit::Train);
    const Occurrences validation = occurrencesIn(StorySplit::Validation);
    QVERIFY(isSubset(validation.heroes, train.heroes));
    QVERIFY(isSubset(validation.plots, train.plots));
    QVERIFY(isSubset(validation.things, train.things));
    QVERIFY(isSubset(validation.places, train.places));
    QCOMPARE(train.heroes.size(), samba::stories::casts().size());
    QCOMPARE(train.plots.size(), samba::stories::plots().size());
    QCOMPARE(train.places.size(), samba::stories::places().size());
    QCOMPARE(validation.plots.size(), samba::stories::plots().size());
}

QTEST_GUILESS_MAIN(TestStoryGenerator)
#include "tst_story_generator.moc"
