#include "engine/api/config_document.h"
#include "engine/api/error.h"

#include <QtTest>

#include <functional>

using samba::Config;
using samba::ConfigDocument;
using samba::ConfigIssue;
using samba::ConfigKey;
using samba::ConfigValue;

namespace {

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

std::string read(const QString& value)
{
    return value.toStdString();
}

QString allIssues(const ConfigDocument& document)
{
    QStringList lines;
    for (const ConfigIssue& issue : document.issues())
        lines << text(issue.toString());
    return lines.join(QLatin1Char('\n'));
}

/// A value that differs from the default and is allowed.
ConfigValue otherValue(const ConfigKey& key)
{
    switch (key.type) {
    case samba::ConfigType::Bool:
        return !std::get<bool>(key.defaultValue);
    case samba::ConfigType::Integer:
        // Few layers would be fewer than a chunk has.
        return int64_t{std::get<int64_t>(key.defaultValue) == 16 ? 8 : 16};
    case samba::ConfigType::Number:
        return 0.0625;
    case samba::ConfigType::String:
        return std::string(key.path == "training.device" ? "cpu" : "a: #b 'c' \"d\" \xC3\xA9");
    case samba::ConfigType::Choice:
        return key.choices.back();
    case samba::ConfigType::StringList:
        return std::vector<std::string>{"one", "two, three", "- four", ""};
    }
    return {};
}

} // namespace

class TestConfigDocument : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void defaultDocumentSetsEveryKeyToItsDefault();
    void originalConfigurationLoadsUnchanged();
    void readsValues_data();
    void readsValues();
    void reportsProblems_data();
    void reportsProblems();
    void reportsAllProblemsInOrder();
    void survivesHostileText_data();
    void survivesHostileText();
    void editsKeepEverythingElse_data();
    void editsKeepEverythingElse();
    void everyKeyCanBeEditedInEveryForm_data();
    void everyKeyCanBeEditedInEveryForm();
    void refusesEditsThatAreNotAllowed();
    void assigns_data();
    void assigns();
    void assignmentsReportProblems_data();
    void assignmentsReportProblems();
    void validConfigThrowsWithEveryIssue();
    void savesAndReadsBack();
    void missingFileIsAnError();
};

void TestConfigDocument::defaultDocumentSetsEveryKeyToItsDefault()
{
    const ConfigDocument document;
    QCOMPARE(allIssues(document), QString());
    const Config defaults = samba::defaultConfig();
    for (const ConfigKey& key : samba::configSchema()) {
        QVERIFY2(document.isSet(key.path), key.path.c_str());
        QVERIFY2(key.get(document.config()) == key.get(defaults), key.path.c_str());
        QVERIFY2(document.text().find(key.help) != std::string::npos, key.path.c_str());
    }
}

void TestConfigDocument::originalConfigurationLoadsUnchanged()
{
    const ConfigDocument document =
        ConfigDocument::fromFile(SAMBA_TEST_DATA "/config/original.yaml");
    QCOMPARE(allIssues(document), QString());
    const Config& config = document.config();
    QCOMPARE(config.model.type, std::string("samba"));
    QCOMPARE(config.model.vocabSize, 50280);
    QCOMPARE(config.model.readoutHiddenDim, 512);
    QCOMPARE(config.pretrained.usePretrained, true);
    QCOMPARE(config.pretrained.modelName, std::string("state-spaces/mamba-130m-hf"));
    QCOMPARE(config.training.epochs, 10);
    QCOMPARE(config.training.lr, 1e-5);
    QCOMPARE(config.training.pruningWeight, 0.05);
    QCOMPARE(config.dataset.configName, std::string("wikitext-2-raw-v1"));
    QCOMPARE(config.logging.projectName, std::string("samba"));
}

