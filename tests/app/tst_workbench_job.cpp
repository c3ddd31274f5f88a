// The whole job through the real window with the real engine: load, edit, train, look, chat, stop,
// resume. Reports the longest block of the window's thread; asserts no time.

#include "app/workbench/workbench.h"
#include "tests/support/scripted_prompts.h"
#include "ui/theme.h"
#include "ui/widgets/gui_latency.h"

#include <QDir>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <optional>
#include <variant>

using samba::workbench::Workbench;

namespace {

constexpr int kTimeoutMs = 120'000;

/// What the engine said, by kind.
class EventLog : public QObject {
public:
    explicit EventLog(samba::workbench::EngineBridge& bridge)
    {
        connect(&bridge, &samba::workbench::EngineBridge::batchArrived, this,
                [this](const samba::EventBatch& batch) {
                    events.insert(events.end(), batch.events.begin(), batch.events.end());
                    metrics.insert(metrics.end(), batch.metrics.begin(), batch.metrics.end());
                    frames += batch.frame ? 1 : 0;
                });
    }

    /// The newest event of a kind, or null.
    template <typename Kind>
    const Kind* last() const
    {
        for (auto it = events.rbegin(); it != events.rend(); ++it)
            if (const auto* event = std::get_if<Kind>(&*it))
                return event;
        return nullptr;
    }

    template <typename Kind>
    int count() const
    {
        int found = 0;
        for (const samba::Event& event : events)
            found += std::holds_alternative<Kind>(event) ? 1 : 0;
        return found;
    }

    std::vector<samba::Event> events;
    std::vector<samba::StepMetrics> metrics;
    int frames = 0;
};

} // namespace

class TestWorkbenchJob : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void doesTheWholeJob();
};

void TestWorkbenchJob::doesTheWholeJob()
{
    QTemporaryDir folder;
    QVERIFY(folder.isValid());
    qputenv("XDG_CACHE_HOME", folder.path().toUtf8());
    QSettings settings(folder.filePath(QStringLiteral("w.ini")), QSettings::IniFormat);
    samba::testing::ScriptedPrompts prompts;
    samba::ui::ThemeController::instance().apply(samba::ui::ThemeChoice::Light);
    Workbench workbench({}, prompts, settings);
    EventLog log(workbench.bridge());
    auto& window = workbench.window();
    window.resize(1280, 800);
    window.show();
    samba::ui::GuiLatency latency;
    latency.start();

    // Load.
    workbench.openBuiltin();
    QTRY_VERIFY_WITH_TIMEOUT(log.last<samba::ModelLoaded>(), kTimeoutMs);
    QVERIFY(log.last<samba::ModelLoaded>()->info.hasReadout);

    // Edit.
    const QString config = folder.filePath(QStringLiteral("job.yaml"));
    QFile file(config);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("model: {type: samba, vocab_size: 4096, d_model: 32, n_layers: 4, d_state: 8,\n"
               "        readout_stride: 2, readout_hidden_dim: 16}\n"
               "training: {batch_size: 2, seq_len: 32, max_steps: 100000, lr: 1.0e-3,\n"
               "           logging_steps: 1, eval_steps: 0, save_steps: 20, sample_steps: 0}\n"
               "dataset: {name: stories, tokenizer: builtin}\n");
    file.close();
    window.setOutputFolder(folder.filePath(QStringLiteral("runs")), true);
    QVERIFY(window.openConfig(config));
    auto* editor = window.findChild<QPlainTextEdit*>(QStringLiteral("configText"));
    QVERIFY(editor);
    editor->setPlainText(editor->toPlainText().replace(QStringLiteral("batch_size: 2"),
                                                       QStringLiteral("batch_size: 3")));

    // Train at least 30 steps; plots and heatmap fill.
    window.startTraining();
    QTRY_VERIFY_WITH_TIMEOUT(log.last<samba::RunStarted>(), kTimeoutMs);
    const QString runDir = QString::fromStdString(log.last<samba::RunStarted>()->runDir);
    QCOMPARE(log.last<samba::RunStarted>()->tokensPerStep, int64_t{3 * 32});
    window.raisePanel(QStringLiteral("plots"));
    QTRY_VERIFY_WITH_TIMEOUT(log.metrics.size() >= 30, kTimeoutMs);
    QVERIFY(QDir(runDir).exists(QStringLiteral("metrics.jsonl")));
    workbench.bridge().post(samba::WatchActivations{true});
    QTRY_VERIFY_WITH_TIMEOUT(log.frames > 0, kTimeoutMs);

    // Chat answers while training.
    samba::Generate request{"Once upon a time", {}};
    request.options.maxNewTokens = 10;
    workbench.bridge().post(request);
    QTRY_VERIFY_WITH_TIMEOUT(log.last<samba::GenerationFinished>(), kTimeoutMs);
    QVERIFY(log.last<samba::GenerationFinished>()->whileTraining);

    // Inspect a text while training.
    workbench.bridge().post(samba::InspectText{"The fox had a plan."});
    QTRY_VERIFY_WITH_TIMEOUT(log.last<samba::TextInspected>(), kTimeoutMs);

    // Stop.
    workbench.bridge().post(samba::StopTraining{});
    QTRY_VERIFY_WITH_TIMEOUT(log.last<samba::RunFinished>(), kTimeoutMs);
    QCOMPARE(log.last<samba::RunFinished>()->outcome, samba::RunOutcome::Stopped);
    const int64_t stoppedAt = log.last<samba::RunFinished>()->step;
    QVERIFY(stoppedAt >= 30);
    QVERIFY(!window.isTraining());

    // Resume: it goes on where it stopped.
    workbench.bridge().post(samba::ResumeTraining{runDir.toStdString()});
    QTRY_VERIFY_WITH_TIMEOUT(log.count<samba::RunStarted>() == 2, kTimeoutMs);
    QCOMPARE(log.last<samba::RunStarted>()->firstStep, stoppedAt);
    QTRY_VERIFY_WITH_TIMEOUT(log.metrics.back().step > stoppedAt + 5, kTimeoutMs);
    workbench.bridge().post(samba::StopTraining{});
    QTRY_VERIFY_WITH_TIMEOUT(log.count<samba::RunFinished>() == 2, kTimeoutMs);
    QCOMPARE(log.count<samba::ErrorRaised>(), 0);

    latency.stop();
    qInfo("longest block of the GUI thread: %.1f ms, its own work: %.1f ms",
          latency.longestBlockMs(), latency.longestWorkMs());
}

QTEST_MAIN(TestWorkbenchJob)
#include "tst_workbench_job.moc"
