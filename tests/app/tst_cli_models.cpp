#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::dataPath;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

QString text(const char* ascii)
{
    return QString::fromLatin1(ascii);
}

/// The words of a command line without quoting; {models} and {damaged} stand for folders of the
/// test data.
QStringList words(const QString& line)
{
    QString filled = line;
    filled.replace(text("{models}"), QString::fromStdString(dataPath("models/mamba1-a").string()));
    filled.replace(text("{damaged}"), QString::fromStdString(dataPath("damaged").string()));
    return filled.split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

QStringList words(const char* line)
{
    return words(text(line));
}

/// One tensor of a report in JSON.
QJsonObject tensorOf(const QJsonObject& report, const char* name)
{
    const QJsonArray tensors = report.value(text("tensors")).toArray();
    for (const QJsonValue& tensor : tensors)
        if (tensor[text("name")].toString() == text(name))
            return tensor.toObject();
    return {};
}

} // namespace

/// verify, info --verify, export and dump, with small models of every form.
class TestCliModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void verifyListsEveryTensor();
    void verifyFailsWhereATensorIsWrong();
    void verifyComparesTwoModels();
    void infoVerifiesAsData();
    void allowancesAreNamed();
    void strictAllowsNoExceptions();
    void damagedModelsGetOneSentence_data();
    void damagedModelsGetOneSentence();
    void exportsAndReadsBack_data();
    void exportsAndReadsBack();
    void exportsFreshWeights();
    void exportKeepsWhatIsThere();
    void dumps();
    void refusesUnusableRequests_data();
    void refusesUnusableRequests();

private:
    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliModels::verifyListsEveryTensor()
{
    const CliResult result = m_cli.run(words("verify --model {models}/original"));
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.output.contains("backbone.layers.7.mixer.A_log"), result.toText());
    QVERIFY2(result.output.contains("chunks[1].layers.3"), result.toText());
    QVERIFY2(result.output.contains("was backbone.embedding.weight"), result.toText());
    QVERIFY2(result.output.contains("state-spaces layout"), result.toText());
    QVERIFY2(result.output.contains("every tensor is accounted for"), result.toText());
}

void TestCliModels::verifyFailsWhereATensorIsWrong()
{
    const CliResult missing = m_cli.run(words("verify --model {damaged}/09-st-missing-tensor"));
    QCOMPARE(missing.exitCode, 1);
    QVERIFY2(missing.output.contains("missing"), missing.toText());
    const CliResult shape = m_cli.run(words("verify --model {damaged}/11-st-wrong-shape --json"));
    QCOMPARE(shape.exitCode, 1);
    const QJsonObject tensor =
        tensorOf(shape.json().object(), "backbone.layers.0.mixer.in_proj.weight");
    QCOMPARE(tensor.value(text("status")).toString(), text("wrong shape"));
    QCOMPARE(tensor.value(text("shape")).toArray(), QJsonArray({16, 64}));
    QCOMPARE(tensor.value(text("wanted_shape")).toArray(), QJsonArray({64, 16}));
}

void TestCliModels::verifyComparesTwoModels()
{
    const CliResult same =
        m_cli.run(words("verify --model {models}/hf-sharded --against {models}/original --json"));
    QVERIFY2(same.exitCode == 0, same.toText());
    const QJsonObject comparison = same.json().object().value(text("comparison")).toObject();
    QCOMPARE(comparison.value(text("max_difference")).toDouble(), 0.0);
    QCOMPARE(comparison.value(text("comparable")).toBool(), true);

    const CliResult rounded =
        m_cli.run(words("verify --model {models}/hf-fp16 --against {models}/hf-bf16"));
    QVERIFY2(rounded.exitCode == 0, rounded.toText());
    QVERIFY2(rounded.output.contains("differs"), rounded.toText());

    const CliResult other =
        m_cli.run(words("verify --model {models}/hf-fp16 --against {damaged}/00-good-safetensors"));
    QCOMPARE(other.exitCode, 1);
    QVERIFY2(other.output.contains("other shape"), other.toText());
}