void TestConfigDocument::readsValues_data()
{
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("value"); // as formatConfigValue() writes it

    const auto row = [](const char* name, const char* yaml, const char* path, const char* value) {
        QTest::newRow(name) << QString::fromUtf8(yaml) << QString::fromUtf8(path)
                            << QString::fromUtf8(value);
    };
    row("number without a point", "training:\n  lr: 1e-5\n", "training.lr", "1.0e-5");
    row("number with a plus", "training:\n  lr: +0.5\n", "training.lr", "0.5");
    row("number from a point on", "training:\n  lr: .5\n", "training.lr", "0.5");
    row("whole number for a number", "training:\n  lr: 1\n", "training.lr", "1");
    row("point for a whole number", "training:\n  epochs: 3.0\n", "training.epochs", "3");
    row("exponent for a whole number", "training:\n  max_steps: 1e4\n", "training.max_steps",
        "10000");
    row("minus one for no steps", "training:\n  max_steps: -1\n", "training.max_steps", "0");
    row("null", "training:\n  max_steps: null\n", "training.max_steps", "0");
    row("tilde", "training:\n  lr: ~\n", "training.lr", "5.0e-5");
    row("left out", "training:\n  lr:\n  epochs: 2\n", "training.lr", "5.0e-5");
    row("auto rank", "model:\n  dt_rank: auto\n", "model.dt_rank", "0");
    row("yes", "training:\n  bf16: yes\n", "training.bf16", "true");
    row("OFF", "pretrained:\n  use_pretrained: OFF\n", "pretrained.use_pretrained", "false");
    row("number for a text", "logging:\n  run_name: 2024\n", "logging.run_name", "\"2024\"");
    row("quotes", "dataset:\n  name: 'it''s'\n", "dataset.name", "it's");
    row("escapes", "dataset:\n  name: \"a\\tb\\u00e9\"\n", "dataset.name", "\"a\\tb\xC3\xA9\"");
    row("bracket list", "training:\n  sample_prompts: [a, \"b c\"]\n", "training.sample_prompts",
        "[a, b c]");
    row("dash list", "training:\n  sample_prompts:\n  - a\n  - b\n", "training.sample_prompts",
        "[a, b]");
    row("empty list", "training:\n  sample_prompts: []\n", "training.sample_prompts", "[]");
    row("folded text", "training:\n  sample_prompts:\n    - >-\n      a\n      b\n",
        "training.sample_prompts", "[a b]");
    row("braces", "training: {lr: 0.1, epochs: 2}\n", "training.epochs", "2");
    row("byte order mark", "\xEF\xBB\xBFtraining:\n  lr: 0.1\n", "training.lr", "0.1");
    row("carriage returns", "training:\r\n  lr: 0.1\r\n  epochs: 2\r\n", "training.epochs", "2");
    row("document start", "---\ntraining:\n  lr: 0.1\n", "training.lr", "0.1");
    row("nothing at all", "", "training.lr", "5.0e-5");
    row("only a comment", "# nothing\n", "training.lr", "5.0e-5");
    for (const ConfigKey& key : samba::configSchema()) {
        for (const std::string& alias : key.aliases) {
            const size_t dot = alias.find('.');
            const std::string value = samba::formatConfigValue(otherValue(key));
            const std::string yaml =
                alias.substr(0, dot) + ":\n  " + alias.substr(dot + 1) + ": " + value + '\n';
            row(alias.c_str(), yaml.c_str(), key.path.c_str(), value.c_str());
        }
    }
}

void TestConfigDocument::readsValues()
{
    QFETCH(QString, yaml);
    QFETCH(QString, path);
    QFETCH(QString, value);
    const ConfigDocument document = ConfigDocument::fromText(read(yaml));
    QVERIFY2(document.isValid(), qPrintable(allIssues(document)));
    const ConfigKey* key = samba::findConfigKey(read(path));
    QCOMPARE(text(samba::formatConfigValue(key->get(document.config()))), value);
}

