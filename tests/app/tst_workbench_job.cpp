// The whole job through the real window and the real engine, by the buttons and keys that a person
// has: load, edit, train, look, chat, stop, resume. Reports what kept the window from answering
// longest; asserts no time.

#include "app/workbench/workbench.h"
#include "engine/api/run_history.h"
#include "tests/support/event_clock.h"
#include "tests/support/scripted_prompts.h"
#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/gui_latency.h"
#include "ui/widgets/heatmap.h"

#include <QAbstractButton>
#include <QAction>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

using samba::testing::EventClock;
using samba::ui::CurvePlot;
using samba::ui::HeatmapView;
using samba::workbench::Workbench;

namespace {

constexpr int kTimeoutMs = 120'000;
constexpr std::size_t kSteps = 30;

/// A small corpus, tokenized at once; no two lines alike.
QByteArray smallStories()
{
    QByteArray text;
    for (const char* who : {"The fox", "The owl", "Mia", "Tom", "The old miller", "A small bear"}) {
        for (const char* what : {"found a key", "lost a kite", "mended the gate", "baked a pie"}) {
            for (const char* where : {"by the river", "in the mill", "under the oak", "at home"}) {
                for (const char* when : {"One morning", "In the rain", "Last winter"})
                    text += QByteArray(when) + ", " + who + " " + what + " " + where + ".\n";
            }
        }
    }
    return text;
}

const QByteArray kConfig =
    "# A model small enough to train at once.\n"
    "model: {type: samba, vocab_size: 4096, d_model: 32, n_layers: 4, d_state: 8,\n"
    "        readout_stride: 2, readout_hidden_dim: 16}\n"
    "training: {batch_size: 2, seq_len: 32, max_steps: 100000, lr: 1.0e-3,\n"
    "           logging_steps: 1, eval_steps: 10, eval_batches: 1, save_steps: 20,\n"
    "           sample_steps: 0}\n"
    "dataset: {name: stories.txt, tokenizer: builtin, validation_fraction: 0.2}\n";

bool writeFile(const QString& path, const QByteArray& content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

/// Writes the configuration and, beside it, the corpus that it names.
/// @return the configuration's text, empty if something could not be written.
QByteArray writeCorpusAndConfig(const QString& path)
{
    const QString corpus = QFileInfo(path).dir().filePath(QStringLiteral("stories.txt"));
    const QByteArray config = QByteArray(kConfig).replace("stories.txt", corpus.toUtf8());
    return writeFile(corpus, smallStories()) && writeFile(path, config) ? config : QByteArray();
}

} // namespace

class WorkbenchJobTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    // In this order: each goes on where the one before it ends.
    void opensTheBuiltinExample();
    void editsTheConfiguration();
    void trainsWithCurves();
    void looksInside();
    void chatsWhileTraining();
    void pausesAndKeepsACheckpoint();
    void stops();
    void resumes();
    void closesAndLosesNothing();

private:
    template <typename Widget>
    Widget* find(const char* name)
    {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    /// Whether something with this name is there to be seen.
    bool isVisible(const char* name)
    {
        const auto* widget = find<QWidget>(name);
        return widget != nullptr && widget->isVisible();
    }
    QString labelText(const char* name)
    {
        const auto* label = find<QLabel>(name);
        return label != nullptr ? label->text() : QString();
    }
    std::size_t loggedSteps() { return find<CurvePlot>("overview/loss.plot")->samples(0).size(); }
    double lastStep()
    {
        const auto& samples = find<CurvePlot>("overview/loss.plot")->samples(0);
        return samples.isEmpty() ? 0 : samples.x(samples.size() - 1);
    }

    void raise(const char* panel);
    void press(const char* button);
    void type(const char* editor, const QString& text);
    /// Puts what the window did since the last report on the terminal.
    void reportBlocks(const char* part);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    samba::testing::ScriptedPrompts m_prompts;
    std::unique_ptr<Workbench> m_workbench;
    samba::ui::GuiLatency m_latency;
    EventClock::Delivery m_longest;
    EventClock::Delivery m_busiest;
    double m_longestBlockMs = 0;
    double m_longestWorkMs = 0;
    QString m_runDir;
    double m_stoppedAt = 0;
};

void WorkbenchJobTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    samba::EngineOptions options;
    options.threads = 1; // leaves a core to the window
    options.cacheDir = m_folder->filePath(QStringLiteral("cache")).toStdString();
    m_settings = std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("window.ini")),
                                             QSettings::IniFormat);
    samba::ui::ThemeController::instance().apply(samba::ui::ThemeChoice::Light);
    m_workbench = std::make_unique<Workbench>(options, m_prompts, *m_settings);
    auto& window = m_workbench->window();
    window.setOutputFolder(m_folder->filePath(QStringLiteral("runs")), true);
    window.resize(1280, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    m_latency.start();
    static_cast<EventClock*>(qApp)->restart();
}

