#include "engine/api/error.h"
#include "engine/io/activation_file.h"
#include "engine/io/float16.h"
#include "engine/io/json_lines.h"
#include "engine/io/run_folder.h"

#include <QtTest>

#include <csignal>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

using samba::ActivationFrame;
using samba::Error;
using samba::ErrorKind;
using samba::JsonLinesFile;
using samba::RunFolder;
using samba::StepMetrics;
using samba::ValidationMetrics;

namespace fs = std::filesystem;

namespace {

constexpr const char* kConfig = "training:\n  lr: 0.1 # as typed\n";
constexpr const char* kEnvironment = "{\"model\": {\"type\": \"samba\", \"parameters\": 7}}\n";

std::string readAll(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void writeAll(const fs::path& file, const std::string& content)
{
    std::ofstream(file, std::ios::binary) << content;
}

StepMetrics stepMetrics(int64_t step)
{
    StepMetrics metrics;
    metrics.step = step;
    metrics.main = 1.0 / static_cast<double>(step);
    metrics.chunks.resize(2);
    return metrics;
}

ValidationMetrics validationMetrics(int64_t step, double loss)
{
    ValidationMetrics metrics;
    metrics.step = step;
    metrics.main = loss;
    return metrics;
}

/// Writes a checkpoint of one small file.
void checkpoint(RunFolder& folder, int64_t step)
{
    writeAll(folder.beginCheckpoint(step) / "weights", "step " + std::to_string(step));
    folder.commitCheckpoint(step);
}

std::vector<int64_t> steps(const std::vector<samba::RunCheckpoint>& checkpoints)
{
    std::vector<int64_t> result;
    for (const auto& found : checkpoints)
        result.push_back(found.step);
    return result;
}

template <typename Call>
ErrorKind kindThrown(Call call)
{
    try {
        call();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::Internal;
}

} // namespace

class TestRunFolder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void beginsInANewFolder();
    void refusesAFolderWithSomethingInIt();
    void refusesAFolderThatIsNoRun();
    void keepsASecondWriterOut();
    void lockDiesWithTheProcess();
    void tornLinesAreCut_data();
    void tornLinesAreCut();
    void aFullDiskLeavesTheFileAsItWas();
    void truncatesToACheckpoint();
    void refusesToGrowFiles_data();
    void refusesToGrowFiles();
    void checkpointsAppearWhole();
    void checkpointOfTheSameStepIsReplaced();
    void removedCheckpointsLeaveNothing();
    void bestCheckpointIsALink();
    void leftoversOfAKilledProcessAreRemoved();
    void survivesKillsAtAnyMoment();
    void framesComeBack();
    void damagedFramesThrow_data();
    void damagedFramesThrow();
    void float16KeepsEveryFloat16();
    void float16RoundsToTheNearest();
    void namesAreNew();

private:
    fs::path run() const { return fs::path(m_dir->path().toStdString()) / "a run"; }
    std::unique_ptr<RunFolder> create() const
    {
        return RunFolder::create(run(), kConfig, kEnvironment);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestRunFolder::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestRunFolder::cleanup()
{
    m_dir.reset();
}

void TestRunFolder::beginsInANewFolder()
{
    const auto folder = RunFolder::create(run() / "deeper" / "run", kConfig, kEnvironment);
    QCOMPARE(readAll(folder->path() / "config.yaml"), std::string(kConfig));
    QCOMPARE(readAll(folder->path() / "environment.json"), std::string(kEnvironment));
    QVERIFY(samba::isRunFolder(folder->path()));
    QVERIFY(folder->checkpoints().empty());
    QCOMPARE(folder->fileSizes().metrics, 0U);
}

void TestRunFolder::refusesAFolderWithSomethingInIt()
{
    fs::create_directories(run());
    writeAll(run() / "thesis.tex", "do not touch");
    QCOMPARE(kindThrown([&] { (void)create(); }), ErrorKind::File);
    QCOMPARE(readAll(run() / "thesis.tex"), std::string("do not touch"));
    QCOMPARE(kindThrown([&] { (void)RunFolder::create(run() / "thesis.tex", "", ""); }),
             ErrorKind::File);
}

void TestRunFolder::refusesAFolderThatIsNoRun()
{
    QCOMPARE(kindThrown([&] { (void)RunFolder::open(run()); }), ErrorKind::File);
    fs::create_directories(run());
    QCOMPARE(kindThrown([&] { (void)RunFolder::open(run()); }), ErrorKind::File);
    QVERIFY(fs::is_empty(run()));
}

void TestRunFolder::keepsASecondWriterOut()
{
    auto folder = create();
    QVERIFY(samba::isRunLocked(run()));
    QCOMPARE(kindThrown([&] { (void)RunFolder::open(run()); }), ErrorKind::Busy);
    folder.reset();
    QVERIFY(!samba::isRunLocked(run()));
    QVERIFY(RunFolder::open(run()) != nullptr);
}

void TestRunFolder::lockDiesWithTheProcess()
{
    create().reset();
    int ready[2] = {};
    QCOMPARE(::pipe(ready), 0);
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        const auto folder = RunFolder::open(run());
        const ssize_t told = ::write(ready[1], "x", 1);
        static_cast<void>(told);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    QCOMPARE(::read(ready[0], &byte, 1), ssize_t{1});
    QVERIFY(samba::isRunLocked(run()));
    QCOMPARE(kindThrown([&] { (void)RunFolder::open(run()); }), ErrorKind::Busy);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    QVERIFY(!samba::isRunLocked(run()));
    QVERIFY(RunFolder::open(run()) != nullptr);
}

void TestRunFolder::tornLinesAreCut_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("kept");
    const QByteArray block(70000, 'x');
    QTest::newRow("whole") << QByteArray("a\nb\n") << QByteArray("a\nb\n");
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("torn") << QByteArray("a\nb\n{\"st") << QByteArray("a\nb\n");
    QTest::newRow("only torn") << QByteArray("{\"st") << QByteArray();
    QTest::newRow("long torn") << QByteArray("a\n" + block) << QByteArray("a\n");
    QTest::newRow("long lines") << QByteArray(block + '\n' + block + "\nb")
                                << QByteArray(block + '\n' + block + '\n');
    QTest::newRow("zeros") << QByteArray("a\n\0\0\0\0", 6) << QByteArray("a\n");
    QTest::newRow("line of zeros") << QByteArray("a\n\0\0\n", 5) << QByteArray("a\n");
}

void TestRunFolder::tornLinesAreCut()
{
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, kept);
    create().reset();
    const fs::path file = run() / "metrics.jsonl";
    writeAll(file, content.toStdString());
    const auto folder = RunFolder::open(run());
    QCOMPARE(QByteArray::fromStdString(readAll(file)), kept);
    QCOMPARE(folder->fileSizes().metrics, static_cast<uint64_t>(kept.size()));
    folder->appendMetrics(stepMetrics(1));
    QVERIFY(QByteArray::fromStdString(readAll(file)).startsWith(kept + "{\"step\":1,"));
}

void TestRunFolder::aFullDiskLeavesTheFileAsItWas()
{
    if (!fs::exists("/dev/full"))
        QSKIP("this system has no /dev/full to play a full disk");
    create().reset();
    fs::remove(run() / "samples.jsonl");
    fs::create_symlink("/dev/full", run() / "samples.jsonl");
    const auto folder = RunFolder::open(run());
    try {
        folder->appendSample({1, "a", "b"});
        QFAIL("nothing was thrown");
    } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::File);
        QVERIFY(QByteArray(error.what()).contains("samples.jsonl"));
        QVERIFY(!error.remedy().empty());
    }
    QCOMPARE(folder->fileSizes().samples, 0U);
}

