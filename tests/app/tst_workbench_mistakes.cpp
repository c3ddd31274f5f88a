// What a hurried or clumsy person does to the real window with the real engine: each mistake gets a
// sentence and a remedy or changes nothing, and the engine lives on.

#include "app/workbench/workbench.h"
#include "tests/support/scripted_prompts.h"
#include "ui/chat_turn.h"
#include "ui/theme.h"
#include "ui/widgets/gui_latency.h"
#include "ui/widgets/heatmap.h"

#include <QAbstractButton>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

using samba::ui::HeatmapView;
using samba::workbench::Workbench;

namespace {

constexpr int kTimeoutMs = 120'000;

const QByteArray kConfig =
    "model: {type: samba, vocab_size: 4096, d_model: 16, n_layers: 2, d_state: 4,\n"
    "        readout_stride: 1, readout_hidden_dim: 8}\n"
    "training: {batch_size: 1, seq_len: 16, max_steps: 100000, logging_steps: 1,\n"
    "           eval_steps: 0, save_steps: 20, sample_steps: 0}\n"
    "dataset: {name: stories.txt, tokenizer: builtin}\n";

bool writeFile(const QString& path, const QByteArray& content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

} // namespace

class WorkbenchMistakesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void opensWhatIsNoModel_data();
    void opensWhatIsNoModel();
    void startsTwice();
    void startsWithAMissingCorpus();
    void deletesTheFolderOfTheRunInProgress();
    void opensARunThatIsGone();
    void pastesAHugeText();
    void asksForEverythingWithoutAModel();
    void writesUnicode();
    void exportsTwiceIntoTheSameFolder();
    void exportsWhatIsNotTrainedYet();
    void dumpsNonsense();
    void makesTheWindowSmall();

private:
    template <typename Widget>
    Widget* find(const char* name)
    {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    QString labelText(const char* name) { return find<QLabel>(name)->text(); }
    bool isMessageShown() { return find<QWidget>("messageBar")->isVisible(); }
    void trigger(const char* action) { find<QAction>(action)->trigger(); }
    void click(const char* button)
    {
        auto* target = find<QAbstractButton>(button);
        QVERIFY2(target != nullptr, button);
        QTRY_VERIFY2_WITH_TIMEOUT(target->isVisible() && target->isEnabled(), button, kTimeoutMs);
        QTest::mouseClick(target, Qt::LeftButton);
    }
    QString runsFolder() { return m_folder->filePath(QStringLiteral("runs")); }
    QStringList runNames()
    {
        return QDir(runsFolder()).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    }
    void openConfig(const QByteArray& text);
    /// A message with a remedy, after which the engine still loads a model.
    void verifyMessageAndLife(const QString& part);
    void openBuiltin();

    std::unique_ptr<QTemporaryDir> m_cache; ///< tokens, made once
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    samba::testing::ScriptedPrompts m_prompts;
    std::unique_ptr<Workbench> m_workbench;
};

void WorkbenchMistakesTest::initTestCase()
{
    m_cache = std::make_unique<QTemporaryDir>();
    samba::ui::ThemeController::instance().apply(samba::ui::ThemeChoice::Light);
}

void WorkbenchMistakesTest::init()
{
    m_prompts = {};
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("window.ini")),
                                             QSettings::IniFormat);
    samba::EngineOptions options;
    options.threads = 1;
    options.cacheDir = m_cache->path().toStdString();
    m_workbench = std::make_unique<Workbench>(options, m_prompts, *m_settings);
    m_workbench->window().setOutputFolder(runsFolder(), true);
    m_workbench->window().show();
}

void WorkbenchMistakesTest::cleanup()
{
    m_workbench.reset();
}

void WorkbenchMistakesTest::openConfig(const QByteArray& text)
{
    const QString corpus = m_folder->filePath(QStringLiteral("stories.txt"));
    QVERIFY(writeFile(corpus,
                      QByteArray("The fox found a key and the owl had a lamp.\n").repeated(50)));
    const QString path = m_folder->filePath(QStringLiteral("small.yaml"));
    QVERIFY(writeFile(path, QByteArray(text).replace("stories.txt", corpus.toUtf8())));
    QVERIFY(m_workbench->window().openConfig(path));
}