void TestConfigDocument::reportsProblems_data()
{
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("issue"); // the only one, as toString() writes it

    const auto row = [](const char* name, const char* yaml, const char* issue) {
        QTest::newRow(name) << QString::fromUtf8(yaml) << QString::fromUtf8(issue);
    };
    row("unknown key", "training:\n  lernin_rate: 1\n",
        "f.yaml:2:3: error: training.lernin_rate: is no key; did you mean training.lr?");
    row("swapped letters", "model:\n  d_modle: 8\n",
        "f.yaml:2:3: error: model.d_modle: is no key; did you mean model.d_model?");
    row("wrong section", "model:\n  seq_len: 8\n",
        "f.yaml:2:3: error: model.seq_len: is no key; did you mean training.seq_len?");
    row("nothing near", "model:\n  colour: 8\n", "f.yaml:2:3: error: model.colour: is no key");
    row("unknown section", "trainig:\n  lr: 1\n",
        "f.yaml:1:1: error: trainig: is no section; did you mean training?");
    row("key without section", "lr: 1\n",
        "f.yaml:1:1: error: lr: is no section; did you mean the key training.lr?");
    row("section of another world", "zoo: 1\n",
        "f.yaml:1:1: error: zoo: is no section; there are model, pretrained, training, dataset, "
        "logging");
    row("text for a number", "training:\n  lr: fast\n",
        "f.yaml:2:7: error: training.lr: must be a number above 0 and at most 10, not fast");
    row("quoted number", "training:\n  lr: \"1e-4\"\n",
        "f.yaml:2:7: error: training.lr: must be a number above 0 and at most 10, not the text "
        "\"1e-4\"");
    row("fraction for a whole number", "model:\n  n_layers: 2.5\n",
        "f.yaml:2:13: error: model.n_layers: must be a whole number from 1 to 1024, not 2.5");
    row("out of range", "training:\n  lr: -0.1\n",
        "f.yaml:2:7: error: training.lr: must be a number above 0 and at most 10, not -0.1");
    row("at an exclusive maximum", "training:\n  adam_beta1: 1.0\n",
        "f.yaml:2:15: error: training.adam_beta1: must be a number at least 0 and below 1, not 1");
    row("infinite", "training:\n  lr: inf\n",
        "f.yaml:2:7: error: training.lr: must be a number above 0 and at most 10, not .inf");
    row("huge whole number", "model:\n  n_layers: 99999999999999999999\n",
        "f.yaml:2:13: error: model.n_layers: must be a whole number from 1 to 1024, not "
        "99999999999999999999");
    row("unknown choice", "model:\n  type: rnn\n",
        "f.yaml:2:9: error: model.type: must be one of samba, mamba, transformer, not rnn");
    row("number for a truth value", "training:\n  bf16: 1\n",
        "f.yaml:2:9: error: training.bf16: must be true or false, not 1");
    row("list for a number", "training:\n  lr: [1]\n",
        "f.yaml:2:7: error: training.lr: must be a number above 0 and at most 10, not a list");
    row("text for a list", "training:\n  sample_prompts: a\n",
        "f.yaml:2:19: error: training.sample_prompts: must be a list of texts, such as [one, two], "
        "not a");
    row("section for a text", "dataset:\n  name:\n    a: b\n",
        "f.yaml:3:5: error: dataset.name: must be a text, not a section");
    row("twice", "training:\n  lr: 0.1\n  lr: 0.2\n",
        "f.yaml:3:3: error: training.lr: is set twice; line 2 has it already");
    row("alias and key", "training:\n  lr: 0.1\n  learning_rate: 0.2\n",
        "f.yaml:3:3: error: training.learning_rate: is set twice; line 2 has training.lr already");
    row("section twice", "model:\n  d_model: 8\nmodel:\n  d_conv: 4\n",
        "f.yaml:3:1: error: model: is a section that stands there already");
    row("section that is a value", "training: 5\n",
        "f.yaml:1:11: error: training: must hold keys, each on a line of its own and indented, not "
        "5");
    row("no sections", "- a\n- b\n",
        "f.yaml:1:1: error: a configuration consists of sections with keys, such as \"training:\" "
        "and below it \"  lr: 0.001\", not of a list");
    row("tab", "training:\n\tlr: 0.1\n",
        "f.yaml:2:1: error: a line is indented with a tab; YAML allows only spaces");
    row("anchor", "training: &a\n  lr: 0.1\n",
        "f.yaml:1:11: error: anchors (&name) are not supported; write the value itself");
    row("alias of YAML", "training: *a\n",
        "f.yaml:1:11: error: this is not YAML: the referenced anchor is not defined");
    row("tag", "training:\n  lr: !!float 1\n",
        "f.yaml:2:7: error: tags (!name) are not supported; write the value alone");
    row("carriage return", "# a\rmodel:\n  d_conv: 3\n",
        "f.yaml:1:4: error: there is a carriage return within a line; save the file with the line "
        "ends of Unix or Windows");
    row("open quote", "dataset:\n  name: \"wiki\n  tokenizer: a\n",
        "f.yaml:2:9: error: a quoted text has no closing quote");
    row("key without colon", "dataset:\n  name: a\nmodel\n",
        "f.yaml:3:1: error: a key has no colon behind it");
    row("key without colon in a section", "training:\n  lr: 0.1\n  epochs",
        "f.yaml:3:3: error: a key has no colon behind it");
    row("tag alone", "! ",
        "f.yaml:1:1: error: tags (!name) are not supported; write the value alone");
    row("two documents", "training:\n  lr: 0.1\n---\nmodel:\n  d_conv: 4\n",
        "f.yaml:4:1: error: there is a second document (---); a configuration is only one");
    row("not UTF-8", "training:\n  lr: 0.1 # caf\xE9\n", "");
    row("stride above layers", "model:\n  n_layers: 2\n  readout_stride: 4\n",
        "f.yaml:3:19: error: model.readout_stride: must not be larger than model.n_layers (2), not "
        "4");
    row("stride not dividing", "model:\n  n_layers: 6\n  readout_stride: 4\n",
        "f.yaml:3:19: warning: model.readout_stride: does not divide model.n_layers (6): the last "
        "chunk has only 2 layers");
    row("heads not dividing", "model:\n  type: transformer\n  d_model: 64\n  n_head: 5\n",
        "f.yaml:4:11: error: model.n_head: must divide model.d_model (64), which 5 does not");
    row("longer than positions",
        "model:\n  type: transformer\n  n_positions: 128\ntraining:\n  seq_len: 256\n",
        "f.yaml:5:12: error: training.seq_len: must not be larger than model.n_positions (128), "
        "not 256");
    row("other weights than the model",
        "model:\n  type: transformer\npretrained:\n  use_pretrained: true\n  model_name: "
        "state-spaces/mamba-130m-hf\n",
        "f.yaml:5:15: error: pretrained.model_name: names the weights of a Mamba, but model.type "
        "is transformer; pretrained.use_pretrained: false starts from fresh weights");
    row("frozen mamba",
        "model:\n  type: mamba\npretrained:\n  use_pretrained: true\n  freeze_backbone: true\n",
        "f.yaml:5:20: error: pretrained.freeze_backbone: leaves nothing to train: a mamba has no "
        "readout");
    row("frozen random weights", "pretrained:\n  freeze_backbone: true\n",
        "f.yaml:2:20: warning: pretrained.freeze_backbone: freezes random weights: "
        "pretrained.use_pretrained is false");
    row("half a step", "training:\n  warmup_steps: 2.5\n",
        "f.yaml:2:17: error: training.warmup_steps: must be a whole number of steps, or a share of "
        "all steps below 1, not 2.5");
    row("ratio of steps", "training:\n  warmup_ratio: 5\n",
        "f.yaml:2:17: error: training.warmup_ratio: must be a share of all steps below 1; "
        "training.warmup_steps takes steps");
    row("all warm-up", "training:\n  warmup_steps: 10\n  max_steps: 5\n",
        "f.yaml:2:17: warning: training.warmup_steps: covers the whole run: training.max_steps is "
        "5");
    row("ratio without cosine", "training:\n  lr_scheduler_type: linear\n  min_lr_ratio: 0.2\n",
        "f.yaml:3:17: warning: training.min_lr_ratio: has no effect with "
        "training.lr_scheduler_type linear");
    row("device", "training:\n  device: gpu\n",
        "f.yaml:2:11: error: training.device: must be auto, cpu, cuda or cuda:N with the number of "
        "the device, not gpu");
    row("run name with a folder", "logging:\n  run_name: a/b\n",
        "f.yaml:2:13: error: logging.run_name: must be the name of one folder; logging.output_dir "
        "says where it lies");
    row("column counts characters", "training: {run_name: \"\xC3\xA9\xC3\xA9\", lr: x}\n",
        "f.yaml:1:32: error: training.lr: must be a number above 0 and at most 10, not x");
}