void WorkbenchJobTest::cleanupTestCase()
{
    m_workbench.reset();
    qInfo("Longest block of the window's thread: %.1f ms by the clock, %.1f ms of its own work",
          m_longestBlockMs, m_longestWorkMs);
    qInfo("Longest event: %.1f ms by the clock (%s); most work: %.1f ms (%s)", m_longest.wallMs,
          qPrintable(m_longest.what), m_busiest.workMs, qPrintable(m_busiest.what));
}

void WorkbenchJobTest::raise(const char* panel)
{
    auto* action = find<QAction>(qPrintable(QStringLiteral("actionShow_") + QLatin1String(panel)));
    QVERIFY2(action != nullptr, panel);
    QTest::keySequence(&m_workbench->window(), action->shortcut());
    QTRY_VERIFY2(
        find<QDockWidget>(qPrintable(QStringLiteral("dock_") + QLatin1String(panel)))->isVisible(),
        panel);
}

void WorkbenchJobTest::press(const char* button)
{
    auto* target = find<QAbstractButton>(button);
    QVERIFY2(target != nullptr, button);
    QTRY_VERIFY2_WITH_TIMEOUT(target->isVisible() && target->isEnabled(), button, kTimeoutMs);
    QTest::mouseClick(target, Qt::LeftButton);
}

void WorkbenchJobTest::type(const char* editor, const QString& text)
{
    auto* target = find<QWidget>(editor);
    QVERIFY2(target != nullptr && target->isVisible() && target->isEnabled(), editor);
    QTest::keySequence(target, QKeySequence::SelectAll);
    QTest::keyClicks(target, text);
}

void WorkbenchJobTest::reportBlocks(const char* part)
{
    auto* clock = static_cast<EventClock*>(qApp);
    m_latency.stop();
    qInfo("%s: longest block %.1f ms, own work %.1f ms, longest event %.1f ms (%s)", part,
          m_latency.longestBlockMs(), m_latency.longestWorkMs(), clock->longest().wallMs,
          qPrintable(clock->longest().what));
    m_longestBlockMs = std::max(m_longestBlockMs, m_latency.longestBlockMs());
    m_longestWorkMs = std::max(m_longestWorkMs, m_latency.longestWorkMs());
    if (clock->longest().wallMs > m_longest.wallMs)
        m_longest = clock->longest();
    if (clock->busiest().workMs > m_busiest.workMs)
        m_busiest = clock->busiest();
    clock->restart();
    m_latency.start();
}

void WorkbenchJobTest::opensTheBuiltinExample()
{
    press("modelOpenBuiltin");
    QTRY_VERIFY_WITH_TIMEOUT(isVisible("modelParameters"), kTimeoutMs);
    QVERIFY(!labelText("modelName").isEmpty());
    QVERIFY(labelText("modelParameters").endsWith(QStringLiteral(" M")));
    QCOMPARE(labelText("headerModel"), labelText("modelName"));
    QVERIFY(!isVisible("messageBar"));
    reportBlocks("open");
}