void TestCliModels::infoVerifiesAsData()
{
    const CliResult good = m_cli.run(words("info --model {models}/hf-safetensors --json --verify"));
    QVERIFY2(good.exitCode == 0, good.toText());
    const QJsonObject json = good.json().object();
    QCOMPARE(json.value(text("shape")).toObject().value(text("d_model")).toInt(), 64);
    const QJsonObject report = json.value(text("verification")).toObject();
    QCOMPARE(report.value(text("sound")).toBool(), true);
    const QJsonObject tensor = tensorOf(report, "backbone.layers.5.mixer.D");
    QCOMPARE(tensor.value(text("chunk_name")).toString(), text("chunks[1].layers.1.mixer.D"));
    QCOMPARE(tensor.value(text("crc32")).toString().size(), 8);

    const CliResult bad =
        m_cli.run(words("info --model {damaged}/10-st-extra-tensor --json --verify"));
    QCOMPARE(bad.exitCode, 1);
    const QJsonObject wrong = bad.json().object().value(text("verification")).toObject();
    QCOMPARE(wrong.value(text("sound")).toBool(true), false);
    QCOMPARE(tensorOf(wrong, "backbone.layers.0.mixer.surprise").value(text("status")).toString(),
             text("unexpected"));
}

void TestCliModels::allowancesAreNamed()
{
    const QString line = text("info --model {damaged}/09-st-missing-tensor --json");
    const CliResult strict = m_cli.run(words(line));
    QCOMPARE(strict.exitCode, 1);
    QVERIFY2(strict.errors.contains("Missing: backbone.layers.1.mixer.A_log"), strict.toText());
    QCOMPARE(m_cli.run(words(line + text(" --allow-missing *.mixer.D"))).exitCode, 1);
    const CliResult allowed = m_cli.run(words(line + text(" --allow-missing *.A_log")));
    QVERIFY2(allowed.exitCode == 0, allowed.toText());
    QVERIFY2(allowed.errors.contains("warning"), allowed.toText());
}

void TestCliModels::strictAllowsNoExceptions()
{
    const QString line = text("info --model {models}/hf-bin --strict");
    QCOMPARE(m_cli.run(words(line)).exitCode, 0);
    QCOMPARE(m_cli.run(words(line + text(" --allow-missing *"))).exitCode, 2);
}

void TestCliModels::damagedModelsGetOneSentence_data()
{
    QTest::addColumn<QString>("line");
    for (const char* folder :
         {"01-st-truncated-data", "12-st-shape-overflow", "18-bin-evil-os-system",
          "19-bin-evil-bare-pickle", "20-bin-zip-slip", "30-config-huge"}) {
        for (const char* command :
             {"info --model", "verify --model", "export --output out --model"})
            QTest::addRow("%s %s", command, folder)
                << text(command) + text(" {damaged}/") + text(folder);
    }
}

void TestCliModels::damagedModelsGetOneSentence()
{
    QFETCH(QString, line);
    const CliResult result = m_cli.run(words(line));
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.output.isEmpty(), result.toText());
    QVERIFY2(result.errors.startsWith("samba-cli: error: "), result.toText());
    QCOMPARE(result.errors.count('\n'), 2); // the sentence, and what to do
    QVERIFY(!std::filesystem::exists("/tmp/PWNED_samba"));
    QVERIFY(!std::filesystem::exists(m_folder / "out"));
}

void TestCliModels::exportsAndReadsBack_data()
{
    QTest::addColumn<QString>("options");
    for (const char* options :
         {"--format hf", "--format original", "--format safetensors --max-shard-size 200KB"})
        QTest::newRow(options) << text(options);
}

void TestCliModels::exportsAndReadsBack()
{
    QFETCH(QString, options);
    const CliResult exported =
        m_cli.run(words(text("export --model {models}/hf-bin --force --output out ") + options));
    QVERIFY2(exported.exitCode == 0, exported.toText());
    QVERIFY2(exported.output.contains("out/config.json\n"), exported.toText());
    const CliResult same =
        m_cli.run(words("verify --model out --against {models}/hf-safetensors --json"));
    QVERIFY2(same.exitCode == 0, same.toText());
    const QJsonArray tensors =
        same.json().object().value(text("comparison")).toObject().value(text("tensors")).toArray();
    QVERIFY(tensors.size() > 80);
    for (const QJsonValue& tensor : tensors)
        QVERIFY(tensor[text("equal_bits")].toBool());
}