void TestConfigDocument::reportsProblems()
{
    QFETCH(QString, yaml);
    QFETCH(QString, issue);
    if (issue.isEmpty()) {
        // Bytes that a QString cannot carry.
        const ConfigDocument latin1 =
            ConfigDocument::fromText("training:\n  lr: 0.1 # caf\xE9\n", "f.yaml");
        QCOMPARE(allIssues(latin1),
                 QStringLiteral("f.yaml:2:1: error: this line is not UTF-8; save "
                                "the file in that encoding"));
        return;
    }
    const ConfigDocument document = ConfigDocument::fromText(read(yaml), "f.yaml");
    QCOMPARE(allIssues(document), issue);
    QCOMPARE(document.isValid(), issue.contains(QLatin1String(": warning: ")));
}

void TestConfigDocument::reportsAllProblemsInOrder()
{
    const ConfigDocument document = ConfigDocument::fromText("model:\n"
                                                             "  d_model: zero\n"
                                                             "  readout_stride: 30\n"
                                                             "training:\n"
                                                             "  lr: 20\n"
                                                             "  speed: 3\n"
                                                             "colors: 1\n");
    QStringList places;
    for (const ConfigIssue& issue : document.issues())
        places << QStringLiteral("%1:%2 %3").arg(issue.line).arg(issue.column).arg(text(issue.key));
    QCOMPARE(
        places,
        QStringList({QStringLiteral("2:12 model.d_model"),
                     QStringLiteral("3:19 model.readout_stride"), QStringLiteral("5:7 training.lr"),
                     QStringLiteral("6:3 training.speed"), QStringLiteral("7:1 colors")}));
    // Keys with an error are at their default.
    QCOMPARE(document.config().model.dModel, 768);
    QCOMPARE(document.config().training.lr, 5e-5);
}

