#include "tests/support/scripted_prompts.h"
#include "ui/main_window.h"
#include "ui/pretrained_picker.h"
#include "ui/theme.h"

#include <QAction>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>

#include <limits>

using namespace samba::ui;

namespace {

/// A name of the list; null if there is none.
QTreeWidgetItem* rowOf(const PretrainedPicker& picker, const QString& name)
{
    const auto* list = picker.findChild<QTreeWidget*>(QStringLiteral("pretrainedList"));
    const auto rows = list->findItems(name, Qt::MatchExactly | Qt::MatchRecursive);
    return rows.isEmpty() ? nullptr : rows.front();
}

QPushButton* button(const PretrainedPicker& picker, const char* name)
{
    return picker.findChild<QPushButton*>(QLatin1String(name));
}

void select(const PretrainedPicker& picker, const QString& name)
{
    picker.findChild<QTreeWidget*>()->setCurrentItem(rowOf(picker, name));
}

} // namespace

class TestPretrainedPicker : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ThemeController::instance().apply(ThemeChoice::Light); }
    void listsThePublishedOnes();
    void tellsWhatIsHere();
    void opensAndFollowsADownload();
    void tellsProblemsInside();
    void waitsWhileTheEngineIsBusy();
    void leavesFoldersToTheWindow();
    void opensFromTheModelPanel();
    void draws_data();
    void draws();
};

void TestPretrainedPicker::listsThePublishedOnes()
{
    PretrainedPicker picker;
    QSignalSpy commands(&picker, &PretrainedPicker::commandRequested);
    picker.show();
    QCOMPARE(commands.size(), 1);
    QVERIFY(std::holds_alternative<samba::ListPretrained>(
        commands.front().front().value<samba::CommandBody>()));
    const QTreeWidgetItem* small = rowOf(picker, QStringLiteral("state-spaces/mamba-130m-hf"));
    QVERIFY(small);
    QCOMPARE(small->text(1), QStringLiteral("129 M")); // 129,135,360 parameters
    QCOMPARE(small->text(2), QStringLiteral("493 MiB"));
    const QTreeWidgetItem* large = rowOf(picker, QStringLiteral("state-spaces/mamba-2.8b"));
    QVERIFY(large);
    QCOMPARE(large->text(1), QStringLiteral("2.77 G"));
    QCOMPARE(large->parent()->childCount(), 14);
    const QTreeWidgetItem* transformer = rowOf(picker, QStringLiteral("openai-community/gpt2"));
    QVERIFY(transformer);
    QCOMPARE(transformer->text(1), QStringLiteral("124 M")); // 124,439,808 parameters
}

void TestPretrainedPicker::tellsWhatIsHere()
{
    PretrainedPicker picker;
    picker.setRecent({QStringLiteral("/models/mine"), QStringLiteral("state-spaces/mamba-370m")});
    picker.setModels({{"state-spaces/mamba-130m-hf", "/cache/snapshots/x", 540'000'000},
                      {"state-spaces/mamba-370m-hf", "", 0},
                      {"me/mamba-of-mine", "/cache/snapshots/y", 1'000'000}});
    QCOMPARE(rowOf(picker, QStringLiteral("state-spaces/mamba-130m-hf"))->text(3),
             QStringLiteral("515 MiB"));
    QCOMPARE(rowOf(picker, QStringLiteral("state-spaces/mamba-370m-hf"))->text(3),
             QStringLiteral("not yet"));
    QVERIFY(rowOf(picker, QStringLiteral("me/mamba-of-mine")));
    QVERIFY(rowOf(picker, QStringLiteral("/models/mine")));
    // One of the published ones is not listed twice.
    QCOMPARE(picker.findChild<QTreeWidget*>()
                 ->findItems(QStringLiteral("state-spaces/mamba-370m"),
                             Qt::MatchExactly | Qt::MatchRecursive)
                 .size(),
             1);

    const auto* description = picker.findChild<QLabel*>(QStringLiteral("pretrainedDescription"));
    select(picker, QStringLiteral("state-spaces/mamba-130m-hf"));
    QCOMPARE(button(picker, "pretrainedOpen")->text(), QStringLiteral("Open"));
    QVERIFY(!description->text().contains(QStringLiteral("download")));
    select(picker, QStringLiteral("state-spaces/mamba-370m-hf"));
    QCOMPARE(button(picker, "pretrainedOpen")->text(), QStringLiteral("Download and open"));
    QVERIFY(description->text().contains(QStringLiteral("download")));
    select(picker, QStringLiteral("state-spaces/mamba-130m"));
    QVERIFY(description->text().contains(QStringLiteral("EleutherAI/gpt-neox-20b")));
    select(picker, QStringLiteral("/models/mine"));
    QCOMPARE(button(picker, "pretrainedOpen")->text(), QStringLiteral("Open"));
    QVERIFY(description->text().isEmpty());

    // An answer that comes late does not take the choice away.
    picker.setModels({});
    QCOMPARE(picker.findChild<QTreeWidget*>()->currentItem()->text(0),
             QStringLiteral("/models/mine"));
}