void TestCliModels::exportsFreshWeights()
{
    writeFile(m_folder / "fresh.yaml", "model: {type: samba, vocab_size: 40, d_model: 16, "
                                       "n_layers: 2, readout_stride: 1, readout_hidden_dim: 4}\n"
                                       "pretrained: {use_pretrained: true, model_name: x}\n"
                                       "dataset: {tokenizer: not-here}\n");
    const char* line = "export --config fresh.yaml --output fresh";
    QCOMPARE(m_cli.run(words(line)).exitCode, 2);
    const CliResult result = m_cli.run(words(text(line) + text(" --no-pretrained --dtype bf16")));
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.errors.contains("exported without"), result.toText());
    const CliResult info = m_cli.run(words("info --model fresh --json --verify"));
    QVERIFY2(info.exitCode == 0, info.toText());
    const QJsonObject json = info.json().object();
    QCOMPARE(json.value(text("type")).toString(), text("samba"));
    QCOMPARE(tensorOf(json.value(text("verification")).toObject(), "readout.key.weight")
                 .value(text("dtype"))
                 .toString(),
             text("BF16"));
}

void TestCliModels::exportKeepsWhatIsThere()
{
    writeFile(m_folder / "mine/notes.txt", "mine");
    const CliResult result =
        m_cli.run(words("export --model {models}/hf-bin --output mine --force"));
    QCOMPARE(result.exitCode, 1);
    QCOMPARE(samba::test::readFile(m_folder / "mine/notes.txt"), std::string("mine"));
}

void TestCliModels::dumps()
{
    const CliResult result = m_cli.run(words(
        "dump --model {models}/hf-fp16 --ids 1,2,3 --dtype float64 --gradients --states --output "
        "dump.safetensors"));
    QVERIFY2(result.exitCode == 0, result.toText());
    const std::string dump = samba::test::readFile(m_folder / "dump.safetensors");
    for (const char* name :
         {"\"logits\":{\"dtype\":\"F64\",\"shape\":[1,3,512]", "\"hidden_states.8\"", "\"loss\"",
          "\"grad.backbone.embeddings.weight\"", "\"ssm_state.7\"", "\"conv_state.0\"",
          "\"chunk_outputs.1\"", "\"input_ids\":{\"dtype\":\"I64\""})
        QVERIFY2(dump.find(name) != std::string::npos, name);
    // A dump holds its own ids.
    const CliResult again = m_cli.run(
        words("dump --model {models}/hf-fp16 --ids dump.safetensors --output again.safetensors"));
    QVERIFY2(again.exitCode == 0, again.toText());
}

void TestCliModels::refusesUnusableRequests_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* line, int exitCode, const char* message) {
        QTest::newRow(line) << text(line) << exitCode << text(message);
    };
    row("export --output out", 2, "--model or --config");
    row("export --model {models}/hf-bin --output out --format onnx", 2, "hf, original or");
    row("export --model {models}/hf-bin --output out --dtype f8", 2, "f32, f16 or bf16");
    row("export --model {models}/hf-bin --output out --max-shard-size 0", 2, "--max-shard-size");
    row("export --model {models}/hf-bin --output out --max-shard-size 5TB", 2, "--max-shard-size");
    row("export --model nowhere --output out", 1, "nowhere");
    row("dump --model {models}/hf-bin --ids 1,x --output d.safetensors", 2, "whole number");
    row("dump --model {models}/hf-bin --output d.safetensors", 2, "--ids or --text");
    row("dump --model {models}/hf-bin --ids 1 --text one --output d.safetensors", 2, "either");
    row("dump --model {models}/hf-bin --ids 512 --output d.safetensors", 2, "vocabulary of 512");
    row("dump --model {models}/hf-bin --ids 1 --gradients --output d.safetensors", 2, "next one");
    row("dump --model {models}/hf-bin --ids no.safetensors --output d.safetensors", 1, "no.safe");
    row("dump --model {models}/hf-bin --ids 1,2 --dtype bf16 --output d.safetensors", 2, "float64");
    row("dump --model {models}/hf-bin --ids 1,2 --output no/where.safetensors", 1, "no/where");
    row("info --verify --config x.yaml", 2, "--model");
}

void TestCliModels::refusesUnusableRequests()
{
    QFETCH(QString, line);
    QFETCH(int, exitCode);
    QFETCH(QString, message);
    const CliResult result = m_cli.run(words(line));
    QVERIFY2(result.exitCode == exitCode, result.toText());
    QVERIFY2(QString::fromUtf8(result.errors).contains(message), result.toText());
    QVERIFY(!std::filesystem::exists(m_folder / "d.safetensors"));
}

QTEST_GUILESS_MAIN(TestCliModels)
#include "tst_cli_models.moc"
