// Exporting and dumping the model in hand from the window, without an engine: real buttons, caught
// commands, events as the engine would send them.

#include "tests/support/sample_events.h"
#include "tests/support/scripted_prompts.h"
#include "ui/main_window.h"
#include "ui/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QTemporaryDir>
#include <QtTest>

using namespace samba::testing;
using namespace samba::ui;
using samba::EngineState;

class ModelTaskDialogsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ThemeController::instance().apply(ThemeChoice::Light); }
    void init();

    void needsAModel();
    void exportsWhatIsAskedFor_data();
    void exportsWhatIsAskedFor();
    void exportsAFreshModelFromMemory();
    void offersATransformerNoMambaFormat();
    void suggestsAFolderUntilOneIsNamed();
    void showsProgressAndCancels();
    void showsWhatWasWritten();
    void showsItsOwnErrorsAlone();
    void waitsWhileTheEngineIsBusy();
    void saysItInTheWindowWhenClosed();
    void dumpsText();
    void dumpsIdsAndFiles();
    void showsWhatWasDumped();

private:
    template <typename Widget>
    Widget* find(const char* name)
    {
        return m_window->findChild<Widget*>(QLatin1String(name));
    }
    void click(const char* name)
    {
        auto* button = find<QPushButton>(name);
        QVERIFY2(button && button->isVisible() && button->isEnabled(), name);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    template <typename... Events>
    void feed(const Events&... events)
    {
        samba::EventBatch batch;
        (batch.events.push_back(events), ...);
        m_window->applyBatch(batch);
    }
    /// Opens a dialog by the model panel's own menu.
    void openFromPanel(const char* action)
    {
        feed(samba::ModelLoaded{sampleModel(), {}});
        find<QAction>(action)->trigger();
        m_commands.clear();
    }
    /// Presses the start button; the command gets the number 5.
    template <typename Body>
    Body start(const char* button)
    {
        click(button);
        if (m_commands.size() != 1 || !std::holds_alternative<Body>(m_commands.front()))
            qFatal("no command");
        const auto body = std::get<Body>(m_commands.front());
        m_commands.clear();
        m_window->noteCommand(5, body);
        return body;
    }
    QString text(const char* label) { return find<QLabel>(label)->text(); }
    void choose(const char* combo, int index) { find<QComboBox>(combo)->setCurrentIndex(index); }

    ScriptedPrompts m_prompts;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    std::vector<samba::CommandBody> m_commands;
};

void ModelTaskDialogsTest::init()
{
    m_window.reset();
    m_prompts = {};
    m_commands.clear();
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("s.ini")),
                                             QSettings::IniFormat);
    m_window = std::make_unique<MainWindow>(m_prompts, *m_settings);
    connect(m_window.get(), &MainWindow::commandRequested, this,
            [this](const samba::CommandBody& command) { m_commands.push_back(command); });
    m_window->show();
}

void ModelTaskDialogsTest::needsAModel()
{
    QVERIFY(!find<QAction>("actionExportModel")->isEnabled());
    QVERIFY(!find<QAction>("actionDumpTensors")->isEnabled());
    feed(samba::ModelLoaded{sampleModel(), {}});
    find<QAction>("actionExportModel")->trigger();
    QVERIFY(find<QDialog>("exportDialog")->isVisible());
    find<QAction>("actionDumpTensors")->trigger();
    QVERIFY(find<QDialog>("dumpDialog")->isVisible());
}

void ModelTaskDialogsTest::exportsWhatIsAskedFor_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<int>("dtype");
    QTest::addColumn<samba::ExportFormat>("wantedFormat");
    QTest::addColumn<QString>("wantedDtype");
    QTest::addColumn<bool>("isReplacing");
    QTest::newRow("Hugging Face") << 0 << 0 << samba::ExportFormat::HuggingFace << QString()
                                  << false;
    QTest::newRow("original, f16")
        << 1 << 2 << samba::ExportFormat::Original << QStringLiteral("f16") << true;
    QTest::newRow("own, bf16") << 2 << 3 << samba::ExportFormat::Safetensors
                               << QStringLiteral("bf16") << false;
}

void ModelTaskDialogsTest::exportsWhatIsAskedFor()
{
    QFETCH(int, format);
    QFETCH(int, dtype);
    QFETCH(samba::ExportFormat, wantedFormat);
    QFETCH(QString, wantedDtype);
    QFETCH(bool, isReplacing);
    openFromPanel("modelMenuExport");
    choose("exportFormat", format);
    choose("exportDtype", dtype);
    find<QCheckBox>("exportReplace")->setChecked(isReplacing);
    m_prompts.folder = m_folder->path();
    click("exportFolderChoose");
    const auto command = start<samba::ExportModel>("exportStart");
    QCOMPARE(command.format, wantedFormat);
    QCOMPARE(QString::fromStdString(command.dtype), wantedDtype);
    QCOMPARE(command.isReplacing, isReplacing);
    QCOMPARE(command.source, sampleModel().source);
    // A folder of its own in the one that was chosen.
    const QFileInfo output(QString::fromStdString(command.outputDir));
    QCOMPARE(output.absolutePath(), m_folder->path());
    QVERIFY(!output.exists());
    QVERIFY(!find<QPushButton>("exportStart")->isEnabled()); // not twice
}