void WorkbenchMistakesTest::openBuiltin()
{
    trigger("actionOpenBuiltin");
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("modelParameters")->isVisible() &&
                                 labelText("headerState") == QStringLiteral("idle"),
                             kTimeoutMs);
}

void WorkbenchMistakesTest::verifyMessageAndLife(const QString& part)
{
    QTRY_VERIFY_WITH_TIMEOUT(isMessageShown(), kTimeoutMs);
    QVERIFY2(labelText("messageBarSentence").contains(part),
             qPrintable(labelText("messageBarSentence")));
    QVERIFY(!labelText("messageBarRemedy").isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(labelText("headerState"), QStringLiteral("idle"), kTimeoutMs);
    click("messageBarDismiss");
    QVERIFY(!isMessageShown());
    openBuiltin();
    QVERIFY(!isMessageShown());
}

void WorkbenchMistakesTest::opensWhatIsNoModel_data()
{
    QTest::addColumn<QString>("folder");
    QTest::newRow("missing") << QStringLiteral("no-such-folder");
    QTest::newRow("empty") << QStringLiteral("empty");
    QTest::newRow("a file") << QStringLiteral("notes.txt");
}

void WorkbenchMistakesTest::opensWhatIsNoModel()
{
    QFETCH(QString, folder);
    QDir(m_folder->path()).mkdir(QStringLiteral("empty"));
    QFile notes(m_folder->filePath(QStringLiteral("notes.txt")));
    QVERIFY(notes.open(QIODevice::WriteOnly));
    m_prompts.folder = m_folder->filePath(folder);
    trigger("actionOpenModelFolder");
    verifyMessageAndLife(folder);
}

void WorkbenchMistakesTest::startsTwice()
{
    openConfig(kConfig);
    // Before the engine has said a word.
    trigger("actionStart");
    trigger("actionStart");
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->window().isTraining(), kTimeoutMs);
    trigger("actionStart");
    QTRY_VERIFY_WITH_TIMEOUT(labelText("trainingSteps").startsWith(QStringLiteral("3")),
                             kTimeoutMs);
    QCOMPARE(runNames().size(), 1);
    QVERIFY(!isMessageShown());
}

void WorkbenchMistakesTest::startsWithAMissingCorpus()
{
    openConfig(QByteArray(kConfig).replace("name: stories.txt", "name: /no/such/tales.txt"));
    trigger("actionStart");
    verifyMessageAndLife(QStringLiteral("/no/such/tales.txt"));
    QVERIFY(runNames().isEmpty());
    // Not stuck: a run can be started.
    openConfig(kConfig);
    trigger("actionStart");
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->window().isTraining(), kTimeoutMs);
}

void WorkbenchMistakesTest::deletesTheFolderOfTheRunInProgress()
{
    openConfig(kConfig);
    trigger("actionStart");
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->window().isTraining(), kTimeoutMs);
    QVERIFY(
        QDir(m_folder->filePath(QStringLiteral("runs/") + runNames().front())).removeRecursively());
    QTRY_COMPARE_WITH_TIMEOUT(labelText("trainingState"), QStringLiteral("failed"), kTimeoutMs);
    verifyMessageAndLife(QStringLiteral("runs/"));
}

void WorkbenchMistakesTest::opensARunThatIsGone()
{
    openConfig(kConfig);
    trigger("actionStart");
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->window().isTraining(), kTimeoutMs);
    trigger("actionStop");
    auto* runs = find<QListView>("runsView");
    QTRY_COMPARE_WITH_TIMEOUT(labelText("trainingState"), QStringLiteral("stopped"), kTimeoutMs);
    QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 1, kTimeoutMs);
    m_workbench->window().raisePanel(QStringLiteral("runs"));
    runs->setCurrentIndex(runs->model()->index(0, 0));
    QVERIFY(QDir(runsFolder()).removeRecursively());
    for (const char* button : {"runsOpen", "runsLoadModel", "runsResume"}) {
        click(button);
        verifyMessageAndLife(QStringLiteral("runs/"));
        m_workbench->window().raisePanel(QStringLiteral("runs"));
    }
    click("runsRefresh");
    QTRY_VERIFY(find<QAbstractButton>("runsEmptyStart")->isVisible());
}