void TestRunFolder::truncatesToACheckpoint()
{
    auto folder = create();
    folder->begin(0, 4, false);
    samba::RunFileSizes sizes;
    for (int64_t step = 1; step <= 4; ++step) {
        if (step == 3)
            sizes = folder->fileSizes();
        folder->appendMetrics(stepMetrics(step));
        folder->appendValidation(validationMetrics(step, 5.0 - static_cast<double>(step)));
        folder->appendSample({step, "p", "t"});
    }
    const std::string events = readAll(run() / "events.jsonl");
    QCOMPARE(samba::readRunState(run()).bestValidationLoss, 1.0);
    folder.reset();

    folder = RunFolder::open(run());
    folder->truncateTo(sizes);
    QCOMPARE(samba::readJsonLines(run() / "metrics.jsonl").size(), size_t{2});
    QCOMPARE(samba::readJsonLines(run() / "validation.jsonl").size(), size_t{2});
    QCOMPARE(samba::readJsonLines(run() / "samples.jsonl").size(), size_t{2});
    QCOMPARE(readAll(run() / "events.jsonl"), events);
    QCOMPARE(samba::readRunState(run()).bestValidationLoss, 3.0);
    folder->appendMetrics(stepMetrics(3));
    const std::string last = samba::readLastJsonLine(run() / "metrics.jsonl");
    QCOMPARE(samba::stepMetricsFromJson(last).step, 3);
}

