// Draws the window and each panel in both themes. With SAMBA_PICTURE_DIR set the pictures are kept.

#include "engine/api/config_document.h"
#include "tests/support/sample_events.h"
#include "tests/support/scripted_prompts.h"
#include "ui/icons.h"
#include "ui/main_window.h"
#include "ui/theme.h"
#include "ui/widgets/disclosure.h"

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

using namespace samba::testing;
using samba::ui::Disclosure;
using samba::ui::MainWindow;
using samba::ui::Theme;
using samba::ui::ThemeChoice;
using samba::ui::ThemeController;

namespace {

/// Number of different colours, up to a limit.
qsizetype colorCount(const QImage& image)
{
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3)
            colors.insert(image.pixel(x, y));
    }
    return colors.size();
}

/// The window once layouts, queued drawing and counting on other threads have come to rest.
QPixmap grabSettled(QWidget& window)
{
    constexpr int kPauseMs = 40;
    constexpr int kMaxPauses = 100;
    QImage before;
    int sameCount = 0;
    for (int pause = 0; pause < kMaxPauses && sameCount < 3; ++pause) {
        QTest::qWait(kPauseMs);
        const QImage now = window.grab().toImage();
        sameCount = now == before ? sameCount + 1 : 0;
        before = now;
    }
    return QPixmap::fromImage(before);
}

/// A shown window with settings of its own.
struct PictureWindow {
    explicit PictureWindow(bool isDark)
    {
        ThemeController::instance().apply(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        QApplication::setCursorFlashTime(0);
        window.setOutputFolder(QStringLiteral("/data/runs"), false);
        window.show();
    }

    QTemporaryDir folder;
    QSettings settings{folder.filePath(QStringLiteral("s.ini")), QSettings::IniFormat};
    ScriptedPrompts prompts;
    MainWindow window{prompts, settings};
};

/// Two rows, "light" and "dark".
void addThemes()
{
    QTest::addColumn<bool>("isDark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

/// What verifying a damaged Samba gives.
std::shared_ptr<const samba::VerificationReport> sampleVerification()
{
    using samba::TensorStatus;
    samba::VerificationReport report{.weightsFile = "/data/runs/samba-tiny/model.safetensors",
                                     .layout = "Hugging Face",
                                     .tensors = {},
                                     .embeddingRows = 4096,
                                     .tokenizerSize = 4096,
                                     .warnings = {},
                                     .faults = {}};
    const auto add = [&report](const std::string& name, TensorStatus status,
                               const std::vector<int64_t>& shape, uint32_t checksum) {
        report.tensors.push_back({.name = name,
                                  .storedName = status == TensorStatus::Missing ? "" : name,
                                  .chunkName = {},
                                  .status = status,
                                  .shape = shape,
                                  .wantedShape = shape,
                                  .dtype = "F32",
                                  .checksum = checksum});
    };
    add("backbone.embeddings.weight", TensorStatus::Found, {4096, 192}, 0x1a2b3c4d);
    for (int layer = 0; layer < 4; ++layer) {
        const std::string prefix = "backbone.layers." + std::to_string(layer) + ".";
        add(prefix + "mixer.in_proj.weight",
            layer == 2 ? TensorStatus::Missing : TensorStatus::Renamed, {768, 192}, 0x9f00a1e5);
        add(prefix + "mixer.A_log", layer == 3 ? TensorStatus::WrongShape : TensorStatus::Found,
            {384, 16}, 0x00c0ffee);
    }
    add("optimizer.step", TensorStatus::Unexpected, {1}, 0xdeadbeef);
    return std::make_shared<const samba::VerificationReport>(std::move(report));
}

void keep(const QPixmap& picture, const QString& name)
{
    const QString folder = qEnvironmentVariable("SAMBA_PICTURE_DIR");
    if (!folder.isEmpty())
        QVERIFY(picture.save(QDir(folder).filePath(name + QStringLiteral(".png"))));
}

} // namespace

class PicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void drawsEverything_data();
    void drawsEverything();
    void drawsAnImportedRun_data();
    void drawsAnImportedRun();
    void drawsTheVerification_data();
    void drawsTheVerification();
    void drawsATransformer_data();
    void drawsATransformer();
    void drawsTheModelsDialogs_data();
    void drawsTheModelsDialogs();
    void iconsFollowTheTheme();

private:
    void fill(MainWindow& window);
};

void PicturesTest::fill(MainWindow& window)
{
    samba::EventBatch batch;
    batch.events.push_back(samba::ModelLoaded{
        sampleModel(), {"The readout was made fresh: the file has no weights for it."}});
    batch.events.push_back(sampleRunStarted("/data/runs/samba-evening", 2000));
    batch.events.push_back(samba::StateChanged{samba::EngineState::Training, ""});
    batch.metrics = sampleSteps(640, 2000);
    for (int64_t step = 200; step <= 600; step += 200) {
        batch.events.push_back(samba::ValidationDone{sampleValidation(step, 2000)});
        batch.events.push_back(samba::SampleDone{
            step, "Once upon a time",
            " there was a little fox who lived beside the mill. Every morning she looked for "
            "something new, and every evening she told the owl what she had found."});
        batch.events.push_back(samba::CheckpointSaved{"/data/runs/x/checkpoint", step, true});
    }
    batch.events.push_back(samba::TextInspected{1, sampleFrame()});
    for (int line = 0; line < 30; ++line)
        batch.events.push_back(samba::LogMessage{
            line % 11 == 10 ? samba::LogLevel::Error
            : line % 7 == 6 ? samba::LogLevel::Warning
                            : samba::LogLevel::Info,
            1.79e9 + line, "Step " + std::to_string(line * 20) + ": wrote a checkpoint"});
    batch.progress = samba::Progress{"training", 640, 2000, 4870, 571000};
    window.applyBatch(batch);
    window.showRuns(QStringLiteral("/data/runs"), sampleRuns("/data/runs"));
    window.setMemory(780.0 * 1024 * 1024);

    auto* prompt = window.findChild<QPlainTextEdit*>(QStringLiteral("chatPrompt"));
    prompt->setPlainText(QStringLiteral("One rainy morning, a little fox"));
    window.findChild<QPushButton*>(QStringLiteral("chatGenerate"))->click();
    window.noteCommand(7, samba::Generate{});
    samba::EventBatch answer;
    answer.events.push_back(samba::GenerationText{
        7,
        " found a red kite behind the mill. “Who does it belong to?” she asked. The owl did not "
        "know. So the fox tied it to the gate, where everyone could see it, and waited.",
        38});
    answer.events.push_back(samba::GenerationFinished{
        7, samba::GenerationEnd::Length, 7, 38, 12, 112.4, 48213, true, {}});
    window.applyBatch(answer);
}

void PicturesTest::drawsEverything_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::addColumn<bool>("isFilled");
    QTest::newRow("light-empty") << false << false;
    QTest::newRow("dark-empty") << true << false;
    QTest::newRow("light") << false << true;
    QTest::newRow("dark") << true << true;
}