void TestConfigDocument::survivesHostileText_data()
{
    QTest::addColumn<QByteArray>("piece");
    QTest::addColumn<int>("count");
    constexpr int kMiB = 1 << 20;
    for (const char* piece : {"[", "{", "- ", "? ", "a: ", "{a: ", "&a ", "!", "'", "\"", "|\n ",
                              "a:\n", "a", "\n", "\t", "- a\n", "a: &a [*a]\n", "#", "%"}) {
        const QByteArray bytes(piece);
        QTest::addRow("%s to the limit", qPrintable(QString::fromUtf8(bytes.toPercentEncoding())))
            << bytes << static_cast<int>(kMiB / bytes.size());
    }
    QTest::newRow("over the limit") << QByteArray("training:\n") << kMiB / 10 + 1;
    QTest::newRow("zeros") << QByteArray("\0", 1) << 1000;
    QTest::newRow("end marks") << QByteArray("\x04", 1) << 1000;
}

void TestConfigDocument::survivesHostileText()
{
    QFETCH(QByteArray, piece);
    QFETCH(int, count);
    const ConfigDocument document =
        ConfigDocument::fromText(piece.repeated(count).toStdString(), "f.yaml");
    // A directive (%) without a document says nothing.
    const bool isEmptyYaml = piece == "\n" || piece == "#" || piece == "\t" || piece == "%";
    QVERIFY2(document.isValid() == isEmptyYaml, qPrintable(allIssues(document)));
    QVERIFY(document.issues().size() <= 101);
    for (const ConfigIssue& issue : document.issues())
        QVERIFY(issue.message.size() < 300);
}