void TestRunFolder::refusesToGrowFiles_data()
{
    QTest::addColumn<quint64>("size");
    QTest::newRow("longer") << quint64{1000};
    QTest::newRow("inside a line") << quint64{3};
}

void TestRunFolder::refusesToGrowFiles()
{
    QFETCH(quint64, size);
    JsonLinesFile file(fs::path(m_dir->path().toStdString()) / "lines.jsonl");
    file.append("{\"a\": 1}");
    QCOMPARE(kindThrown([&] { file.truncateTo(size); }), ErrorKind::Format);
    QCOMPARE(readAll(file.path()), std::string("{\"a\": 1}\n"));
}

void TestRunFolder::checkpointsAppearWhole()
{
    const auto folder = create();
    const fs::path temporary = folder->beginCheckpoint(10);
    QVERIFY(fs::is_empty(temporary));
    QCOMPARE(temporary.parent_path(), folder->path()); // one file system, so that a rename works
    fs::create_directories(temporary / "parts");
    writeAll(temporary / "parts" / "one", "1");
    QVERIFY(folder->checkpoints().empty());
    QCOMPARE(folder->commitCheckpoint(10), folder->checkpointPath(10));
    QVERIFY(!fs::exists(temporary));
    checkpoint(*folder, 9);
    checkpoint(*folder, 100);
    QCOMPARE(steps(folder->checkpoints()), (std::vector<int64_t>{9, 10, 100}));
    QCOMPARE(readAll(folder->checkpointPath(10) / "parts" / "one"), std::string("1"));
}

void TestRunFolder::checkpointOfTheSameStepIsReplaced()
{
    const auto folder = create();
    checkpoint(*folder, 5);
    writeAll(folder->beginCheckpoint(5) / "weights", "new");
    folder->commitCheckpoint(5);
    QCOMPARE(readAll(folder->checkpointPath(5) / "weights"), std::string("new"));
    QCOMPARE(steps(folder->checkpoints()), std::vector<int64_t>{5});
}

void TestRunFolder::removedCheckpointsLeaveNothing()
{
    const auto folder = create();
    const auto countEntries = [&] {
        return std::distance(fs::directory_iterator(run()), fs::directory_iterator());
    };
    const auto before = countEntries();
    checkpoint(*folder, 5);
    folder->removeCheckpoint(5);
    folder->removeCheckpoint(6);
    QCOMPARE(countEntries(), before);
}

void TestRunFolder::bestCheckpointIsALink()
{
    const auto folder = create();
    checkpoint(*folder, 5);
    checkpoint(*folder, 6);
    folder->setBestCheckpoint(5);
    folder->setBestCheckpoint(6);
    QCOMPARE(readAll(run() / "checkpoint-best" / "weights"), std::string("step 6"));
    // Relative, so that a copied or moved run keeps it; and no checkpoint of its own.
    QCOMPARE(fs::read_symlink(run() / "checkpoint-best"), fs::path("checkpoint-6"));
    QCOMPARE(steps(folder->checkpoints()), (std::vector<int64_t>{5, 6}));
}

void TestRunFolder::leftoversOfAKilledProcessAreRemoved()
{
    auto folder = create();
    checkpoint(*folder, 5);
    folder.reset();
    fs::create_directories(run() / "tmp-checkpoint-6-123" / "deep");
    writeAll(run() / "tmp-checkpoint-6-123" / "deep" / "half", "h");
    folder = RunFolder::open(run());
    QVERIFY(!fs::exists(run() / "tmp-checkpoint-6-123"));
    QCOMPARE(steps(folder->checkpoints()), std::vector<int64_t>{5});
}