void PicturesTest::drawsEverything()
{
    QFETCH(bool, isDark);
    QFETCH(bool, isFilled);
    PictureWindow shown(isDark);
    MainWindow& window = shown.window;
    if (isFilled)
        fill(window);
    const QString tag = QString::fromLatin1(QTest::currentDataTag());
    for (const char* panel : {"plots", "heatmap", "config", "log", "runs", "model"}) {
        window.raisePanel(QLatin1String(panel));
        const QPixmap picture = grabSettled(window);
        QVERIFY(colorCount(picture.toImage()) > 20);
        QCOMPARE(QColor(picture.toImage().pixel(2, picture.height() / 2)), Theme::current().window);
        keep(picture, QStringLiteral("window-%1-%2").arg(QLatin1String(panel), tag));
    }
}

void PicturesTest::drawsAnImportedRun_data()
{
    addThemes();
}

void PicturesTest::drawsAnImportedRun()
{
    QFETCH(bool, isDark);
    PictureWindow shown(isDark);
    MainWindow& window = shown.window;
    const samba::RunHistory run = sampleImportedRun("/data/runs/trainer/logs/bert-small");
    std::vector<samba::RunSummary> runs = sampleRuns("/data/runs");
    runs.insert(runs.begin() + 1, run.summary);
    runs[1].name = "trainer/logs/bert-small";
    window.showRuns(QStringLiteral("/data/runs"), runs);
    window.openRun(QString::fromStdString(run.summary.path.string()));
    window.showRun(run);
    window.raisePanel(QStringLiteral("runs"));
    auto* view = window.findChild<QListView*>(QStringLiteral("runsView"));
    const QModelIndexList found =
        view->model()->match(view->model()->index(0, 0), Qt::DisplayRole,
                             QStringLiteral("trainer/logs/bert-small"), 1, Qt::MatchExactly);
    view->setCurrentIndex(found.value(0));
    QTest::qWait(300);
    const QPixmap picture = window.grab();
    QVERIFY(colorCount(picture.toImage()) > 20);
    keep(picture,
         QStringLiteral("window-imported-%1").arg(QString::fromLatin1(QTest::currentDataTag())));
}

void PicturesTest::drawsTheVerification_data()
{
    addThemes();
}

void PicturesTest::drawsTheVerification()
{
    QFETCH(bool, isDark);
    PictureWindow shown(isDark);
    samba::EventBatch batch;
    batch.events.push_back(samba::ModelLoaded{sampleModel(), {}, sampleVerification()});
    shown.window.applyBatch(batch);
    auto* table = shown.window.findChild<QWidget*>(QStringLiteral("verification"));
    qobject_cast<Disclosure*>(table->parentWidget())->setOpen(true);
    shown.window.raisePanel(QStringLiteral("model"));
    shown.window.findChild<QDockWidget*>(QStringLiteral("dock_training"))->hide();
    QTest::qWait(0); // the dock beside it grows
    for (QWidget* parent = table; parent; parent = parent->parentWidget())
        if (auto* area = qobject_cast<QScrollArea*>(parent))
            area->ensureWidgetVisible(table);
    const QPixmap picture = grabSettled(shown.window);
    QVERIFY(table->isVisible());
    QVERIFY(colorCount(table->grab().toImage()) > 20);
    keep(picture,
         QStringLiteral("window-verification-%1").arg(QLatin1String(QTest::currentDataTag())));
}