void ModelTaskDialogsTest::exportsAFreshModelFromMemory()
{
    openFromPanel("modelMenuExport");
    samba::ModelInfo fresh = sampleModel();
    fresh.source.clear();
    feed(samba::ModelLoaded{fresh, {}});
    QVERIFY(text("exportSource").contains(QStringLiteral("memory")));
    const auto command = start<samba::ExportModel>("exportStart");
    QVERIFY(command.source.empty() && command.configText.empty());
}

void ModelTaskDialogsTest::offersATransformerNoMambaFormat()
{
    openFromPanel("modelMenuExport");
    const auto* items = qobject_cast<QStandardItemModel*>(find<QComboBox>("exportFormat")->model());
    QVERIFY(items->item(1)->isEnabled());
    choose("exportFormat", 1);
    samba::ModelInfo transformer = sampleModel();
    transformer.type = "transformer";
    feed(samba::ModelLoaded{transformer, {}});
    QVERIFY(!items->item(1)->isEnabled());
    QCOMPARE(start<samba::ExportModel>("exportStart").format, samba::ExportFormat::HuggingFace);
}

void ModelTaskDialogsTest::suggestsAFolderUntilOneIsNamed()
{
    openFromPanel("modelMenuExport");
    auto* folder = find<QLineEdit>("exportFolder");
    QVERIFY(folder->text().endsWith(QStringLiteral("-hf")));
    choose("exportFormat", 1);
    QVERIFY(folder->text().endsWith(QStringLiteral("-original")));
    folder->setText(QStringLiteral("/data/mine"));
    choose("exportFormat", 2);
    QCOMPARE(folder->text(), QStringLiteral("/data/mine"));
    folder->clear();
    QVERIFY(!find<QPushButton>("exportStart")->isEnabled());
}

void ModelTaskDialogsTest::showsProgressAndCancels()
{
    openFromPanel("modelMenuExport");
    QVERIFY(!find<QPushButton>("exportCancel")->isVisible());
    start<samba::ExportModel>("exportStart");
    feed(samba::StateChanged{EngineState::Exporting, "builtin"});
    QCOMPARE(text("headerState"), QStringLiteral("exporting"));
    samba::EventBatch batch;
    batch.progress = samba::Progress{.what = "exporting",
                                     .done = 100 << 20,
                                     .total = 400 << 20,
                                     .perSecond = 10 << 20,
                                     .remainingMs = 30'000,
                                     .isBytes = true};
    m_window->applyBatch(batch);
    QCOMPARE(text("exportProgress"), QStringLiteral("100 MiB of 400 MiB · 10.0 MiB/s · 30 s left"));
    click("exportCancel");
    QVERIFY(std::holds_alternative<samba::StopTraining>(m_commands.front()));
    feed(samba::StateChanged{EngineState::Idle, ""});
    QVERIFY(text("exportProblemText").contains(QStringLiteral("nothing was written")));
    QVERIFY(find<QPushButton>("exportStart")->isEnabled());
    QVERIFY(!find<QPushButton>("exportCancel")->isVisible());
}

void ModelTaskDialogsTest::showsWhatWasWritten()
{
    openFromPanel("modelMenuExport");
    start<samba::ExportModel>("exportStart");
    feed(samba::StateChanged{EngineState::Exporting, ""},
         samba::ModelExported{5,
                              "/data/out-hf",
                              {"config.json", "model.safetensors"},
                              3 << 20,
                              {"The tokenizer is another one's."}},
         samba::StateChanged{EngineState::Idle, ""});
    QVERIFY(find<QWidget>("exportResult")->isVisible());
    QVERIFY(!find<QWidget>("exportProblem")->isVisible());
    const QString said = text("exportResultText");
    for (const char* part : {"/data/out-hf", "config.json", "3.00 MiB", "another one's"})
        QVERIFY2(said.contains(QString::fromUtf8(part)), qPrintable(said));
    const QSignalSpy shown(m_window.get(), &MainWindow::showInFileManagerRequested);
    click("exportShow");
    QCOMPARE(shown.front().front().toString(), QStringLiteral("/data/out-hf"));
    // Once more: the former result goes.
    start<samba::ExportModel>("exportStart");
    QVERIFY(!find<QWidget>("exportResult")->isVisible());
}