void TestRunFolder::survivesKillsAtAnyMoment()
{
    // A child trains on from the newest checkpoint and dies at a random moment, again and again.
    // Whatever is found must be whole: checkpoints readable, lines without gaps or doubles.
    constexpr int64_t kStepsPerCheckpoint = 3;
    create().reset();
    QRandomGenerator random(11);
    for (int round = 0; round < 30; ++round) {
        int done[2] = {};
        QCOMPARE(::pipe(done), 0);
        const pid_t child = ::fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            const auto tell = [&] {
                const ssize_t told = ::write(done[1], "x", 1);
                static_cast<void>(told);
            };
            const auto folder = RunFolder::open(run());
            const auto found = folder->checkpoints();
            int64_t step = 0;
            samba::RunFileSizes sizes;
            if (!found.empty()) {
                step = found.back().step;
                std::ifstream in(found.back().path / "sizes");
                in >> sizes.metrics >> sizes.validation >> sizes.samples;
            }
            tell();
            folder->truncateTo(sizes);
            for (;;) {
                tell();
                folder->appendMetrics(stepMetrics(++step));
                folder->appendSample({step, "p", std::string(200, 'x')});
                if (step % kStepsPerCheckpoint != 0)
                    continue;
                sizes = folder->fileSizes();
                tell();
                const fs::path temporary = folder->beginCheckpoint(step);
                writeAll(temporary / "sizes", std::to_string(sizes.metrics) + " 0 " +
                                                  std::to_string(sizes.samples) + " end");
                tell();
                folder->commitCheckpoint(step);
                tell();
                folder->setBestCheckpoint(step);
                tell();
                if (step > kStepsPerCheckpoint * 2)
                    folder->removeCheckpoint(step - kStepsPerCheckpoint * 2);
            }
        }
        ::close(done[1]); // so that a child that dies by itself ends the reading
        // The child goes on while the parent counts, so that it dies between two of these places.
        for (int left = random.bounded(1, 20); left > 0; --left) {
            char byte = 0;
            QCOMPARE(::read(done[0], &byte, 1), ssize_t{1});
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(done[0]);

        for (const samba::RunCheckpoint& found : samba::listCheckpoints(run()))
            QVERIFY(QByteArray::fromStdString(readAll(found.path / "sizes")).endsWith(" end"));
        const samba::RunHistory history = samba::readRun(run());
        for (size_t i = 0; i < history.metrics.size(); ++i)
            QCOMPARE(history.metrics[i].step, static_cast<int64_t>(i) + 1);
        QVERIFY(history.summary.state == samba::RunState::Interrupted);
    }
    QVERIFY(!samba::listCheckpoints(run()).empty());
}

void TestRunFolder::framesComeBack()
{
    ActivationFrame frame;
    frame.source = ActivationFrame::Source::TrainingBatch;
    frame.step = 40;
    frame.chunkCount = 2;
    frame.seqLen = 3;
    frame.dModel = 2;
    frame.tokenIds = {5, -1, 4095};
    frame.tokens = {"a", "\xC3\xA9", "\xFF"};
    frame.values = {{0.0F, 1.0F, -0.5F, 1e-3F, 65504.0F, 1e9F}, {1, 2, 3, 4, 5, 6}};
    frame.attention = {0.25F, 0.75F, 0.5F, 0.5F, 1.0F, 0.0F};
    const auto folder = create();
    folder->writeFrame(frame);
    const auto got = samba::readActivationFile(run() / "activations" / "step-40.frame");
    QVERIFY(got->source == frame.source);
    QCOMPARE(got->step, 40);
    QCOMPARE(got->tokenIds, frame.tokenIds);
    QCOMPARE(got->tokens, (std::vector<std::string>{"a", "\xC3\xA9", "\xEF\xBF\xBD"}));
    QCOMPARE(got->attention, frame.attention);
    QCOMPARE(got->values[1], frame.values[1]);
    QCOMPARE(got->value(0, 0, 1), 1.0F);
    QCOMPARE(got->value(0, 2, 1), 65504.0F);
    QVERIFY(std::abs(got->value(0, 1, 1) - 1e-3F) < 1e-3F / 2048);

    frame.attention.clear();
    frame.step = 41;
    folder->writeFrame(frame);
    QVERIFY(samba::readActivationFile(run() / "activations" / "step-41.frame")->attention.empty());
}

