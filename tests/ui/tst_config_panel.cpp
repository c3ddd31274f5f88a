#include "engine/api/config_schema.h"
#include "tests/support/scripted_prompts.h"
#include "ui/config_field.h"
#include "ui/config_form.h"
#include "ui/config_panel.h"
#include "ui/theme.h"
#include "ui/widgets/code_editor.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QToolButton>
#include <QtTest>

using namespace samba::ui;
using samba::testing::ScriptedPrompts;

namespace {

const QString kText = QStringLiteral("# my run\n"
                                     "model:\n"
                                     "  type: samba   # the sparse one\n"
                                     "  d_model: 64\n"
                                     "training:\n"
                                     "  lr: 1.0e-3   # found by trial\n"
                                     "  batch_size: 8\n");

} // namespace

class ConfigPanelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void hasAFieldForEveryKey();
    void formChangesTheTextInPlace_data();
    void formChangesTheTextInPlace();
    void textChangesTheForm();
    void refusesWhatTheSchemaForbids();
    void resetsToTheDefault();
    void givesAdvice();
    void namesEveryProblemAndGoesThere();
    void brokenTextDisablesTheForm();
    void findsSettings();
    void helpFollowsTheField();
    void savesAndOpens();
    void reportsAnUnreadableFile();
    void asksBeforeLosingChanges_data();
    void asksBeforeLosingChanges();
    void offersPresets();
    void copiesTheCommand();
    void startsOnlyWhatCanRun();
    void undoRevertsAnEditOfTheForm();

private:
    template <typename Widget>
    Widget* find(const char* name)
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }
    void type(const char* field, const QString& text)
    {
        auto* line = find<QLineEdit>(field);
        line->selectAll();
        QTest::keyClicks(line, text);
    }
    QString message(const char* field)
    {
        auto* label = find<QLabel>(field);
        return label->isHidden() ? QString() : label->text();
    }

    ScriptedPrompts m_prompts;
    std::unique_ptr<ConfigPanel> m_panel;
};

void ConfigPanelTest::init()
{
    m_prompts = {};
    m_panel = std::make_unique<ConfigPanel>(m_prompts);
    m_panel->resize(900, 700);
    m_panel->show();
    m_panel->setText(kText, QStringLiteral("mine.yaml"));
}

void ConfigPanelTest::cleanup()
{
    m_panel.reset();
}

void ConfigPanelTest::hasAFieldForEveryKey()
{
    const auto* form = find<ConfigForm>("configForm");
    for (const samba::ConfigKey& key : samba::configSchema()) {
        const QString path = QString::fromStdString(key.path);
        const ConfigField* field = form->field(path);
        QVERIFY2(field != nullptr, qPrintable(path));
        QVERIFY2(!field->editor()->accessibleName().isEmpty(), qPrintable(path));
        QVERIFY2(field->description().contains(QString::fromStdString(key.help)), qPrintable(path));
    }
}

void ConfigPanelTest::formChangesTheTextInPlace_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("line");
    QTest::newRow("number") << QByteArray("field_training_lr") << QStringLiteral("0.0005")
                            << QStringLiteral("# found by trial");
    QTest::newRow("integer") << QByteArray("field_model_d_model") << QStringLiteral("128")
                             << QStringLiteral("  d_model: 128\n");
    QTest::newRow("key not in the text")
        << QByteArray("field_training_seed") << QStringLiteral("7") << QStringLiteral("  seed: 7");
}

void ConfigPanelTest::formChangesTheTextInPlace()
{
    QFETCH(QByteArray, field);
    QFETCH(QString, entry);
    QFETCH(QString, line);
    type(field.constData(), entry);
    QVERIFY2(m_panel->text().contains(line), qPrintable(m_panel->text()));
    for (const char* comment : {"# my run", "# the sparse one", "# found by trial"})
        QVERIFY(m_panel->text().contains(QLatin1String(comment)));
    QVERIFY(m_panel->document().isValid());
    QVERIFY(m_panel->isModified());
}

void ConfigPanelTest::textChangesTheForm()
{
    auto* editor = find<CodeEditor>("configText");
    editor->replaceText(
        QString(kText).replace(QStringLiteral("d_model: 64"), QStringLiteral("d_model: 96")));
    QTRY_COMPARE(find<QLineEdit>("field_model_d_model")->text(), QStringLiteral("96"));
    editor->replaceText(QStringLiteral("model:\n  type: mamba\npretrained:\n"
                                       "  use_pretrained: true\ntraining:\n"
                                       "  sample_prompts: [one, two]\n"));
    QTRY_COMPARE(find<QComboBox>("field_model_type")->currentText(), QStringLiteral("mamba"));
    QVERIFY(find<QCheckBox>("field_pretrained_use_pretrained")->isChecked());
    QCOMPARE(find<QPlainTextEdit>("field_training_sample_prompts")->toPlainText(),
             QStringLiteral("one\ntwo"));
}