void WorkbenchMistakesTest::pastesAHugeText()
{
    openBuiltin();
    const QString text =
        QStringLiteral("The fox found a key and the owl had a lamp. ").repeated(25'000);
    samba::ui::GuiLatency latency;
    latency.start();
    // One million characters to look into: the beginning is shown, and that is said.
    m_workbench->window().raisePanel(QStringLiteral("heatmap"));
    auto* edit = find<QLineEdit>("heatmapText");
    edit->setText(text);
    click("heatmapInspect");
    auto* map = find<HeatmapView>("heatmapMap");
    QTRY_VERIFY_WITH_TIMEOUT(map->isVisible() && map->matrix().rows > 1000, kTimeoutMs);
    QTRY_VERIFY(labelText("heatmapTitle").contains(QStringLiteral("beginning")));
    // The same as a prompt: it can be stopped, and the window stays alive.
    auto* prompt = find<QPlainTextEdit>("chatPrompt");
    prompt->setPlainText(text);
    click("chatGenerate");
    QTRY_VERIFY(find<QAbstractButton>("chatStop")->isVisible());
    trigger("actionStopGeneration");
    QTRY_VERIFY_WITH_TIMEOUT(find<QAbstractButton>("chatGenerate")->isVisible(), kTimeoutMs);
    const auto turns = m_workbench->window().findChildren<samba::ui::ChatTurn*>();
    QCOMPARE(turns.size(), 1);
    QCOMPARE(turns.front()->prompt(), text);
    latency.stop();
    qInfo("a million characters, pasted twice: longest block %.1f ms, own work %.1f ms",
          latency.longestBlockMs(), latency.longestWorkMs());
    QVERIFY(!isMessageShown());
}

void WorkbenchMistakesTest::asksForEverythingWithoutAModel()
{
    QVERIFY(!find<QAbstractButton>("chatGenerate")->isEnabled());
    QVERIFY(!find<QAbstractButton>("heatmapInspect")->isEnabled());
    for (const QAction* action : m_workbench->window().actions()) {
        const QString name = action->objectName();
        if (name == QStringLiteral("actionGenerate") ||
            name == QStringLiteral("actionRegenerate") || name == QStringLiteral("actionStop") ||
            name == QStringLiteral("actionPause") || name == QStringLiteral("actionCheckpoint") ||
            name == QStringLiteral("actionShowLive"))
            const_cast<QAction*>(action)->trigger();
    }
    m_workbench->bridge().post(samba::Generate{"Once", {}});
    verifyMessageAndLife(QStringLiteral("No model"));
    // Nothing to continue: the button says why it is off.
    QVERIFY(!find<QAbstractButton>("chatGenerate")->isEnabled());
    QVERIFY(!find<QAbstractButton>("chatGenerate")->toolTip().isEmpty());
}

void WorkbenchMistakesTest::writesUnicode()
{
    openBuiltin();
    const QString text =
        QStringLiteral("Ein Füchslein 🦊 sagte: 你好, שלום, e\u0301\u200d!");
    find<QPlainTextEdit>("chatPrompt")->setPlainText(text);
    click("chatGenerate");
    QTRY_VERIFY_WITH_TIMEOUT(find<QAbstractButton>("chatGenerate")->isVisible(), kTimeoutMs);
    const auto turns = m_workbench->window().findChildren<samba::ui::ChatTurn*>();
    QCOMPARE(turns.front()->prompt(), text);
    QVERIFY(!turns.front()->generated().isEmpty());
    m_workbench->window().raisePanel(QStringLiteral("heatmap"));
    find<QLineEdit>("heatmapText")->setText(text);
    click("heatmapInspect");
    auto* map = find<HeatmapView>("heatmapMap");
    QTRY_VERIFY_WITH_TIMEOUT(map->isVisible() && map->matrix().rows > 5, kTimeoutMs);
    QVERIFY(!labelText("heatmapTitle").contains(QStringLiteral("beginning")));
    QVERIFY(!isMessageShown());
}

void WorkbenchMistakesTest::exportsTwiceIntoTheSameFolder()
{
    openBuiltin();
    trigger("modelMenuExport");
    const QString folder = m_folder->filePath(QStringLiteral("exported"));
    find<QLineEdit>("exportFolder")->setText(folder);
    click("exportStart");
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>("exportResult")->isVisible(), kTimeoutMs);
    QVERIFY(QFile::exists(folder + QStringLiteral("/model.safetensors")));
    QVERIFY(QFile::exists(folder + QStringLiteral("/tokenizer.json")));
    QVERIFY(!isMessageShown());

    click("exportStart");
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>("exportProblem")->isVisible(), kTimeoutMs);
    QVERIFY(labelText("exportProblemText").contains(folder));
    find<QCheckBox>("exportReplace")->setChecked(true);
    find<QComboBox>("exportDtype")->setCurrentText(QStringLiteral("bfloat16"));
    click("exportStart");
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>("exportResult")->isVisible(), kTimeoutMs);

    // What was written is a model that opens.
    m_prompts.folder = folder;
    trigger("actionOpenModelFolder");
    QTRY_COMPARE_WITH_TIMEOUT(labelText("exportSource"), folder, kTimeoutMs);
}

