#include "app/workbench/tour.h"

#include "app/workbench/app_settings.h"
#include "engine/api/config_document.h"
#include "engine/api/error.h"
#include "ui/theme.h"

#include <QDockWidget>
#include <QFile>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTextStream>
#include <QTimer>

#include <variant>

namespace samba::workbench {

namespace {

constexpr int64_t kSteps = 300;
constexpr int kStoryTokens = 160;
constexpr int kMeanwhileTokens = 40;
constexpr int kStorySeed = 1;
/// Time for queued replots and animations to end before a picture is taken.
constexpr int kSettleMs = 400;
constexpr QSize kWindowSize{1280, 800};

constexpr const char* kPrompt = "Once upon a time";
constexpr const char* kPromptMeanwhile = "One morning";
const std::string kInspected = "Once upon a time there was a little girl named Mia who lived in a "
                               "house with a green door.";

QString seconds(double milliseconds)
{
    return QString::number(milliseconds / 1000.0, 'f', 1);
}

} // namespace

Tour::Tour(Workbench& workbench, const QString& folder) : m_workbench(workbench), m_folder(folder)
{
    connect(&m_workbench.bridge(), &EngineBridge::batchArrived, this, &Tour::take);
}

void Tour::start()
{
    if (!m_folder.mkpath(QStringLiteral("."))) {
        fail(tr("The folder '%1' cannot be made.").arg(m_folder.path()));
        return;
    }
    QTextStream(stdout)
        << tr("Tour of the built-in example; results go to %1\n").arg(m_folder.absolutePath());
    m_workbench.window().resize(kWindowSize);
    m_workbench.window().show();
    m_latency.start();
    m_workbench.openBuiltin();
}

void Tour::take(const samba::EventBatch& batch)
{
    for (const samba::StepMetrics& step : batch.metrics) {
        if (m_firstStep.step == 0)
            m_firstStep = step;
        m_lastStep = step;
    }
    // The meter of latency asks for the time so often that it would be most of the window's work.
    if (m_stage == Stage::Training && m_lastStep.step >= kSteps / 6 && !m_isLoadMeasured) {
        m_isLoadMeasured = true;
        m_latency.stop();
        m_load.start();
    }
    if (m_stage == Stage::Training && m_lastStep.step >= kSteps / 2 && !m_hasAskedMeanwhile) {
        m_hasAskedMeanwhile = true;
        m_watching = m_load.share();
        m_latency.resume();
        tell(QString::fromLatin1(kPromptMeanwhile), kMeanwhileTokens);
    }
    for (const samba::Event& event : batch.events)
        std::visit([this](const auto& body) { on(body); }, event);
}

void Tour::on(const samba::ModelLoaded&)
{
    if (m_stage == Stage::Opening) {
        train();
    } else if (m_stage == Stage::Returning) {
        m_stage = Stage::Looking;
        m_workbench.bridge().post(samba::InspectText{kInspected});
    }
}

void Tour::on(const samba::TextInspected&)
{
    m_stage = Stage::Telling;
    tell(QString::fromLatin1(kPrompt), kStoryTokens);
}

void Tour::tell(const QString& prompt, int maxTokens)
{
    const auto& window = m_workbench.window();
    window.findChild<QSpinBox*>(QStringLiteral("chatMaxTokens"))->setValue(maxTokens);
    window.findChild<QSpinBox*>(QStringLiteral("chatSeed"))->setValue(kStorySeed);
    window.findChild<QPlainTextEdit*>(QStringLiteral("chatPrompt"))->setPlainText(prompt);
    window.findChild<QPushButton*>(QStringLiteral("chatGenerate"))->click();
}

void Tour::on(const samba::GenerationText& event)
{
    if (m_stage == Stage::Telling)
        m_story += QString::fromStdString(event.text);
}

void Tour::on(const samba::GenerationFinished& event)
{
    if (m_stage != Stage::Telling)
        return;
    m_storySpeed = event.tokensPerSecond;
    m_latency.stop();
    takePictures();
}

void Tour::train()
{
    const QStringList presets = presetFiles();
    if (presets.isEmpty()) {
        fail(tr("No configuration was found to train."));
        return;
    }
    const QString config = m_folder.filePath(QStringLiteral("tour.yaml"));
    try {
        samba::ConfigDocument::fromFile(presets.front().toStdString())
            .withValue("training.max_steps", kSteps)
            .withValue("training.logging_steps", int64_t{5})
            .withValue("training.eval_steps", kSteps / 3)
            .withValue("training.save_steps", kSteps)
            .withValue("training.sample_steps", kSteps / 3)
            .withValue("training.activation_steps", kSteps)
            .save(config.toStdString());
    } catch (const samba::Error& error) {
        fail(QString::fromUtf8(error.what()));
        return;
    }
    m_workbench.window().openConfig(config);
    const auto* editor =
        m_workbench.window().findChild<QPlainTextEdit*>(QStringLiteral("configText"));
    m_stage = Stage::Training;
    m_workbench.bridge().post(
        samba::StartTraining{editor->toPlainText().toStdString(), config.toStdString(),
                             m_folder.filePath(QStringLiteral("run")).toStdString()});
}

void Tour::on(const samba::SampleDone& event)
{
    m_samples += tr("[step %1] %2%3\n\n")
                     .arg(event.step)
                     .arg(QString::fromStdString(event.prompt), QString::fromStdString(event.text));
}

void Tour::on(const samba::RunFinished& event)
{
    if (event.outcome != samba::RunOutcome::Finished) {
        fail(tr("The run ended at step %1 before it was done.").arg(event.step));
        return;
    }
    m_stage = Stage::Returning;
    m_workbench.window().loadModel(QStringLiteral("builtin"));
}

void Tour::on(const samba::ErrorRaised& event)
{
    fail(QString::fromStdString(event.message + " " + event.remedy));
}

void Tour::takePictures()
{
    m_stage = Stage::Photographing;
    for (const samba::ui::ThemeChoice theme :
         {samba::ui::ThemeChoice::Light, samba::ui::ThemeChoice::Dark}) {
        for (const char* panel :
             {"model", "config", "training", "heatmap", "chat", "runs", "log", "plots", ""})
            m_pending.append({theme, QLatin1String(panel)});
    }
    preparePicture();
}

void Tour::preparePicture()
{
    if (m_pending.isEmpty()) {
        writeSummary();
        return;
    }
    const Picture picture = m_pending.takeFirst();
    auto& themes = samba::ui::ThemeController::instance();
    if (themes.choice() != picture.theme)
        themes.apply(picture.theme);
    m_workbench.window().raisePanel(picture.panel.isEmpty() ? QStringLiteral("model")
                                                            : picture.panel);
    QTimer::singleShot(kSettleMs, this, [this, picture] { savePicture(picture); });
}

void Tour::savePicture(const Picture& picture)
{
    const bool isWindow = picture.panel.isEmpty();
    QWidget* subject = &m_workbench.window();
    if (!isWindow)
        subject = subject->findChild<QDockWidget*>(QStringLiteral("dock_") + picture.panel);
    const QString name = (isWindow ? QStringLiteral("window") : picture.panel) + QLatin1Char('-') +
                         samba::ui::themeChoiceName(picture.theme);
    const QString file = m_folder.absoluteFilePath(name + QStringLiteral(".png"));
    if (!subject->grab().save(file)) {
        fail(tr("The picture '%1' cannot be written.").arg(file));
        return;
    }
    m_pictures.append(file);
    preparePicture();
}

void Tour::writeSummary()
{
    QString summary;
    QTextStream text(&summary);
    text << tr("Story of the built-in model (%1 tokens/s):\n%2%3\n\n")
                .arg(m_storySpeed, 0, 'f', 0)
                .arg(QLatin1String(kPrompt), m_story)
         << tr("Training from scratch: %1 steps in %2 s, main loss %3 -> %4, %5 tokens/s\n")
                .arg(m_lastStep.step)
                .arg(seconds(m_lastStep.elapsedMs))
                .arg(m_firstStep.main, 0, 'f', 3)
                .arg(m_lastStep.main, 0, 'f', 3)
                .arg(m_lastStep.tokensPerSecond, 0, 'f', 0)
         << tr("Longest block of the window's thread: %1 ms (its own work: %2 ms)\n")
                .arg(m_latency.longestBlockMs(), 0, 'f', 1)
                .arg(m_latency.longestWorkMs(), 0, 'f', 1)
         << tr("Watching the run took %1 % of a processor (from a sixth of it to its middle, "
               "without the above)\n\n")
                .arg(100 * m_watching, 0, 'f', 1)
         << tr("Samples during training:\n%1").arg(m_samples)
         << tr("Run folder: %1\n").arg(m_folder.absoluteFilePath(QStringLiteral("run")))
         << tr("Pictures:\n");
    for (const QString& picture : m_pictures)
        text << "  " << picture << '\n';

    QFile file(m_folder.filePath(QStringLiteral("summary.txt")));
    if (!file.open(QIODevice::WriteOnly) || file.write(summary.toUtf8()) < 0) {
        fail(tr("The summary '%1' cannot be written.").arg(file.fileName()));
        return;
    }
    QTextStream(stdout) << summary << tr("Summary: %1\n").arg(QFileInfo(file).absoluteFilePath());
    Q_EMIT finished(0);
}

void Tour::fail(const QString& sentence)
{
    QTextStream(stderr) << "samba-workbench: " << tr("error: %1\n").arg(sentence);
    disconnect(&m_workbench.bridge(), nullptr, this, nullptr);
    Q_EMIT finished(1);
}

} // namespace samba::workbench
