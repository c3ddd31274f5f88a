#include "tests/app/cli_process.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QImage>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <cmath>
#include <csignal>

using samba::test::CliResult;
using samba::test::CliRunner;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

constexpr const char* kConfig = "# A model small enough to be trained in a second.\n"
                                "model:\n"
                                "  vocab_size: 0\n"
                                "  d_model: 16\n"
                                "  n_layers: 3\n"
                                "  readout_stride: 2\n"
                                "  readout_hidden_dim: 8\n"
                                "training:\n"
                                "  batch_size: 2\n"
                                "  seq_len: 16\n"
                                "  lr: 0.001\n"
                                "  logging_steps: 1\n"
                                "  eval_batches: 2\n"
                                "  sample_tokens: 4\n"
                                "  threads: 1\n"
                                "dataset:\n"
                                "  name: text.txt\n"
                                "  tokenizer: tokens\n";

QString text(const char* ascii)
{
    return QString::fromLatin1(ascii);
}

/// The words of a command line without quoting.
QStringList words(const char* line)
{
    return text(line).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

} // namespace

/// The whole job through the command line, with a model of a few thousand parameters.
class TestCliJob : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void trainingMakesARun();
    void storesWhatOverrulesTheConfiguration();
    void refusesAFolderInUse();
    void listsRuns();
    void exportsMetrics();
    void exportNamesWhatIsWrong();
    void describesTheModel();
    void sameSeedGivesSameText();
    void readsThePromptFromAPipe();
    void printsTokenIds();
    void stopsAtText();
    void dialogueGoesOnAfterMistakes();
    void evaluates();
    void drawsActivations();
    void writesActivations();
    void namesWhatCannotBeWritten();
    void refusesAMissingDevice_data();
    void refusesAMissingDevice();
    void explainsTooLittleMemory();
    void interruptLeavesACheckpoint();
    void interruptEndsAGeneration();

private:
    QString path(const char* relative) const
    {
        return QString::fromStdString((m_folder / relative).string());
    }

    TemporaryFolder m_folder;
    CliRunner m_cli{m_folder.path()};
};

void TestCliJob::initTestCase()
{
    std::string story;
    for (int i = 0; i < 120; ++i)
        story += "The fox number " + std::to_string(i % 7) + " ran over the hill and said hello.\n";
    writeFile(m_folder / "text.txt", story);
    writeFile(m_folder / "config.yaml", kConfig);
    const CliResult result =
        m_cli.run(words("tokenizer train --data text.txt --vocab-size 280 --output tokens"));
    QVERIFY2(result.exitCode == 0, result.toText());
}

void TestCliJob::trainingMakesARun()
{
    const CliResult result =
        m_cli.run(words("train --config config.yaml --max-steps 6 --output run --json"));
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject json = result.json().object();
    QCOMPARE(json.value(text("outcome")).toString(), text("finished"));
    QCOMPARE(json.value(text("step")).toInt(), 6);
    const QJsonObject last = json.value(text("final")).toObject();
    QVERIFY(last.value(text("loss")).toDouble() > 0);
    QVERIFY(last.value(text("readout_loss")).toDouble() > 0);
    QCOMPARE(last.value(text("chunks")).toArray().size(), 2);
    QVERIFY(std::filesystem::exists(m_folder / "run/checkpoint-6"));
    QVERIFY2(result.errors.contains("Training in "), result.toText());
    QVERIFY2(result.errors.contains("validation loss"), result.toText());

    // Going on with a run that is complete does nothing and tells the same numbers.
    const CliResult again = m_cli.run(words("train --resume run --json --quiet"));
    QVERIFY2(again.exitCode == 0, again.toText());
    QCOMPARE(again.json().object().value(text("final")), json.value(text("final")));
    QVERIFY2(again.errors.isEmpty(), again.toText());
}

void TestCliJob::storesWhatOverrulesTheConfiguration()
{
    const CliResult result = m_cli.run(words("train --config config.yaml --max-steps 1 --output "
                                             "overruled --no-pretrained --threads 2 --set "
                                             "pretrained.use_pretrained=true --set "
                                             "model.type=mamba"));
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.output.contains("overruled"), result.toText());
    const QByteArray config =
        QByteArray::fromStdString(samba::test::readFile(m_folder / "overruled/config.yaml"));
    QVERIFY2(config.startsWith("# A model small enough"), config);
    QVERIFY2(config.contains("max_steps: 1\n"), config);
    QVERIFY2(config.contains("use_pretrained: false"), config);
    QVERIFY2(config.contains("type: mamba"), config);
    QVERIFY2(config.contains("threads: 2\n"), config);
}