void TestPretrainedPicker::opensAndFollowsADownload()
{
    PretrainedPicker picker;
    picker.show();
    QSignalSpy commands(&picker, &PretrainedPicker::commandRequested);
    select(picker, QStringLiteral("state-spaces/mamba-370m-hf"));
    QVERIFY(!button(picker, "pretrainedCancel")->isVisible());
    QTest::mouseClick(button(picker, "pretrainedOpen"), Qt::LeftButton);
    QCOMPARE(commands.size(), 1);
    const auto load =
        std::get<samba::LoadModel>(commands.takeFirst().front().value<samba::CommandBody>());
    QCOMPARE(load.source, std::string("state-spaces/mamba-370m-hf"));
    QVERIFY(!button(picker, "pretrainedOpen")->isEnabled()); // not twice

    picker.setState(samba::EngineState::Loading);
    QVERIFY(button(picker, "pretrainedCancel")->isVisible());
    picker.setProgress({.what = "downloading model.safetensors",
                        .done = 100 << 20,
                        .total = 400 << 20,
                        .perSecond = 10 << 20,
                        .remainingMs = 30'000,
                        .isBytes = true});
    const auto* text = picker.findChild<QLabel*>(QStringLiteral("pretrainedProgress"));
    QCOMPARE(text->text(), QStringLiteral("100 MiB of 400 MiB · 10.0 MiB/s · 30 s left"));
    QCOMPARE(picker.findChild<QProgressBar*>()->value(), 250);

    QTest::mouseClick(button(picker, "pretrainedCancel"), Qt::LeftButton);
    QVERIFY(std::holds_alternative<samba::StopTraining>(
        commands.takeFirst().front().value<samba::CommandBody>()));
    picker.setState(samba::EngineState::Idle);
    QVERIFY(!button(picker, "pretrainedCancel")->isVisible());
    QVERIFY(picker.isVisible());
    QVERIFY(button(picker, "pretrainedOpen")->isEnabled());

    QTest::mouseClick(button(picker, "pretrainedOpen"), Qt::LeftButton);
    picker.setState(samba::EngineState::Loading);
    picker.finish();
    QVERIFY(!picker.isVisible());
}

void TestPretrainedPicker::tellsProblemsInside()
{
    PretrainedPicker picker;
    picker.show();
    const auto* problem = picker.findChild<QWidget*>(QStringLiteral("pretrainedProblem"));
    picker.showProblem(QStringLiteral("Of something else."), {});
    QVERIFY(!problem->isVisible());
    QTest::mouseClick(button(picker, "pretrainedOpen"), Qt::LeftButton);
    picker.setState(samba::EngineState::Loading);
    picker.showProblem(QStringLiteral("The server cannot be found."),
                       QStringLiteral("Check the network."));
    picker.setState(samba::EngineState::Idle);
    QVERIFY(problem->isVisible());
    QCOMPARE(problem->findChild<QLabel*>()->text(),
             QStringLiteral("The server cannot be found. Check the network."));
    QTest::mouseClick(button(picker, "pretrainedOpen"), Qt::LeftButton);
    QVERIFY(!problem->isVisible());
}

void TestPretrainedPicker::waitsWhileTheEngineIsBusy()
{
    PretrainedPicker picker;
    picker.show();
    picker.setState(samba::EngineState::Training);
    QVERIFY(!button(picker, "pretrainedOpen")->isEnabled());
    QVERIFY(!button(picker, "pretrainedOpen")->toolTip().isEmpty());
    QVERIFY(!button(picker, "pretrainedCancel")->isVisible());
    picker.setProgress({.what = "training", .done = 1, .total = 2}); // not its own
    picker.finish();
    QVERIFY(picker.isVisible());
    picker.setState(samba::EngineState::Idle);
    QVERIFY(button(picker, "pretrainedOpen")->isEnabled());
}