void TestRunFolder::damagedFramesThrow_data()
{
    QTest::addColumn<int>("keptBytes"); // negative: so many bytes too many
    QTest::addColumn<int>("flippedByte");
    QTest::newRow("empty") << 0 << -1;
    QTest::newRow("cut in the magic") << 4 << -1;
    QTest::newRow("cut in the header") << 40 << -1;
    QTest::newRow("cut in the values") << 230 << -1;
    QTest::newRow("too long") << -1 << -1;
    QTest::newRow("magic") << 10000 << 0;
    QTest::newRow("header length") << 10000 << 14;
    QTest::newRow("header") << 10000 << 16;
}

void TestRunFolder::damagedFramesThrow()
{
    QFETCH(int, keptBytes);
    QFETCH(int, flippedByte);
    ActivationFrame frame;
    frame.chunkCount = 1;
    frame.seqLen = 1;
    frame.dModel = 64;
    frame.tokenIds = {1};
    frame.tokens = {"a"};
    frame.values = {std::vector<float>(64, 1.0F)};
    const fs::path file = fs::path(m_dir->path().toStdString()) / "step-1.frame";
    samba::writeActivationFile(frame, file);
    std::string content = readAll(file);
    QVERIFY(content.size() > 230 && content.size() < 10000);
    content = keptBytes < 0 ? content + "x" : content.substr(0, static_cast<size_t>(keptBytes));
    if (flippedByte >= 0)
        content[static_cast<size_t>(flippedByte)] ^= 0x40;
    writeAll(file, content);
    QCOMPARE(kindThrown([&] { (void)samba::readActivationFile(file); }), ErrorKind::Format);
}

void TestRunFolder::float16KeepsEveryFloat16()
{
    for (uint32_t half = 0; half < 0x10000; ++half) {
        const float value = samba::fromFloat16(static_cast<uint16_t>(half));
        if (std::isnan(value))
            QVERIFY(std::isnan(samba::fromFloat16(samba::toFloat16(value))));
        else
            QCOMPARE(samba::toFloat16(value), static_cast<uint16_t>(half));
    }
}

void TestRunFolder::float16RoundsToTheNearest()
{
    // Between each float16 and the next: below the middle down, above it up, on it to even.
    for (uint16_t half = 0; half < 0x7BFF; ++half) {
        const float low = samba::fromFloat16(half);
        const float high = samba::fromFloat16(static_cast<uint16_t>(half + 1));
        const float middle = (low + high) / 2; // exact: float32 has bits to spare
        QCOMPARE(samba::toFloat16(std::nextafter(middle, low)), half);
        QCOMPARE(samba::toFloat16(std::nextafter(middle, high)), static_cast<uint16_t>(half + 1));
        QCOMPARE(samba::toFloat16(middle), static_cast<uint16_t>(half % 2 == 0 ? half : half + 1));
    }
    QCOMPARE(samba::toFloat16(65535.0F), uint16_t{0x7BFF});
    QCOMPARE(samba::toFloat16(-1e30F), uint16_t{0xFBFF});
    QCOMPARE(samba::toFloat16(std::numeric_limits<float>::infinity()), uint16_t{0x7C00});
}

void TestRunFolder::namesAreNew()
{
    samba::Config config = samba::Config();
    config.model.type = "samba";
    config.logging.outputDir = m_dir->path().toStdString();
    const QRegularExpression dated(QStringLiteral("^samba-\\d{8}-\\d{6}$"));
    QVERIFY(dated.match(QString::fromStdString(samba::newRunName(config))).hasMatch());

    config.logging.runName = "mine";
    QCOMPARE(samba::newRunName(config), std::string("mine"));
    fs::create_directories(fs::path(config.logging.outputDir) / "mine");
    QCOMPARE(samba::newRunName(config), std::string("mine-2"));
    fs::create_directories(fs::path(config.logging.outputDir) / "mine-2");
    QCOMPARE(samba::newRunName(config), std::string("mine-3"));
}

QTEST_GUILESS_MAIN(TestRunFolder)
#include "tst_run_folder.moc"