void WorkbenchJobTest::editsTheConfiguration()
{
    const QString path = m_folder->filePath(QStringLiteral("job.yaml"));
    const QByteArray config = writeCorpusAndConfig(path);

    m_prompts.fileToOpen = path;
    raise("config");
    press("configOpen");
    QCOMPARE(labelText("configTitle"), QStringLiteral("job.yaml"));
    auto* text = find<QPlainTextEdit>("configText");
    QCOMPARE(text->toPlainText().toUtf8(), config);

    // The form changes one value of the text and leaves the comment alone.
    type("field_training_batch_size", QStringLiteral("3"));
    QCOMPARE(text->toPlainText().toUtf8(),
             QByteArray(config).replace("batch_size: 2", "batch_size: 3"));
    // A mistake in the text is told at once, and nothing can be started with it.
    const QString good = text->toPlainText();
    text->setPlainText(
        QString(good).replace(QStringLiteral("lr: 1.0e-3"), QStringLiteral("lr: fast")));
    QTRY_VERIFY(!find<QAbstractButton>("configStart")->isEnabled());
    QVERIFY(isVisible("configProblems"));
    text->setPlainText(good);
    QTRY_VERIFY(find<QAbstractButton>("configStart")->isEnabled());
    QCOMPARE(find<QLineEdit>("field_training_lr")->text(), QStringLiteral("0.001"));
    press("configSave");
    QFile saved(path);
    QVERIFY(saved.open(QIODevice::ReadOnly));
    QCOMPARE(saved.readAll(), good.toUtf8());
    reportBlocks("edit");
}

void WorkbenchJobTest::trainsWithCurves()
{
    press("configStart");
    raise("plots");
    QTRY_VERIFY_WITH_TIMEOUT(isVisible("overview/loss.plot") && loggedSteps() >= kSteps,
                             kTimeoutMs);
    for (const char* card : {"overview/perplexity.plot", "overview/sparsity.plot",
                             "overview/pruning.plot", "overview/lr.plot", "overview/speed.plot"})
        QTRY_VERIFY2(find<CurvePlot>(card)->samples(0).size() >= kSteps, card);
    QCOMPARE(find<CurvePlot>("overview/sparsity.plot")->seriesCount(), 2);     // two chunks
    QTRY_VERIFY(!find<CurvePlot>("overview/loss.plot")->samples(2).isEmpty()); // validation
    QVERIFY(isVisible("trainingProgress"));
    QTRY_VERIFY(labelText("trainingSteps").contains(QStringLiteral("steps")));
    QTRY_VERIFY(labelText("trainingRemaining").contains(QStringLiteral("left")));
    QTRY_VERIFY(labelText("statusSpeed").endsWith(QStringLiteral("tok/s")));
    QCOMPARE(labelText("trainingState"), QStringLiteral("training"));
    QVERIFY(!find<QAbstractButton>("configStart")->isEnabled());

    const QStringList runs = QDir(m_folder->filePath(QStringLiteral("runs")))
                                 .entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QCOMPARE(runs.size(), 1);
    m_runDir = m_folder->filePath(QStringLiteral("runs/") + runs.front());
    QVERIFY(QFile::exists(m_runDir + QStringLiteral("/metrics.jsonl")));
    reportBlocks("train");
}

void WorkbenchJobTest::looksInside()
{
    raise("heatmap");
    press("heatmapSourceLive");
    auto* map = find<HeatmapView>("heatmapMap");
    auto* attention = find<HeatmapView>("heatmapAttention");
    QTRY_VERIFY_WITH_TIMEOUT(map->isVisible() && map->matrix().columns == 32, kTimeoutMs);
    QCOMPARE(map->matrix().rows, int64_t{32});
    QCOMPARE(attention->matrix().columns, int64_t{2});
    press("heatmapChunk2");
    QTRY_VERIFY(find<QLabel>("heatmapTitle")->text().startsWith(QStringLiteral("Chunk 2")));

    // A text instead of the batch, while training goes on.
    press("heatmapSourceText");
    type("heatmapText", QStringLiteral("The fox had a plan."));
    press("heatmapInspect");
    QTRY_VERIFY_WITH_TIMEOUT(map->isVisible() && map->matrix().rows < 32, kTimeoutMs);
    reportBlocks("heatmap");
}