void TestPretrainedPicker::leavesFoldersToTheWindow()
{
    PretrainedPicker picker;
    picker.show();
    const QSignalSpy folder(&picker, &PretrainedPicker::chooseFolderRequested);
    QTest::mouseClick(button(picker, "pretrainedFolder"), Qt::LeftButton);
    QCOMPARE(folder.size(), 1);
    QVERIFY(!picker.isVisible());
}

void TestPretrainedPicker::opensFromTheModelPanel()
{
    const QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
    samba::testing::ScriptedPrompts prompts;
    MainWindow window(prompts, settings);
    window.show();
    const auto* picker = window.findChild<PretrainedPicker*>();
    QVERIFY(!picker->isVisible());
    window.findChild<QAction*>(QStringLiteral("modelMenuPretrained"))->trigger();
    QVERIFY(picker->isVisible());

    samba::EventBatch listed;
    listed.events.push_back(
        samba::PretrainedListed{{{"state-spaces/mamba-130m-hf", "/cache/x", 1 << 20}}});
    window.applyBatch(listed);
    QCOMPARE(rowOf(*picker, QStringLiteral("state-spaces/mamba-130m-hf"))->text(3),
             QStringLiteral("1.00 MiB"));

    QSignalSpy commands(&window, &MainWindow::commandRequested);
    QTest::mouseClick(button(*picker, "pretrainedOpen"), Qt::LeftButton);
    QCOMPARE(commands.size(), 1);
    samba::EventBatch failed;
    failed.events.push_back(samba::StateChanged{samba::EngineState::Loading, ""});
    failed.events.push_back(
        samba::ErrorRaised{1, samba::ErrorKind::Network, "The server is gone.", "Wait."});
    failed.events.push_back(samba::StateChanged{samba::EngineState::Idle, ""});
    window.applyBatch(failed);
    QVERIFY(picker->findChild<QWidget*>(QStringLiteral("pretrainedProblem"))->isVisible());

    QTest::mouseClick(button(*picker, "pretrainedOpen"), Qt::LeftButton);
    samba::EventBatch loaded;
    loaded.events.push_back(samba::StateChanged{samba::EngineState::Loading, ""});
    loaded.events.push_back(samba::ModelLoaded{samba::ModelInfo(), {}});
    window.applyBatch(loaded);
    QVERIFY(!picker->isVisible());
}

void TestPretrainedPicker::draws_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::addColumn<bool>("isBusy");
    QTest::newRow("light") << false << false;
    QTest::newRow("dark") << true << false;
    QTest::newRow("light-busy") << false << true;
    QTest::newRow("dark-busy") << true << true;
}

/// With SAMBA_PICTURE_DIR set the pictures are kept.
void TestPretrainedPicker::draws()
{
    QFETCH(bool, isDark);
    QFETCH(bool, isBusy);
    ThemeController::instance().apply(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
    PretrainedPicker picker;
    picker.setRecent({QStringLiteral("/data/runs/samba-evening")});
    picker.setModels({{"state-spaces/mamba-130m-hf", "/cache/snapshots/x", 518'600'000},
                      {"me/mamba-of-mine", "/cache/snapshots/y", 90'000'000}});
    select(picker, isBusy ? QStringLiteral("state-spaces/mamba-2.8b")
                          : QStringLiteral("state-spaces/mamba-130m-hf"));
    picker.show();
    if (isBusy) {
        QTest::mouseClick(button(picker, "pretrainedOpen"), Qt::LeftButton);
        picker.setState(samba::EngineState::Loading);
        picker.setProgress({.what = "downloading pytorch_model.bin",
                            .done = int64_t{2'400} << 20,
                            .total = int64_t{5'300} << 20,
                            .perSecond = 41 << 20,
                            .remainingMs = 71'000,
                            .isBytes = true});
        picker.showProblem(QStringLiteral("The server 'https://huggingface.co' cannot be reached."),
                           QStringLiteral("Check the network connection."));
    }
    const QPixmap picture = picker.grab();
    QCOMPARE(QColor(picture.toImage().pixel(2, 2)), Theme::current().window);
    const QString folder = qEnvironmentVariable("SAMBA_PICTURE_DIR");
    if (!folder.isEmpty())
        QVERIFY(picture.save(folder + QStringLiteral("/pretrained-") +
                             QLatin1String(QTest::currentDataTag()) + QStringLiteral(".png")));
}

QTEST_MAIN(TestPretrainedPicker)
#include "tst_pretrained_picker.moc"