void TestCliJob::refusesAFolderInUse()
{
    const CliResult result =
        m_cli.run(words("train --config config.yaml --max-steps 1 --output run"));
    QVERIFY2(result.exitCode == 2 || result.exitCode == 1, result.toText());
    QVERIFY2(result.errors.contains("is not empty"), result.toText());
}

void TestCliJob::listsRuns()
{
    const CliResult table = m_cli.run(words("runs ."));
    QVERIFY2(table.exitCode == 0, table.toText());
    QVERIFY2(table.output.contains("finished"), table.toText());
    const CliResult json = m_cli.run(words("runs run --json"));
    QVERIFY2(json.exitCode == 0, json.toText());
    const QJsonObject run = json.json().array().at(0).toObject();
    QCOMPARE(run.value(text("name")).toString(), text("run"));
    QCOMPARE(run.value(text("step")).toInt(), 6);
}

void TestCliJob::exportsMetrics()
{
    const CliResult csv = m_cli.run(words("runs export run"));
    QVERIFY2(csv.exitCode == 0, csv.toText());
    const QList<QByteArray> lines = csv.output.trimmed().split('\n');
    QCOMPARE(lines.size(), 1 + 6);
    QVERIFY2(lines[0].startsWith("step,tokens,elapsed_ms,loss/total,"), csv.toText());
    QVERIFY2(lines[6].startsWith("6,"), csv.toText());

    const CliResult json = m_cli.run(words("runs export run --format json"));
    QVERIFY2(json.exitCode == 0, json.toText());
    QCOMPARE(json.json().object().value(text("metrics")).toArray().size(), 6);

    const CliResult file = m_cli.run(words("runs export run --output metrics.json"));
    QVERIFY2(file.exitCode == 0 && file.output.isEmpty(), file.toText());
    QCOMPARE(QByteArray::fromStdString(samba::test::readFile(m_folder / "metrics.json")),
             json.output);
}

void TestCliJob::exportNamesWhatIsWrong()
{
    const CliResult format = m_cli.run(words("runs export run --format xml"));
    QVERIFY2(format.exitCode == 2 && format.errors.contains("xml"), format.toText());
    const CliResult run = m_cli.run(words("runs export nowhere"));
    QVERIFY2(run.exitCode == 1 && run.errors.contains("nowhere' is no run"), run.toText());
    const CliResult nothing = m_cli.run(words("runs export"));
    QVERIFY2(nothing.exitCode == 2, nothing.toText());
    const CliResult place = m_cli.run(words("runs export run --output no/folder/m.csv"));
    QVERIFY2(place.exitCode == 1 && place.errors.contains("no/folder"), place.toText());
}

void TestCliJob::describesTheModel()
{
    const CliResult model = m_cli.run(words("info --model run --json"));
    const CliResult config = m_cli.run(words("info --config config.yaml --json"));
    QVERIFY2(model.exitCode == 0 && config.exitCode == 0, model.toText() + config.toText());
    QCOMPARE(model.json().object().value(text("parameters")),
             config.json().object().value(text("parameters")));
    QCOMPARE(model.json().object().value(text("step")).toInt(), 6);
}

void TestCliJob::sameSeedGivesSameText()
{
    const QStringList generate =
        words("generate --model run --max-new-tokens 12 --seed 5 --prompt") +
        QStringList{text("The fox")};
    const CliResult first = m_cli.run(generate);
    QVERIFY2(first.exitCode == 0, first.toText());
    QVERIFY2(first.errors.contains("12 written") && first.errors.contains("seed 5"),
             first.toText());
    QCOMPARE(m_cli.run(generate).output, first.output);

    const CliResult json = m_cli.run(generate + words("--json"));
    const QJsonObject object = json.json().object();
    const QByteArray continuation = object.value(text("text")).toString().toUtf8();
    QCOMPARE(continuation.endsWith('\n') ? continuation : continuation + '\n', first.output);
    QCOMPARE(object.value(text("token_ids")).toArray().size(), 12);
    QCOMPARE(object.value(text("end")).toString(), text("length"));
}

void TestCliJob::readsThePromptFromAPipe()
{
    const QStringList generate = words("generate --model run/checkpoint-6 --max-new-tokens 8 "
                                       "--temperature 0");
    const CliResult piped = m_cli.run(generate, "The fox\n");
    const CliResult given = m_cli.run(generate + QStringList{text("--prompt"), text("The fox")});
    QVERIFY2(piped.exitCode == 0 && given.exitCode == 0, piped.toText() + given.toText());
    QCOMPARE(piped.output, given.output);
}