void TestConfigDocument::editsKeepEverythingElse_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("value"); // YAML
    QTest::addColumn<QString>("after");

    const auto row = [](const char* name, const char* before, const char* path, const char* value,
                        const char* after) {
        QTest::newRow(name) << QString::fromUtf8(before) << QString::fromUtf8(path)
                            << QString::fromUtf8(value) << QString::fromUtf8(after);
    };
    row("value only", "# a\ntraining: # b\n    lr:   1e-4   # c\n    epochs: 2\n# d", "training.lr",
        "2e-4", "# a\ntraining: # b\n    lr:   2.0e-4   # c\n    epochs: 2\n# d");
    row("double quotes", "dataset:\n  name: \"a # b\"  # c\n", "dataset.name", "d",
        "dataset:\n  name: d  # c\n");
    row("single quotes", "dataset: {name: 'it''s', tokenizer: t}\n", "dataset.name", "d",
        "dataset: {name: d, tokenizer: t}\n");
    row("alias", "training:\n  learning_rate: 1\n", "training.lr", "2",
        "training:\n  learning_rate: 2\n");
    row("ratio", "training:\n  warmup_ratio: 0.1 # x\n", "training.warmup_steps", "100",
        "training:\n  warmup_steps: 100 # x\n");
    row("left out", "training:\n  lr:   # x\n  epochs: 2\n", "training.lr", "0.5",
        "training:\n  lr: 0.5   # x\n  epochs: 2\n");
    row("null", "training:\n  lr: null # x\n", "training.lr", "0.5", "training:\n  lr: 0.5 # x\n");
    row("missing key", "training:\n    lr: 1 # x\n\n# y\nmodel:\n    d_conv: 4\n",
        "training.epochs", "2",
        "training:\n    lr: 1 # x\n    epochs: 2\n\n# y\nmodel:\n    d_conv: 4\n");
    row("missing key at the end", "training:\n  lr: 1", "training.epochs", "2",
        "training:\n  lr: 1\n  epochs: 2");
    row("missing section", "training:\n   lr: 1\n", "model.d_conv", "3",
        "training:\n   lr: 1\n\nmodel:\n   d_conv: 3\n");
    row("empty text", "", "model.d_conv", "3", "model:\n  d_conv: 3\n");
    row("only a comment", "# hello", "model.d_conv", "3", "# hello\n\nmodel:\n  d_conv: 3\n");
    row("nothing, in words", "~", "model.d_conv", "3", "model:\n  d_conv: 3\n");
    row("nothing, with a comment", "# a\nnull # b\n", "model.d_conv", "3",
        "# a\n # b\n\nmodel:\n  d_conv: 3\n");
    row("empty section", "model: # x\ntraining:\n  lr: 1\n", "model.d_conv", "3",
        "model: # x\n  d_conv: 3\ntraining:\n  lr: 1\n");
    row("braces", "model: {d_conv: 4, d_state: 16} # x\n", "model.d_model", "8",
        "model: {d_conv: 4, d_state: 16, d_model: 8} # x\n");
    row("empty braces", "model: {} # x\n", "model.d_model", "8", "model: {d_model: 8} # x\n");
    row("all braces", "{model: {d_conv: 4}}\n", "training.lr", "1",
        "{model: {d_conv: 4}, training: {lr: 1}}\n");
    row("carriage returns", "training:\r\n  lr: 1 # x\r\n", "training.epochs", "2",
        "training:\r\n  lr: 1 # x\r\n  epochs: 2\r\n");
    row("byte order mark", "\xEF\xBB\xBFtraining:\n  lr: 1 # x\n", "training.lr", "2",
        "\xEF\xBB\xBFtraining:\n  lr: 2 # x\n");
    row("dash list", "training:\n  sample_prompts:\n    - a # x\n    - b\n  lr: 1\n",
        "training.sample_prompts", "[c, d, e]",
        "training:\n  sample_prompts:\n    - c\n    - d\n    - e\n  lr: 1\n");
    row("dash list emptied", "training:\n  sample_prompts:\n  - a\n  - b\n  lr: 1\n",
        "training.sample_prompts", "[]", "training:\n  sample_prompts: []\n  lr: 1\n");
    row("bracket list over lines", "training:\n  sample_prompts: [a,\n    b] # x\n  lr: 1\n",
        "training.sample_prompts", "[c]", "training:\n  sample_prompts: [c] # x\n  lr: 1\n");
    row("block text", "dataset:\n  name: |\n    a\n    # b\n\n  tokenizer: t\n", "dataset.name",
        "c", "dataset:\n  name: c\n\n  tokenizer: t\n");
    row("text over lines", "dataset:\n  name: a\n    b  c\n  tokenizer: t # x\n", "dataset.name",
        "d", "dataset:\n  name: d\n  tokenizer: t # x\n");
    row("bad value", "training:\n  lr: fast # x\n", "training.lr", "0.5",
        "training:\n  lr: 0.5 # x\n");
    row("text in need of quotes", "dataset:\n  name: a\n", "dataset.name", "\"b: #c\"",
        "dataset:\n  name: \"b: #c\"\n");
}

