#include "engine/api/config_document.h"
#include "engine/api/config_schema.h"

#include <QtTest>

#include <cmath>
#include <fstream>
#include <set>

using samba::ConfigKey;
using samba::ConfigType;
using samba::ConfigValue;

namespace {

std::string readAll(const std::string& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

class TestConfigSchema : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKeyIsComplete();
    void keysFollowTheirSections();
    void spellingsAreUnique();
    void defaultsAreAllowed();
    void settersAndGettersMeetTheSameField();
    void checksRanges_data();
    void checksRanges();
    void formatsValues_data();
    void formatsValues();
    void findsNearestKeys_data();
    void findsNearestKeys();
    void adviceOfTheSpecification();
    void referenceNamesEveryKey();
    void referencePageIsUpToDate();
    void shippedConfigurationsAreRight_data();
    void shippedConfigurationsAreRight();
};

void TestConfigSchema::everyKeyIsComplete()
{
    for (const ConfigKey& key : samba::configSchema()) {
        QVERIFY2(!key.label.empty(), key.path.c_str());
        QVERIFY2(key.help.size() > 20 && key.help.back() == '.', key.path.c_str());
        QVERIFY2(key.type != ConfigType::Choice || key.choices.size() >= 2, key.path.c_str());
        const bool isNumber = key.type == ConfigType::Integer || key.type == ConfigType::Number;
        QVERIFY2(!isNumber || (key.minimum && key.maximum), key.path.c_str());
        if (key.advice)
            QVERIFY2(key.advice->first < key.advice->second, key.path.c_str());
    }
}

void TestConfigSchema::keysFollowTheirSections()
{
    QStringList sectionsOfKeys;
    for (const ConfigKey& key : samba::configSchema()) {
        const QString section =
            QString::fromUtf8(key.section().data(), static_cast<int>(key.section().size()));
        if (sectionsOfKeys.isEmpty() || sectionsOfKeys.last() != section)
            sectionsOfKeys << section;
        QCOMPARE(std::string(key.section()) + '.' + std::string(key.name()), key.path);
    }
    QStringList sections;
    for (const samba::ConfigSection& section : samba::configSections())
        sections << QString::fromStdString(section.name);
    QCOMPARE(sectionsOfKeys, sections);
}

void TestConfigSchema::spellingsAreUnique()
{
    std::set<std::string> spellings;
    for (const ConfigKey& key : samba::configSchema()) {
        QVERIFY2(spellings.insert(key.path).second, key.path.c_str());
        for (const std::string& alias : key.aliases) {
            QVERIFY2(spellings.insert(alias).second, alias.c_str());
            QVERIFY(samba::findConfigKey(alias) == &key);
        }
        QVERIFY(samba::findConfigKey(key.path) == &key);
    }
    QVERIFY(!samba::findConfigKey("training.speed"));
    QVERIFY(!samba::findConfigKey("lr"));
}

void TestConfigSchema::defaultsAreAllowed()
{
    const samba::Config config = samba::defaultConfig();
    for (const ConfigKey& key : samba::configSchema()) {
        QCOMPARE(QString::fromStdString(samba::checkConfigValue(key, key.defaultValue)), QString());
        QVERIFY2(key.get(config) == key.defaultValue, key.path.c_str());
    }
    QVERIFY(samba::ConfigDocument().isValid());
    // Samba-130m: 24 layers in 6 chunks.
    QCOMPARE(config.model.chunkCount(), 6);
    QCOMPARE(config.model.resolvedDtRank(), 48);
}

void TestConfigSchema::settersAndGettersMeetTheSameField()
{
    for (const ConfigKey& key : samba::configSchema()) {
        ConfigValue value = key.defaultValue;
        std::visit(
            [](auto& held) {
                using Held = std::decay_t<decltype(held)>;
                if constexpr (std::is_same_v<Held, bool>)
                    held = !held;
                else if constexpr (std::is_same_v<Held, std::string>)
                    held += "x";
                else if constexpr (std::is_arithmetic_v<Held>)
                    held += 1;
                else
                    held.push_back("x");
            },
            value);
        samba::Config config = samba::defaultConfig();
        key.set(config, value);
        // That key has changed, and no other.
        for (const ConfigKey& other : samba::configSchema())
            QVERIFY2(other.get(config) == (&other == &key ? value : other.defaultValue),
                     (key.path + " and " + other.path).c_str());
    }
}

void TestConfigSchema::checksRanges_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<double>("value");
    QTest::addColumn<bool>("isAllowed");
    const auto row = [](const char* path, double value, bool isAllowed) {
        QTest::addRow("%s %g", path, value) << QString::fromUtf8(path) << value << isAllowed;
    };
    row("training.lr", 0, false);
    row("training.lr", 1e-300, true);
    row("training.lr", 10, true);
    row("training.lr", std::nextafter(10.0, 11.0), false);
    row("training.lr", std::nan(""), false);
    row("training.adam_beta1", 0, true);
    row("training.adam_beta1", 1, false);
    row("training.min_lr_ratio", 1, true);
    row("training.min_lr_ratio", -0.1, false);
    row("model.n_layers", 0, false);
    row("model.n_layers", 1, true);
    row("model.n_layers", 1024, true);
    row("model.n_layers", 1025, false);
}