void TestCliJob::printsTokenIds()
{
    const QStringList generate = words("generate --model run --max-new-tokens 8 --temperature 0 "
                                       "--no-stop-at-end --prompt fox");
    const CliResult ids = m_cli.run(generate + words("--token-ids"));
    QVERIFY2(ids.exitCode == 0, ids.toText());
    QCOMPARE(ids.output.trimmed().split(' ').size(), 8);
    const CliResult decoded = m_cli.run(words("tokenizer decode --tokenizer tokens"), ids.output);
    QVERIFY2(decoded.exitCode == 0, decoded.toText());
    const QByteArray continuation = m_cli.run(generate).output;
    QCOMPARE(decoded.output.endsWith('\n') ? decoded.output : decoded.output + '\n', continuation);
}

void TestCliJob::stopsAtText()
{
    // The model's own first words, so that the stop text is sure to come.
    const QStringList generate =
        words("generate --model run --max-new-tokens 8 --temperature 0 --json --prompt fox");
    const QString whole = m_cli.run(generate).json().object().value(text("text")).toString();
    QVERIFY(!whole.isEmpty());
    const CliResult stopped = m_cli.run(generate + QStringList{text("--stop"), whole.left(1)});
    QVERIFY2(stopped.exitCode == 0, stopped.toText());
    QCOMPARE(stopped.json().object().value(text("text")).toString(), QString());
    QCOMPARE(stopped.json().object().value(text("end")).toString(), text("stop_text"));
}

void TestCliJob::dialogueGoesOnAfterMistakes()
{
    const CliResult result = m_cli.run(words("generate --model run --interactive"),
                                       ":set temprature 1\n:set temperature cold\n:frob\n"
                                       ":set max-new-tokens 3\n:set temperature 0\nThe fox\n\n"
                                       "The fox\n:quit\nnever read\n");
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.errors.contains("Did you mean temperature?"), result.toText());
    QVERIFY2(result.errors.contains("temperature must be a number"), result.toText());
    QVERIFY2(result.errors.contains("There is no command :frob."), result.toText());
    QCOMPARE(result.errors.count("3 written"), 2);
    const qsizetype half = result.output.size() / 2;
    QVERIFY(half > 0);
    QCOMPARE(result.output.left(half), result.output.mid(half));
}

void TestCliJob::evaluates()
{
    const CliResult json = m_cli.run(words("eval --model run --data text.txt --seq-len 16 --json"));
    QVERIFY2(json.exitCode == 0, json.toText());
    const QJsonObject object = json.json().object();
    const double loss = object.value(text("loss")).toDouble();
    const double perplexity = object.value(text("perplexity")).toDouble();
    QVERIFY2(qAbs(perplexity - std::exp(loss)) < 1e-3 * perplexity, json.toText());
    QVERIFY(object.value(text("bits_per_byte")).toDouble() > 0);
    QCOMPARE(object.value(text("chunks")).toArray().size(), 2);

    const CliResult table =
        m_cli.run(words("eval --model run --data text.txt --seq-len 16 --max-tokens 256"));
    QVERIFY2(table.exitCode == 0, table.toText());
    QVERIFY2(table.output.contains("Perplexity") && table.output.contains("NEAR ZERO"),
             table.toText());

    const CliResult missing = m_cli.run(words("eval --model run --data nowhere.txt"));
    QVERIFY2(missing.exitCode == 2, missing.toText());
    QVERIFY2(missing.errors.contains("nowhere.txt"), missing.toText());
}

void TestCliJob::drawsActivations()
{
    const CliResult result = m_cli.run(words("inspect --model run --output fox.png --text") +
                                       QStringList{text("The fox ran.")});
    QVERIFY2(result.exitCode == 0, result.toText());
    QVERIFY2(result.output.endsWith("fox.png\n"), result.toText());
    QVERIFY2(result.errors.isEmpty(), result.toText());
    const QImage image(path("fox.png"));
    QVERIFY(image.width() > 400 && image.height() > 200);
    QVERIFY(image.convertToFormat(QImage::Format_Indexed8).colorCount() > 16);
}

void TestCliJob::writesActivations()
{
    const QStringList inspect =
        words("inspect --model run --output fox.json --text") + QStringList{text("The fox ran.")};
    const CliResult result = m_cli.run(inspect + words("--threshold 1e9"));
    QVERIFY2(result.exitCode == 0, result.toText());
    const QJsonObject json =
        QJsonDocument::fromJson(
            QByteArray::fromStdString(samba::test::readFile(m_folder / "fox.json")))
            .object();
    const qsizetype positions = json.value(text("tokens")).toArray().size();
    QVERIFY(positions > 1);
    const QJsonArray chunks = json.value(text("chunks")).toArray();
    QCOMPARE(chunks.size(), 2);
    const QJsonObject chunk = chunks.at(0).toObject();
    QCOMPARE(chunk.value(text("near_zero")).toDouble(), 1.0); // the threshold lies above all
    QCOMPARE(chunk.value(text("values")).toArray().size(), positions);
    QCOMPARE(chunk.value(text("values")).toArray().at(0).toArray().size(), 16);
    double sum = 0;
    for (const QJsonValue share : json.value(text("attention")).toArray().at(0).toArray())
        sum += share.toDouble();
    QVERIFY(qAbs(sum - 1) < 1e-5);
}