void WorkbenchJobTest::chatsWhileTraining()
{
    type("chatPrompt", QStringLiteral("Once upon a time"));
    press("chatGenerate");
    QTRY_VERIFY_WITH_TIMEOUT(labelText("turnNote").contains(QStringLiteral("while training")),
                             kTimeoutMs);
    QVERIFY(labelText("turnNote").contains(QStringLiteral("tok/s")));
    press("chatRegenerate");
    QTRY_VERIFY_WITH_TIMEOUT(isVisible("chatStop"), kTimeoutMs);
    QTest::keyClick(&m_workbench->window(), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(isVisible("chatGenerate"), kTimeoutMs);
    const auto notes = m_workbench->window().findChildren<QLabel*>(QStringLiteral("turnNote"));
    QCOMPARE(notes.size(), 2);
    QCOMPARE(labelText("trainingState"), QStringLiteral("training"));
    reportBlocks("chat");
}

void WorkbenchJobTest::pausesAndKeepsACheckpoint()
{
    press("trainingCheckpoint");
    press("trainingPause");
    QTRY_COMPARE_WITH_TIMEOUT(labelText("trainingState"), QStringLiteral("paused"), kTimeoutMs);
    // Chat answers during a pause as well.
    press("chatGenerate");
    QTRY_VERIFY_WITH_TIMEOUT(isVisible("chatGenerate"), kTimeoutMs);
    press("trainingPause");
    QTRY_COMPARE_WITH_TIMEOUT(labelText("trainingState"), QStringLiteral("training"), kTimeoutMs);
    QTRY_VERIFY_WITH_TIMEOUT(
        !QDir(m_runDir).entryList({QStringLiteral("checkpoint-*")}, QDir::Dirs).isEmpty(),
        kTimeoutMs);
    reportBlocks("pause");
}

void WorkbenchJobTest::stops()
{
    raise("plots");
    press("trainingStop");
    QTRY_COMPARE_WITH_TIMEOUT(labelText("trainingState"), QStringLiteral("stopped"), kTimeoutMs);
    QTRY_VERIFY(isVisible("trainingStart"));
    m_stoppedAt = lastStep();
    QVERIFY(m_stoppedAt >= static_cast<double>(kSteps));
    QVERIFY(QDir(m_runDir).exists(
        QStringLiteral("checkpoint-%1").arg(static_cast<int64_t>(m_stoppedAt))));
    reportBlocks("stop");
}

void WorkbenchJobTest::resumes()
{
    raise("runs");
    auto* runs = find<QListView>("runsView");
    QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 1, kTimeoutMs);
    QTest::mouseClick(runs->viewport(), Qt::LeftButton, {},
                      runs->visualRect(runs->model()->index(0, 0)).center());
    press("runsResume");
    raise("plots");
    QTRY_VERIFY_WITH_TIMEOUT(lastStep() > m_stoppedAt + 5, kTimeoutMs);
    // One curve without gap or double, from the first step on.
    const auto& samples = find<CurvePlot>("overview/loss.plot")->samples(0);
    for (std::size_t i = 0; i < samples.size(); ++i)
        QCOMPARE(samples.x(i), static_cast<double>(i + 1));
    reportBlocks("resume");
}

void WorkbenchJobTest::closesAndLosesNothing()
{
    auto& window = m_workbench->window();
    m_prompts.trainingAnswer = samba::ui::UserPrompts::TrainingAnswer::Cancel;
    window.close();
    QVERIFY(window.isVisible());
    QCOMPARE(m_prompts.asked.count(QStringLiteral("training")), 1);
    QCOMPARE(labelText("trainingState"), QStringLiteral("training"));

    m_prompts.trainingAnswer = samba::ui::UserPrompts::TrainingAnswer::StopAndClose;
    window.close();
    QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), kTimeoutMs);
    // The folder is asked, not the plot: a window that is hidden need not draw the last step.
    const samba::RunHistory run = samba::readRun(m_runDir.toStdString());
    QVERIFY(!run.metrics.empty());
    QVERIFY(static_cast<double>(run.metrics.back().step) >= lastStep());
    QVERIFY(static_cast<double>(run.metrics.back().step) > m_stoppedAt);
    QCOMPARE(samba::listCheckpoints(m_runDir.toStdString()).back().step, run.metrics.back().step);
    QVERIFY(!isVisible("messageBarRemedy"));
    reportBlocks("close");
}

int main(int argc, char** argv)
{
    EventClock application(argc, argv);
    WorkbenchJobTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_workbench_job.moc"