void TestConfigDocument::editsKeepEverythingElse()
{
    QFETCH(QString, before);
    QFETCH(QString, path);
    QFETCH(QString, value);
    QFETCH(QString, after);
    // The value as the parser reads it.
    const ConfigKey* key = samba::findConfigKey(read(path));
    const std::string probe =
        std::string(key->section()) + ": {" + std::string(key->name()) + ": " + read(value) + "}\n";
    const ConfigValue wanted = key->get(ConfigDocument::fromText(probe).config());

    const ConfigDocument changed =
        ConfigDocument::fromText(read(before), "f.yaml").withValue(read(path), wanted);
    QCOMPARE(text(changed.text()), after);
    QVERIFY(key->get(changed.config()) == wanted);
    QVERIFY2(changed.isValid(), qPrintable(allIssues(changed)));
    QCOMPARE(changed.fileName(), std::string("f.yaml"));
}

void TestConfigDocument::everyKeyCanBeEditedInEveryForm_data()
{
    QTest::addColumn<QString>("base");
    QTest::newRow("all keys set") << text(ConfigDocument().text());
    QTest::newRow("empty") << QString();
    QTest::newRow("flow") << QStringLiteral("{training: {lr: 1, }, model: {}, dataset: }\n");
    QTest::newRow("empty sections") << QStringLiteral("training:\nmodel: ~ # x\ndataset: null\n");
    QTest::newRow("original") << text(
        ConfigDocument::fromFile(SAMBA_TEST_DATA "/config/original.yaml").text());
}

void TestConfigDocument::everyKeyCanBeEditedInEveryForm()
{
    QFETCH(QString, base);
    ConfigDocument document = ConfigDocument::fromText(read(base));
    Config wanted = document.config();
    for (const ConfigKey& key : samba::configSchema()) {
        // A folder name has no slash, and no key may be empty by accident.
        const ConfigValue value = otherValue(key);
        document = document.withValue(key.path, value);
        key.set(wanted, value);
        for (const ConfigKey& other : samba::configSchema()) {
            QVERIFY2(other.get(document.config()) == other.get(wanted),
                     qPrintable(QStringLiteral("%1 after %2 in\n%3")
                                    .arg(text(other.path), text(key.path), text(document.text()))));
        }
        QVERIFY(document.isSet(key.path));
    }
}

void TestConfigDocument::refusesEditsThatAreNotAllowed()
{
    const ConfigDocument document = ConfigDocument::fromText("training:\n  lr: 1\n");
    QVERIFY_EXCEPTION_THROWN(document.withValue("training.lrr", 0.1), samba::Error);
    QVERIFY_EXCEPTION_THROWN(document.withValue("training.lr", 20.0), samba::Error);
    QVERIFY_EXCEPTION_THROWN(document.withValue("training.lr", std::string("1")), samba::Error);
    const ConfigDocument broken = ConfigDocument::fromText("training: [\n");
    QVERIFY_EXCEPTION_THROWN(broken.withValue("training.lr", 0.1), samba::Error);
}

void TestConfigDocument::assigns_data()
{
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("value");
    const auto row = [](const char* assignment, const char* path, const char* value) {
        QTest::newRow(assignment) << QString::fromUtf8(assignment) << QString::fromUtf8(path)
                                  << QString::fromUtf8(value);
    };
    row("training.lr=1e-4", "training.lr", "1.0e-4");
    row("training.learning_rate=1e-4", "training.lr", "1.0e-4");
    row("model.type=mamba", "model.type", "mamba");
    row("dataset.name=/a b/c: d #e", "dataset.name", "\"/a b/c: d #e\"");
    row("dataset.name=\"x\"", "dataset.name", "x");
    row("dataset.validation=", "dataset.validation", "\"\"");
    row("training.sample_prompts=[a, b]", "training.sample_prompts", "[a, b]");
    row("training.bf16=true", "training.bf16", "true");
    row("training.max_steps=null", "training.max_steps", "0");
    row("model.dt_rank=auto", "model.dt_rank", "0");
}