void TestConfigSchema::checksRanges()
{
    QFETCH(QString, path);
    QFETCH(double, value);
    QFETCH(bool, isAllowed);
    const ConfigKey* key = samba::findConfigKey(path.toStdString());
    const ConfigValue held =
        key->type == ConfigType::Integer ? ConfigValue(static_cast<int64_t>(value)) : value;
    const std::string problem = samba::checkConfigValue(*key, held);
    QCOMPARE(problem.empty(), isAllowed);
    QVERIFY(isAllowed || problem.find(samba::describeAllowed(*key)) != std::string::npos);
}

void TestConfigSchema::formatsValues_data()
{
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("formatted");
    const auto row = [](const ConfigValue& value, const char* formatted) {
        QTest::newRow(formatted) << QString::fromStdString(samba::formatConfigValue(value))
                                 << QString::fromUtf8(formatted);
    };
    row(true, "true");
    row(int64_t{-3}, "-3");
    row(1e-5, "1.0e-5");
    row(2.5e-5, "2.5e-5");
    row(0.1, "0.1");
    row(1.0, "1");
    row(1e300, "1.0e+300");
    row(std::string("plain text"), "plain text");
    row(std::string("state-spaces/mamba-130m"), "state-spaces/mamba-130m");
    row(std::string("-x"), "-x");
    row(std::string(), "\"\"");
    row(std::string("null"), "\"null\"");
    row(std::string("Yes"), "\"Yes\"");
    row(std::string("12"), "\"12\"");
    row(std::string("-.5"), "\"-.5\"");
    row(std::string("2024-01-01"), "\"2024-01-01\"");
    row(std::string("a: b"), "\"a: b\"");
    row(std::string("a #b"), "\"a #b\"");
    row(std::string("a#b"), "a#b");
    row(std::string(" a"), "\" a\"");
    row(std::string("- a"), "\"- a\"");
    row(std::string("a, b"), "\"a, b\"");
    row(std::string("\"\\\n\t\x01"), "\"\\\"\\\\\\n\\t\\x01\"");
    row(std::vector<std::string>{}, "[]");
    row(std::vector<std::string>{"a", "b c", "d, e"}, "[a, b c, \"d, e\"]");
}

void TestConfigSchema::formatsValues()
{
    QFETCH(QString, yaml);
    QFETCH(QString, formatted);
    QCOMPARE(yaml, formatted);
}

void TestConfigSchema::findsNearestKeys_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("nearest");
    const auto row = [](const char* written, const char* nearest) {
        QTest::newRow(written) << QString::fromUtf8(written) << QString::fromUtf8(nearest);
    };
    row("training.batchsize", "training.batch_size");
    row("training.learning_rat", "training.lr");
    row("training.rl", "training.lr");
    row("modle.d_model", "model.d_model");
    row("model.learning_rate", "training.lr");
    row("seed", "training.seed");
    row("training.max_step", "training.max_steps");
    row("training.colour", "");
    row("x", "");
    row("", "");
}

void TestConfigSchema::findsNearestKeys()
{
    QFETCH(QString, written);
    QFETCH(QString, nearest);
    QCOMPARE(QString::fromStdString(samba::nearestConfigKey(written.toStdString())), nearest);
}

void TestConfigSchema::adviceOfTheSpecification()
{
    using Range = std::pair<double, double>;
    const auto advice = [](const char* path) { return samba::findConfigKey(path)->advice; };
    QVERIFY(advice("training.readout_weight") == Range(0.3, 0.7));
    QVERIFY(advice("training.pruning_weight") == Range(0.01, 0.1));
    QVERIFY(advice("training.lr") == Range(1e-5, 5e-5));
    QVERIFY(advice("training.batch_size") == Range(8, 32));
}

void TestConfigSchema::referenceNamesEveryKey()
{
    const std::string page = samba::configReferenceMarkdown();
    for (const ConfigKey& key : samba::configSchema()) {
        QVERIFY2(page.find("### `" + key.path + "`\n") != std::string::npos, key.path.c_str());
        for (const std::string& alias : key.aliases)
            QVERIFY2(page.find('`' + alias + '`') != std::string::npos, alias.c_str());
    }
}

void TestConfigSchema::referencePageIsUpToDate()
{
    const QString page =
        QString::fromStdString(readAll(SAMBA_SOURCE_DIR "/docs/config-reference.md"));
    QVERIFY2(page == QString::fromStdString(samba::configReferenceMarkdown()),
             "docs/config-reference.md is out of date: write it anew with "
             "\"samba-cli config reference > docs/config-reference.md\"");
}

void TestConfigSchema::shippedConfigurationsAreRight_data()
{
    QTest::addColumn<QString>("file");
    const QDir folder(QStringLiteral(SAMBA_SOURCE_DIR "/configs"));
    const QStringList files = folder.entryList({QStringLiteral("*.yaml")});
    QVERIFY(files.size() >= 3);
    for (const QString& file : files)
        QTest::newRow(qPrintable(file)) << folder.filePath(file);
}

void TestConfigSchema::shippedConfigurationsAreRight()
{
    QFETCH(QString, file);
    const auto document = samba::ConfigDocument::fromFile(file.toStdString());
    QStringList issues;
    for (const samba::ConfigIssue& issue : document.issues())
        issues << QString::fromStdString(issue.toString());
    QCOMPARE(issues, QStringList());
    QVERIFY2(document.text().front() == '#', "a comment says what the file is for");
}

QTEST_GUILESS_MAIN(TestConfigSchema)
#include "tst_config_schema.moc"