void ConfigPanelTest::refusesWhatTheSchemaForbids()
{
    const QString before = m_panel->text();
    type("field_training_lr", QStringLiteral("fast"));
    QVERIFY(!message("field_training_lr_message").isEmpty());
    QCOMPARE(m_panel->text(), before);
    type("field_training_lr", QStringLiteral("0.002"));
    QVERIFY(message("field_training_lr_message").isEmpty());
    QCOMPARE(m_panel->document().config().training.lr, 0.002);
}

void ConfigPanelTest::resetsToTheDefault()
{
    auto* reset = find<QToolButton>("field_model_d_model_reset");
    QVERIFY(reset->isVisible());
    reset->click();
    QCOMPARE(m_panel->document().config().model.dModel, samba::defaultConfig().model.dModel);
    QVERIFY(!reset->isVisible());
}

void ConfigPanelTest::givesAdvice()
{
    type("field_training_batch_size", QStringLiteral("512"));
    QVERIFY(message("field_training_batch_size_message").contains(QStringLiteral("8 to 32")));
    QVERIFY(m_panel->startProblem().isEmpty());
    type("field_training_batch_size", QStringLiteral("16"));
    QVERIFY(message("field_training_batch_size_message").isEmpty());
    // Advice tied to pretrained weights is silent without them.
    QVERIFY(message("field_training_lr_message").isEmpty());
    find<QCheckBox>("field_pretrained_use_pretrained")->click();
    QVERIFY(!message("field_training_lr_message").isEmpty());
}

void ConfigPanelTest::namesEveryProblemAndGoesThere()
{
    auto* editor = find<CodeEditor>("configText");
    editor->replaceText(QStringLiteral("model:\n  d_modle: 64\n  n_layers: -3\n"));
    auto* problems = find<QListWidget>("configProblems");
    QTRY_COMPARE(problems->count(), 2);
    QVERIFY(problems->isVisible());
    QVERIFY(problems->item(0)->text().contains(QStringLiteral("d_model")));
    QCOMPARE(editor->marks().size(), 2);
    QVERIFY(!message("field_model_n_layers_message").isEmpty());
    Q_EMIT problems->itemActivated(problems->item(1));
    QCOMPARE(editor->textCursor().blockNumber(), 2);
    QVERIFY(!find<QPushButton>("configStart")->isEnabled());
    QVERIFY(find<QLabel>("configStartReason")->text().contains(u'2'));
    editor->replaceText(kText);
    QTRY_COMPARE(problems->count(), 0);
    QVERIFY(find<QPushButton>("configStart")->isEnabled());
}

void ConfigPanelTest::brokenTextDisablesTheForm()
{
    auto* editor = find<CodeEditor>("configText");
    const QString broken = QStringLiteral("model:\n  d_model: [64\n");
    editor->replaceText(broken);
    QTRY_VERIFY(find<QLabel>("configBroken")->isVisible());
    QVERIFY(!find<QLineEdit>("field_model_d_model")->isEnabled());
    QCOMPARE(m_panel->text(), broken);
    editor->replaceText(kText);
    QTRY_VERIFY(!find<QLabel>("configBroken")->isVisible());
    QVERIFY(find<QLineEdit>("field_model_d_model")->isEnabled());
}

void ConfigPanelTest::findsSettings()
{
    auto* search = find<QLineEdit>("configSearch");
    search->setText(QStringLiteral("warm"));
    QVERIFY(find<QLineEdit>("field_training_warmup_steps")->isVisible());
    QVERIFY(!find<QLineEdit>("field_model_d_model")->isVisible());
    find<ConfigForm>("configForm")->goTo(QStringLiteral("model.d_model"));
    QVERIFY(search->text().isEmpty());
    QVERIFY(find<QLineEdit>("field_model_d_model")->isVisible());
}

void ConfigPanelTest::helpFollowsTheField()
{
    find<QLineEdit>("field_training_lr")->setFocus();
    QTRY_COMPARE(find<QLabel>("configHelpName")->text(), QStringLiteral("training.lr"));
    QVERIFY(find<QLabel>("configHelpText")->text().contains(QStringLiteral("Default")));
}

void ConfigPanelTest::savesAndOpens()
{
    const QTemporaryDir folder;
    m_prompts.fileToSave = folder.filePath(QStringLiteral("kept.yaml"));
    type("field_model_d_model", QStringLiteral("80"));
    QVERIFY(m_panel->save());
    QCOMPARE(m_prompts.asked, QStringList{QStringLiteral("save")});
    QVERIFY(!m_panel->isModified());
    QCOMPARE(m_panel->displayName(), QStringLiteral("kept.yaml"));
    type("field_model_d_model", QStringLiteral("88"));
    QVERIFY(find<QLabel>("configModified")->isVisible());
    find<QToolButton>("configSave")->click();
    QCOMPARE(m_prompts.asked.size(), 1);
    m_panel->newDocument();
    m_prompts.fileToOpen = m_prompts.fileToSave;
    find<QToolButton>("configOpen")->click();
    QCOMPARE(m_panel->document().config().model.dModel, 88);
}