void WorkbenchMistakesTest::exportsWhatIsNotTrainedYet()
{
    openConfig(kConfig);
    trigger("actionNewModel");
    QTRY_VERIFY_WITH_TIMEOUT(find<QAction>("actionExportModel")->isEnabled(), kTimeoutMs);
    trigger("actionExportModel");
    const QString folder = m_folder->filePath(QStringLiteral("fresh"));
    find<QLineEdit>("exportFolder")->setText(folder);
    click("exportStart");
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>("exportResult")->isVisible(), kTimeoutMs);
    QVERIFY(QFile::exists(folder + QStringLiteral("/readout.safetensors")));
}

void WorkbenchMistakesTest::dumpsNonsense()
{
    openBuiltin();
    trigger("modelMenuDump");
    const QString file = m_folder->filePath(QStringLiteral("t.safetensors"));
    find<QLineEdit>("dumpFile")->setText(file);
    find<QComboBox>("dumpKind")->setCurrentIndex(1);
    find<QLineEdit>("dumpInput")->setText(QStringLiteral("1, 99999"));
    click("dumpStart");
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>("dumpProblem")->isVisible(), kTimeoutMs);
    QVERIFY(labelText("dumpProblemText").contains(QStringLiteral("vocabulary")));
    QVERIFY(!QFile::exists(file));
    find<QComboBox>("dumpKind")->setCurrentIndex(0);
    find<QLineEdit>("dumpInput")->setText(QStringLiteral("The fox found a key."));
    click("dumpStart");
    QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>("dumpResult")->isVisible(), kTimeoutMs);
    QVERIFY(QFileInfo(file).size() > 10'000);
}

void WorkbenchMistakesTest::makesTheWindowSmall()
{
    openBuiltin();
    auto& window = m_workbench->window();
    window.resize(300, 200);
    QVERIFY(window.width() >= 800);
    for (const char* panel :
         {"model", "runs", "training", "plots", "heatmap", "config", "chat", "log"}) {
        window.raisePanel(QLatin1String(panel));
        QTRY_VERIFY2(
            window.findChild<QWidget*>(QStringLiteral("dock_") + QLatin1String(panel))->isVisible(),
            panel);
    }
    // Panels do not push the window beyond what was asked for.
    QVERIFY2(window.width() <= 1000 && window.height() <= 640,
             qPrintable(QStringLiteral("%1 x %2").arg(window.width()).arg(window.height())));
}

QTEST_MAIN(WorkbenchMistakesTest)
#include "tst_workbench_mistakes.moc"