void ModelTaskDialogsTest::showsItsOwnErrorsAlone()
{
    openFromPanel("modelMenuExport");
    start<samba::ExportModel>("exportStart");
    const auto error = [](samba::CommandId id) {
        return samba::ErrorRaised{id, samba::ErrorKind::File, "The folder holds something.",
                                  "Name another one."};
    };
    feed(error(4));
    QVERIFY(!find<QWidget>("exportProblem")->isVisible());
    feed(samba::StateChanged{EngineState::Exporting, ""}, error(5),
         samba::StateChanged{EngineState::Idle, ""});
    QCOMPARE(text("exportProblemText"),
             QStringLiteral("The folder holds something. Name another one."));
    QVERIFY(find<QPushButton>("exportStart")->isEnabled());
}

void ModelTaskDialogsTest::waitsWhileTheEngineIsBusy()
{
    openFromPanel("modelMenuExport");
    feed(samba::StateChanged{EngineState::Training, ""});
    QVERIFY(!find<QPushButton>("exportStart")->isEnabled());
    QVERIFY(!find<QPushButton>("exportStart")->toolTip().isEmpty());
    feed(samba::StateChanged{EngineState::Idle, ""});
    // The engine's queue is full.
    click("exportStart");
    m_window->noteCommand(0, m_commands.front());
    QVERIFY(find<QPushButton>("exportStart")->isEnabled());
}

void ModelTaskDialogsTest::saysItInTheWindowWhenClosed()
{
    openFromPanel("modelMenuExport");
    start<samba::ExportModel>("exportStart");
    click("exportClose");
    feed(samba::ModelExported{5, "/data/out-hf", {"config.json"}, 1, {}},
         samba::StateChanged{EngineState::Idle, ""});
    QVERIFY(text("messageBarSentence").contains(QStringLiteral("/data/out-hf")));
}

void ModelTaskDialogsTest::dumpsText()
{
    openFromPanel("modelMenuDump");
    QVERIFY(!find<QPushButton>("dumpStart")->isEnabled()); // there is no text yet
    find<QLineEdit>("dumpInput")->setText(QStringLiteral("The fox"));
    m_prompts.fileToSave = m_folder->filePath(QStringLiteral("t.safetensors"));
    click("dumpFileChoose");
    for (const char* check : {"dumpDouble", "dumpGradients", "dumpStates"})
        find<QCheckBox>(check)->setChecked(true);
    const auto command = start<samba::DumpTensors>("dumpStart");
    QCOMPARE(command.text, std::string("The fox"));
    QVERIFY(command.ids.empty() && command.idsFile.empty());
    QCOMPARE(QString::fromStdString(command.outputFile), m_prompts.fileToSave);
    QVERIFY(command.isDouble && command.hasGradients && command.hasStates);
}

void ModelTaskDialogsTest::dumpsIdsAndFiles()
{
    openFromPanel("modelMenuDump");
    choose("dumpKind", 1);
    find<QLineEdit>("dumpInput")->setText(QStringLiteral("3, x"));
    click("dumpStart");
    QVERIFY(m_commands.empty());
    QVERIFY(text("dumpProblemText").contains(QStringLiteral("whole numbers")));
    find<QLineEdit>("dumpInput")->setText(QStringLiteral("3, 12,7"));
    const auto command = start<samba::DumpTensors>("dumpStart");
    QCOMPARE(command.ids, (std::vector<int64_t>{3, 12, 7}));
    QVERIFY(command.text.empty());
    QVERIFY(!find<QWidget>("dumpProblem")->isVisible());
    feed(samba::TensorsDumped{5, "/data/t.safetensors", {"logits"}});

    choose("dumpKind", 2);
    QVERIFY(!find<QLineEdit>("dumpInput")->isVisible());
    m_prompts.fileToOpen = QStringLiteral("/data/ids.safetensors");
    click("dumpInputFileChoose");
    const auto fromFile = start<samba::DumpTensors>("dumpStart");
    QCOMPARE(fromFile.idsFile, std::string("/data/ids.safetensors"));
    QVERIFY(fromFile.text.empty() && fromFile.ids.empty());
}

void ModelTaskDialogsTest::showsWhatWasDumped()
{
    openFromPanel("modelMenuDump");
    find<QLineEdit>("dumpInput")->setText(QStringLiteral("The fox"));
    start<samba::DumpTensors>("dumpStart");
    feed(samba::StateChanged{EngineState::Evaluating, ""},
         samba::TensorsDumped{5, "/data/t.safetensors", {"input_ids", "logits"}},
         samba::StateChanged{EngineState::Idle, ""});
    QCOMPARE(text("dumpResultText"), QStringLiteral("Wrote 2 tensors to /data/t.safetensors"));
    const QSignalSpy shown(m_window.get(), &MainWindow::showInFileManagerRequested);
    click("dumpShow");
    QCOMPARE(shown.front().front().toString(), QStringLiteral("/data"));
}

QTEST_MAIN(ModelTaskDialogsTest)
#include "tst_model_task_dialogs.moc"
