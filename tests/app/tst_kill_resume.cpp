// A run that is killed again and again must end as if it had never been touched: samba-cli is
// killed with SIGKILL twenty times at random moments and resumed, and its folder is then compared
// with that of a run left alone.

#include "engine/api/run_history.h"
#include "engine/io/tensor_store.h"
#include "engine/io/tensorboard_import.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

using namespace samba;

namespace {

constexpr int kKills = 20;
constexpr int kSteps = 400;
constexpr int kStartTimeoutMs = 60'000;
constexpr int kRunTimeoutMs = 240'000;

const char* const kConfig = R"(  n_head: 2
  vocab_size: 300
  d_model: 16
  n_layers: 4
  d_state: 4
  readout_stride: 2
  readout_hidden_dim: 8
pretrained:
  use_pretrained: false
training:
  batch_size: 2
  seq_len: 16
  max_steps: 400
  gradient_accumulation_steps: 2
  lr: 1.0e-3
  warmup_steps: 20
  logging_steps: 3
  eval_steps: 20
  eval_batches: 2
  save_steps: 5
  save_total_limit: 2
  sample_steps: 50
  sample_tokens: 8
  sample_prompts: ["The"]
  activation_steps: 100
  threads: 1
)";

/// A run's configuration, tokenizer and corpus in a folder of their own.
class RunSetup {
public:
    explicit RunSetup(const QByteArray& type)
    {
        std::mt19937 random(5);
        const std::vector<std::string> words{"the",  "cat",  "sat", "on", "a",
                                             "warm", "mat.", "The", "dog"};
        std::string text;
        for (int i = 0; i < 6000; ++i)
            text += words[random() % words.size()] + (i % 12 == 11 ? "\n" : " ");
        test::writeFile(m_folder / "train.txt", text);
        test::writeFile(m_folder / "valid.txt", text.substr(0, 4000));
        run({QStringLiteral("tokenizer"), QStringLiteral("train"), QStringLiteral("--data"),
             path("train.txt"), QStringLiteral("--vocab-size"), QStringLiteral("300"),
             QStringLiteral("--output"), path("tokenizer.json")});
        test::writeFile(m_folder / "config.yaml",
                        "model:\n  type: " + type.toStdString() + "\n" + kConfig +
                            "dataset:\n  name: " + path("train.txt").toStdString() +
                            "\n  tokenizer: " + path("tokenizer.json").toStdString() + "\n");
    }

    QString path(const char* name) const
    {
        return QString::fromStdString((m_folder / name).string());
    }

    void start(QProcess& process, const QStringList& arguments) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_CACHE_HOME"), path("cache"));
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(SAMBA_CLI), arguments);
        QVERIFY(process.waitForStarted(kStartTimeoutMs));
    }

    /// Runs samba-cli to its end, which must be a good one.
    void run(const QStringList& arguments) const
    {
        QProcess process;
        start(process, arguments);
        QVERIFY(process.waitForFinished(kRunTimeoutMs));
        QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0,
                 process.readAllStandardError().constData());
    }

private:
    test::TemporaryFolder m_folder;
};

qint64 fileSize(const std::filesystem::path& file)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : static_cast<qint64>(size);
}

bool isSame(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

} // namespace

class TestKillResume : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void killedRunEndsLikeOneLeftAlone_data();
    void killedRunEndsLikeOneLeftAlone();

private:
    void killSoon(const RunSetup& setup, const QStringList& arguments,
                  const std::filesystem::path& runDir, std::mt19937& random);
    void checkCheckpoints(const std::filesystem::path& runDir);
    void checkEventFiles(const RunHistory& run);
};

/// Starts samba-cli and kills it after it has logged a few more lines and a moment more.
void TestKillResume::killSoon(const RunSetup& setup, const QStringList& arguments,
                              const std::filesystem::path& runDir, std::mt19937& random)
{
    const std::filesystem::path metrics = runDir / "metrics.jsonl";
    const qint64 sizeBefore = fileSize(metrics);
    // Resuming cuts the file back first, so "more bytes" is counted in growth from whatever it is.
    const int growths = static_cast<int>(random() % 6);
    const auto delayUs = random() % 20'000;

    QProcess process;
    setup.start(process, arguments);
    QElapsedTimer timer;
    timer.start();
    qint64 last = sizeBefore;
    for (int seen = 0; seen < growths && timer.elapsed() < kRunTimeoutMs;) {
        const qint64 size = fileSize(metrics);
        seen += size > last ? 1 : 0;
        last = size;
        QVERIFY2(process.state() == QProcess::Running || process.waitForFinished(1),
                 "the run ended before it was killed");
        QTest::qWait(1);
    }
    QTest::qWait(static_cast<int>(delayUs / 1000));
    process.kill();
    QVERIFY(process.waitForFinished(kStartTimeoutMs));
    QCOMPARE(process.exitStatus(), QProcess::CrashExit);
}