void TestConfigDocument::assigns()
{
    QFETCH(QString, assignment);
    QFETCH(QString, path);
    QFETCH(QString, value);
    const ConfigDocument document =
        ConfigDocument::fromText("training:\n  max_steps: 7\n").withAssignment(read(assignment));
    QCOMPARE(allIssues(document), QString());
    QCOMPARE(
        text(samba::formatConfigValue(samba::findConfigKey(read(path))->get(document.config()))),
        value);
}

void TestConfigDocument::assignmentsReportProblems_data()
{
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QString>("issue");
    const auto row = [](const char* assignment, const char* issue) {
        QTest::newRow(assignment) << QString::fromUtf8(assignment) << QString::fromUtf8(issue);
    };
    row("training.lr",
        "--set: error: \"training.lr\" has no value; write key=value, as training.lr=1e-4");
    row("lr=1", "--set: error: lr: is no key; did you mean training.lr?");
    row("training.lr=fast",
        "--set: error: training.lr: must be a number above 0 and at most 10, not fast");
    row("training.lr=[1", "--set: error: training.lr: this is not YAML: end of sequence flow not "
                          "found");
    row("training.device=gpu",
        "--set: error: training.device: must be auto, cpu, cuda or cuda:N with the number of the "
        "device, not gpu");
}

void TestConfigDocument::assignmentsReportProblems()
{
    QFETCH(QString, assignment);
    QFETCH(QString, issue);
    const ConfigDocument document = ConfigDocument::fromText("training:\n  lr: 0.5\n", "f.yaml")
                                        .withAssignment(read(assignment))
                                        .withAssignment("model.d_conv=3");
    QCOMPARE(allIssues(document), issue);
    QCOMPARE(document.config().model.dConv, 3);
    QVERIFY(!document.isValid());
}

void TestConfigDocument::validConfigThrowsWithEveryIssue()
{
    const ConfigDocument document =
        ConfigDocument::fromText("training:\n  lr: 20\n  speed: 1\n", "f.yaml");
    try {
        (void)document.validConfig();
        QFAIL("nothing was thrown");
    } catch (const samba::Error& error) {
        QCOMPARE(error.kind(), samba::ErrorKind::Config);
        const QString message = QString::fromUtf8(error.what());
        QVERIFY2(message.contains(QLatin1String("f.yaml:2:7: error: training.lr")), error.what());
        QVERIFY2(message.contains(QLatin1String("f.yaml:3:3: error: training.speed")),
                 error.what());
    }
}

void TestConfigDocument::savesAndReadsBack()
{
    QTemporaryDir folder;
    const std::string file = read(folder.filePath(QStringLiteral("a b.yaml")));
    const ConfigDocument document = ConfigDocument::fromText("training:\n  lr: 0.25 # x\n");
    document.save(file);
    document.withValue("training.lr", 0.5).save(file);
    QCOMPARE(ConfigDocument::fromFile(file).text(), std::string("training:\n  lr: 0.5 # x\n"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
}

void TestConfigDocument::missingFileIsAnError()
{
    try {
        (void)ConfigDocument::fromFile("/nowhere/a.yaml");
        QFAIL("nothing was thrown");
    } catch (const samba::Error& error) {
        QCOMPARE(error.kind(), samba::ErrorKind::File);
        QVERIFY(QByteArray(error.what()).contains("/nowhere/a.yaml"));
    }
    QVERIFY_EXCEPTION_THROWN((void)ConfigDocument::fromFile("/tmp"), samba::Error);
    // An endless file is read up to the limit only.
    QVERIFY_EXCEPTION_THROWN((void)ConfigDocument::fromFile("/dev/zero"), samba::Error);
}

QTEST_GUILESS_MAIN(TestConfigDocument)
#include "tst_config_document.moc"