void ConfigPanelTest::reportsAnUnreadableFile()
{
    QSignalSpy failed(m_panel.get(), &ConfigPanel::failed);
    QVERIFY(!m_panel->openFile(QStringLiteral("/no/such/file.yaml")));
    QCOMPARE(failed.count(), 1);
    QVERIFY(failed.front().front().toString().contains(QStringLiteral("/no/such/file.yaml")));
    QCOMPARE(m_panel->text(), kText);
    m_prompts.fileToSave = QStringLiteral("/no/such/folder/file.yaml");
    QVERIFY(!m_panel->saveAs());
    QCOMPARE(failed.count(), 2);
    // Somebody's weights instead of a configuration: not read, let alone highlighted.
    QTemporaryFile huge;
    QVERIFY(huge.open());
    QVERIFY(huge.resize(qint64{1} << 21));
    QVERIFY(!m_panel->openFile(huge.fileName()));
    QCOMPARE(failed.count(), 3);
    QCOMPARE(m_panel->text(), kText);
}

void ConfigPanelTest::asksBeforeLosingChanges_data()
{
    QTest::addColumn<int>("answer");
    QTest::addColumn<bool>("goesOn");
    QTest::newRow("discard") << static_cast<int>(UserPrompts::UnsavedAnswer::Discard) << true;
    QTest::newRow("cancel") << static_cast<int>(UserPrompts::UnsavedAnswer::Cancel) << false;
    QTest::newRow("save, then no file")
        << static_cast<int>(UserPrompts::UnsavedAnswer::Save) << false;
}

void ConfigPanelTest::asksBeforeLosingChanges()
{
    QFETCH(int, answer);
    QFETCH(bool, goesOn);
    QVERIFY(m_panel->confirmDiscard());
    QVERIFY(m_prompts.asked.isEmpty());
    type("field_model_d_model", QStringLiteral("72"));
    m_prompts.unsavedAnswer = static_cast<UserPrompts::UnsavedAnswer>(answer);
    find<QToolButton>("configNew")->click();
    QCOMPARE(m_prompts.asked.front(), QStringLiteral("unsaved"));
    QCOMPARE(m_panel->document().config().model.dModel != 72, goesOn);
}

void ConfigPanelTest::offersPresets()
{
    QVERIFY(!find<QPushButton>("configPresets")->isVisible());
    const QString preset = QStringLiteral(SAMBA_SOURCE_DIR "/configs/tiny_cpu.yaml");
    m_panel->setPresets({preset});
    QVERIFY(find<QPushButton>("configPresets")->isVisible());
    find<QMenu>("configPresetsMenu")->actions().front()->trigger();
    QCOMPARE(m_panel->filePath(), preset);
    QVERIFY(m_panel->document().isValid());
    // A preset is a beginning: saving asks where to.
    find<QToolButton>("configSave")->click();
    QCOMPARE(m_prompts.asked, QStringList{QStringLiteral("save")});
    QCOMPARE(m_panel->filePath(), preset);
}

void ConfigPanelTest::copiesTheCommand()
{
    const QTemporaryDir folder;
    m_prompts.fileToSave = folder.filePath(QStringLiteral("it's.yaml"));
    find<QPushButton>("configCopyCommand")->click();
    const QString command = QGuiApplication::clipboard()->text();
    QVERIFY(command.startsWith(QStringLiteral("samba-cli train --config '")));
    QVERIFY2(command.contains(QStringLiteral("it'\\''s.yaml")), qPrintable(command));
}

void ConfigPanelTest::startsOnlyWhatCanRun()
{
    const QSignalSpy started(m_panel.get(), &ConfigPanel::startTrainingRequested);
    find<QPushButton>("configStart")->click();
    QCOMPARE(started.count(), 1);
    QCOMPARE(started.front().at(0).toString(), kText);
    QCOMPARE(started.front().at(1).toString(), QStringLiteral("mine.yaml"));
    m_panel->setBlocked(QStringLiteral("A run is in progress."));
    QVERIFY(!find<QPushButton>("configStart")->isEnabled());
    QCOMPARE(find<QLabel>("configStartReason")->text(), QStringLiteral("A run is in progress."));
    m_panel->setBlocked({});
    // Typed just now and not yet validated by the timer: counts all the same.
    find<CodeEditor>("configText")->replaceText(QStringLiteral("model:\n  n_layers: no\n"));
    m_panel->start();
    QCOMPARE(started.count(), 1);
}

void ConfigPanelTest::undoRevertsAnEditOfTheForm()
{
    type("field_model_d_model", QStringLiteral("9"));
    QVERIFY(m_panel->text() != kText);
    find<CodeEditor>("configText")->undo();
    QTRY_COMPARE(find<QLineEdit>("field_model_d_model")->text(), QStringLiteral("64"));
    QCOMPARE(m_panel->text(), kText);
}

QTEST_MAIN(ConfigPanelTest)
#include "tst_config_panel.moc"