void TestCliJob::namesWhatCannotBeWritten()
{
    const CliResult result =
        m_cli.run(words("inspect --model run --text fox --output nowhere/fox.png"));
    QVERIFY2(result.exitCode == 1, result.toText());
    QVERIFY2(result.errors.contains("nowhere/fox.png"), result.toText());
}

void TestCliJob::refusesAMissingDevice_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("generation") << words("generate --model run --prompt fox --device cuda:99");
    QTest::newRow("training, by option")
        << words("train --config config.yaml --output none --device cuda:99");
    QTest::newRow("training, by configuration")
        << words("train --config config.yaml --output none --set training.device=cuda:99");
    QTest::newRow("resumed training") << words("train --resume run --device cuda:99");
}

void TestCliJob::refusesAMissingDevice()
{
    QFETCH(QStringList, arguments);
    const CliResult result = m_cli.run(arguments);
    QVERIFY2(result.exitCode == 1, result.toText());
    QVERIFY2(result.errors.contains("The device 'cuda:99' cannot be used: "), result.toText());
    QVERIFY2(result.errors.contains("Set the device to auto or cpu"), result.toText());
    QVERIFY(!std::filesystem::exists(m_folder / "none"));
}

void TestCliJob::explainsTooLittleMemory()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("the address sanitizer takes more address space than any limit leaves");
#endif
    // The first activations alone take as much as all that the program may have.
    CliRunner cli(m_folder.path());
    cli.setMemoryLimit(qint64{4} << 30);
    const CliResult result = cli.run(
        words("train --config config.yaml --output large --device cpu --set model.type=mamba --set "
              "model.n_layers=1 --set model.d_model=1024 --set training.batch_size=65536"));
    QVERIFY2(result.exitCode == 3, result.toText());
    QVERIFY2(result.errors.contains("not enough memory on cpu for training steps of 65536 x 16 "
                                    "tokens at a time: they take about "),
             result.toText());
    for (const char* remedy : {"training.seq_len", "training.batch_size", "training.bf16"})
        QVERIFY2(result.errors.contains(remedy), result.toText());
}

void TestCliJob::interruptLeavesACheckpoint()
{
    QProcess process;
    m_cli.start(process, words("train --config config.yaml --max-steps 100000000 --set "
                               "training.sample_steps=0 --output stopped --json"));
    QVERIFY(CliRunner::waitForError(process, "Training in "));
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    const CliResult stopped = CliRunner::finish(process);
    QVERIFY2(stopped.exitCode == 130, stopped.toText());
    QVERIFY2(stopped.errors.contains("Resume with: samba-cli train --resume "), stopped.toText());
    const QJsonObject result = stopped.json().object();
    QCOMPARE(result.value(text("outcome")).toString(), text("stopped"));
    const int step = result.value(text("step")).toInt(-1);
    QVERIFY(std::filesystem::exists(m_folder / ("stopped/checkpoint-" + std::to_string(step))));

    QProcess resumed;
    m_cli.start(resumed, words("train --resume stopped --json"));
    QVERIFY(CliRunner::waitForError(resumed, "Resuming "));
    ::kill(static_cast<pid_t>(resumed.processId()), SIGTERM);
    const CliResult again = CliRunner::finish(resumed);
    QVERIFY2(again.exitCode == 130, again.toText());
    QCOMPARE(again.json().object().value(text("resumed_at")).toInt(-1), step);
}

void TestCliJob::interruptEndsAGeneration()
{
    QProcess process;
    m_cli.start(process, words("generate --model run --no-stop-at-end --max-new-tokens 1000000000 "
                               "--prompt fox"));
    QVERIFY(process.waitForReadyRead(60'000)); // the first words
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    const CliResult result = CliRunner::finish(process);
    QVERIFY2(result.exitCode == 130, result.errors);
    QVERIFY2(result.errors.contains("interrupted"), result.errors);
    QVERIFY(result.output.endsWith('\n'));
}

QTEST_GUILESS_MAIN(TestCliJob)
#include "tst_cli_job.moc"