void TestKillResume::checkCheckpoints(const std::filesystem::path& runDir)
{
    for (const RunCheckpoint& checkpoint : listCheckpoints(runDir)) {
        const TensorStore weights = TensorStore::openFolder(checkpoint.path);
        QVERIFY(!weights.tensors().empty());
        TensorStore::openFile(checkpoint.path / "optimizer.safetensors");
        QVERIFY(std::filesystem::exists(checkpoint.path / "trainer_state.json"));
    }
}

/// What TensorBoard sees of a run must be what the run folder says, whatever was logged twice.
void TestKillResume::checkEventFiles(const RunHistory& run)
{
    const RunHistory seen = readTensorboardRun(run.summary.path);
    const auto check = [&](const std::string& tag, const auto& records, auto value) {
        const auto series = std::find_if(seen.scalars.begin(), seen.scalars.end(),
                                         [&](const ScalarSeries& s) { return s.tag == tag; });
        QVERIFY2(series != seen.scalars.end(), tag.c_str());
        QCOMPARE(series->points.size(), records.size());
        for (size_t i = 0; i < records.size(); ++i) {
            QCOMPARE(series->points[i].step, records[i].step);
            QCOMPARE(series->points[i].value, double{static_cast<float>(records[i].*value)});
        }
    };
    check("loss/main", run.metrics, &StepMetrics::main);
    check("grad_norm", run.metrics, &StepMetrics::gradNorm);
    check("validation/loss/main", run.validation, &ValidationMetrics::main);
}

void TestKillResume::killedRunEndsLikeOneLeftAlone_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::newRow("samba") << QByteArray("samba");
    QTest::newRow("transformer") << QByteArray("transformer");
}

void TestKillResume::killedRunEndsLikeOneLeftAlone()
{
    QFETCH(QByteArray, type);
    const RunSetup setup(type);
    const QString calm = setup.path("calm");
    const QString killed = setup.path("killed");
    const std::filesystem::path killedDir = killed.toStdString();
    setup.run({QStringLiteral("train"), QStringLiteral("--config"), setup.path("config.yaml"),
               QStringLiteral("--output"), calm});

    std::mt19937 random(20);
    int kills = 0;
    while (kills < kKills) {
        const bool exists = isRunFolder(killedDir);
        if (!exists)
            std::filesystem::remove_all(killedDir);
        const QStringList arguments =
            exists ? QStringList{QStringLiteral("train"), QStringLiteral("--resume"), killed}
                   : QStringList{QStringLiteral("train"), QStringLiteral("--config"),
                                 setup.path("config.yaml"), QStringLiteral("--output"), killed};
        killSoon(setup, arguments, killedDir, random);
        if (QTest::currentTestFailed())
            return;
        ++kills;
        if (isRunFolder(killedDir))
            checkCheckpoints(killedDir);
    }
    setup.run({QStringLiteral("train"), QStringLiteral("--resume"), killed});

    const RunHistory wanted = readRun(calm.toStdString());
    const RunHistory got = readRun(killedDir);
    QCOMPARE(got.summary.state, RunState::Finished);
    QCOMPARE(wanted.metrics.back().step, int64_t{kSteps});
    QCOMPARE(got.metrics.size(), wanted.metrics.size());
    for (size_t i = 0; i < wanted.metrics.size(); ++i) {
        const StepMetrics& a = got.metrics[i];
        const StepMetrics& b = wanted.metrics[i];
        QCOMPARE(a.step, b.step);
        QCOMPARE(a.tokens, b.tokens);
        QVERIFY2(isSame(a.total, b.total) && isSame(a.main, b.main) &&
                     isSame(a.readout, b.readout) && isSame(a.pruning, b.pruning) &&
                     isSame(a.gradNorm, b.gradNorm) && isSame(a.lr, b.lr),
                 qPrintable(QStringLiteral("losses differ at step %1").arg(a.step)));
    }
    QCOMPARE(got.validation.size(), wanted.validation.size());
    for (size_t i = 0; i < wanted.validation.size(); ++i) {
        QCOMPARE(got.validation[i].step, wanted.validation[i].step);
        QVERIFY(isSame(got.validation[i].main, wanted.validation[i].main));
    }
    QCOMPARE(got.samples.size(), wanted.samples.size());
    for (size_t i = 0; i < wanted.samples.size(); ++i)
        QCOMPARE(got.samples[i].text, wanted.samples[i].text);

    checkEventFiles(wanted);
    checkEventFiles(got);

    // The weights at the end, byte for byte.
    const TensorStore gotWeights = TensorStore::openFolder(got.checkpoints.back().path);
    const TensorStore wantedWeights = TensorStore::openFolder(wanted.checkpoints.back().path);
    for (const TensorView& view : wantedWeights.tensors()) {
        const TensorView* other = gotWeights.find(view.name);
        QVERIFY(other);
        QVERIFY2(std::equal(view.bytes.begin(), view.bytes.end(), other->bytes.begin(),
                            other->bytes.end()),
                 view.name.c_str());
    }
}

QTEST_GUILESS_MAIN(TestKillResume)
#include "tst_kill_resume.moc"