void PicturesTest::drawsATransformer_data()
{
    addThemes();
}

void PicturesTest::drawsATransformer()
{
    QFETCH(bool, isDark);
    PictureWindow shown(isDark);
    samba::ModelInfo info = samba::describeModel(
        samba::ConfigDocument::fromFile(SAMBA_SOURCE_DIR "/configs/transformer_cpu.yaml")
            .config()
            .model);
    info.name = "transformer-evening";
    info.source = "/data/runs/transformer-evening";
    info.device = "cpu";
    info.tokenizerSize = info.vocabSize;
    samba::EventBatch batch;
    batch.events.push_back(samba::ModelLoaded{info, {}});
    shown.window.applyBatch(batch);
    shown.window.raisePanel(QStringLiteral("model"));
    shown.window.findChild<QDockWidget*>(QStringLiteral("dock_training"))->hide();
    QTest::qWait(0); // the dock beside it grows
    const QString tag = QString::fromLatin1(QTest::currentDataTag());
    keep(grabSettled(shown.window), QStringLiteral("window-transformer-%1").arg(tag));
    shown.window.findChild<QAction*>(QStringLiteral("actionExportModel"))->trigger();
    auto* dialog = shown.window.findChild<QDialog*>(QStringLiteral("exportDialog"));
    QVERIFY(dialog && dialog->isVisible());
    QVERIFY(colorCount(grabSettled(*dialog).toImage()) > 20);
}

void PicturesTest::drawsTheModelsDialogs_data()
{
    addThemes();
}

void PicturesTest::drawsTheModelsDialogs()
{
    QFETCH(bool, isDark);
    PictureWindow shown(isDark);
    MainWindow& window = shown.window;
    samba::EventBatch batch;
    batch.events.push_back(samba::ModelLoaded{sampleModel(), {}});
    window.applyBatch(batch);
    const QString tag = QString::fromLatin1(QTest::currentDataTag());
    const auto draw = [&](const char* name, const char* state) {
        auto* dialog = window.findChild<QDialog*>(QLatin1String(name));
        QVERIFY(dialog && dialog->isVisible());
        const QPixmap picture = grabSettled(*dialog);
        QVERIFY(colorCount(picture.toImage()) > 20);
        keep(picture,
             QStringLiteral("%1-%2-%3").arg(QLatin1String(name), QLatin1String(state), tag));
    };
    const auto start = [&](const char* button, samba::EngineState state,
                           const samba::CommandBody& command, const samba::Event& answer) {
        window.findChild<QPushButton*>(QLatin1String(button))->click();
        window.noteCommand(3, command);
        samba::EventBatch events;
        events.events = {samba::StateChanged{state, ""}, answer,
                         samba::StateChanged{samba::EngineState::Idle, ""}};
        window.applyBatch(events);
    };
    window.findChild<QAction*>(QStringLiteral("actionExportModel"))->trigger();
    draw("exportDialog", "new");
    start("exportStart", samba::EngineState::Exporting, samba::ExportModel{},
          samba::ModelExported{3,
                               "/home/ada/models/samba-evening-hf",
                               {"config.json", "generation_config.json", "model.safetensors",
                                "readout.safetensors", "tokenizer.json", "tokenizer_config.json"},
                               24'300'000,
                               {"The tokenizer has 4096 entries, the embedding 4100."}});
    draw("exportDialog", "done");
    window.findChild<QAction*>(QStringLiteral("actionDumpTensors"))->trigger();
    window.findChild<QLineEdit*>(QStringLiteral("dumpInput"))->setText(QStringLiteral("The fox"));
    start("dumpStart", samba::EngineState::Evaluating, samba::DumpTensors{},
          samba::ErrorRaised{3, samba::ErrorKind::File,
                             "'/home/ada/t.safetensors' cannot be written.",
                             "Free some space, or name another file."});
    draw("dumpDialog", "failed");
    window.findChild<QPushButton*>(QStringLiteral("modelOpen"))->menu()->actions().at(1)->trigger();
    draw("pretrainedPicker", "new");
}

void PicturesTest::iconsFollowTheTheme()
{
    const QIcon icon = samba::ui::themedIcon(QStringLiteral("play"));
    QVERIFY(!icon.isNull());
    ThemeController::instance().apply(ThemeChoice::Light);
    const QImage light = icon.pixmap(24, 24).toImage();
    ThemeController::instance().apply(ThemeChoice::Dark);
    QVERIFY(icon.pixmap(24, 24).toImage() != light);
    QVERIFY(samba::ui::themedIcon(QStringLiteral("no such icon")).isNull());
}

QTEST_MAIN(PicturesTest)
#include "tst_pictures.moc"
