#include "tests/support/sample_events.h"
#include "ui/chat_panel.h"
#include "ui/chat_turn.h"

#include <QCheckBox>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QToolButton>
#include <QtTest>

using namespace samba::testing;
using namespace samba::ui;

class ChatPanelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void needsAModelAndAPrompt();
    void sendsPromptAndOptions();
    void streamsOneTurn();
    void ignoresOtherGenerations();
    void stops();
    void regenerates();
    void endsATurnThatFails();
    void endsATurnThatIsRefused();
    void exampleBeginsAtOnce();
    void clearsAndCopies();
    void saysWhenTraining();
    void offersTheReadoutOnlyWhereThereIsOne();
    void remembersItsControls();
    void followsTheEndUntilScrolledUp();

private:
    template <typename Widget>
    Widget* find(const char* name)
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }
    void prompt(const QString& text)
    {
        find<QPlainTextEdit>("chatPrompt")->setPlainText(text);
        find<QPushButton>("chatGenerate")->click();
    }
    void finish(samba::CommandId id)
    {
        m_panel->finish({id, samba::GenerationEnd::Length, 3, 12, 4, 81.2, 99, false, {}});
    }
    ChatTurn* lastTurn() { return m_panel->findChildren<ChatTurn*>().back(); }

    std::unique_ptr<ChatPanel> m_panel;
    samba::ModelInfo m_model = sampleModel();
    std::vector<samba::CommandBody> m_commands;
};

void ChatPanelTest::init()
{
    m_commands.clear();
    m_panel = std::make_unique<ChatPanel>();
    connect(m_panel.get(), &ChatPanel::commandRequested, this,
            [this](const samba::CommandBody& command) { m_commands.push_back(command); });
    m_panel->resize(340, 700);
    m_panel->setModel(&m_model);
    m_panel->show();
}

void ChatPanelTest::cleanup()
{
    m_panel.reset();
}

void ChatPanelTest::needsAModelAndAPrompt()
{
    auto* generate = find<QPushButton>("chatGenerate");
    QVERIFY(!generate->isEnabled());
    find<QPlainTextEdit>("chatPrompt")->setPlainText(QStringLiteral("A fox"));
    QVERIFY(generate->isEnabled());
    m_panel->setModel(nullptr);
    QVERIFY(!generate->isEnabled());
    QVERIFY(find<QPushButton>("chatOpenModel")->isVisible());
}

void ChatPanelTest::sendsPromptAndOptions()
{
    find<QToolButton>("chatCopy");
    find<QPushButton>("chatSampling")->click();
    QVERIFY(find<QDoubleSpinBox>("chatTemperature")->isVisible());
    find<QDoubleSpinBox>("chatTemperature")->setValue(0.35);
    find<QSpinBox>("chatTopK")->setValue(40);
    find<QDoubleSpinBox>("chatTopP")->setValue(0.9);
    find<QDoubleSpinBox>("chatRepetitionPenalty")->setValue(1.2);
    find<QSpinBox>("chatMaxTokens")->setValue(64);
    find<QSpinBox>("chatSeed")->setValue(7);
    find<QCheckBox>("chatUseReadout")->setChecked(true);
    prompt(QStringLiteral("A fox"));
    QCOMPARE(m_commands.size(), size_t{1});
    const auto& command = std::get<samba::Generate>(m_commands.front());
    QCOMPARE(command.prompt, std::string("A fox"));
    QCOMPARE(command.options.temperature, 0.35);
    QCOMPARE(command.options.topK, 40);
    QCOMPARE(command.options.topP, 0.9);
    QCOMPARE(command.options.repetitionPenalty, 1.2);
    QCOMPARE(command.options.maxNewTokens, 64);
    QCOMPARE(command.options.seed, 7);
    QVERIFY(command.options.useReadout);
}

void ChatPanelTest::streamsOneTurn()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    QVERIFY(m_panel->isGenerating());
    QVERIFY(!find<QPushButton>("chatGenerate")->isVisible());
    m_panel->append({5, " ran", 1});
    m_panel->append({5, " home – glücklich 🦊", 6});
    finish(5);
    QVERIFY(!m_panel->isGenerating());
    QCOMPARE(lastTurn()->prompt(), QStringLiteral("A fox"));
    QCOMPARE(lastTurn()->generated(), QStringLiteral(" ran home – glücklich 🦊"));
    const QString note = lastTurn()->findChild<QLabel*>(QStringLiteral("turnNote"))->text();
    for (const char* part : {"12 tokens", "81 tok/s", "seed 99"})
        QVERIFY2(note.contains(QLatin1String(part)), qPrintable(note));
}

void ChatPanelTest::ignoresOtherGenerations()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    m_panel->append({4, "stray", 1});
    finish(4);
    QVERIFY(m_panel->isGenerating());
    QCOMPARE(lastTurn()->generated(), QString());
}

void ChatPanelTest::stops()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    find<QPushButton>("chatStop")->click();
    QCOMPARE(m_commands.size(), size_t{2});
    QVERIFY(std::holds_alternative<samba::CancelGeneration>(m_commands.back()));
}

void ChatPanelTest::regenerates()
{
    QVERIFY(!find<QPushButton>("chatRegenerate")->isEnabled());
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    QVERIFY(!find<QPushButton>("chatRegenerate")->isEnabled());
    finish(5);
    find<QPlainTextEdit>("chatPrompt")->setPlainText(QStringLiteral("something else"));
    find<QPushButton>("chatRegenerate")->click();
    QCOMPARE(std::get<samba::Generate>(m_commands.back()).prompt, std::string("A fox"));
    m_panel->noteGeneration(6);
    finish(6);
    lastTurn()->findChild<QToolButton*>(QStringLiteral("turnRegenerate"))->click();
    QCOMPARE(m_panel->findChildren<ChatTurn*>().size(), 3);
}

void ChatPanelTest::endsATurnThatFails()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    m_panel->fail(4, QStringLiteral("of another command"));
    QVERIFY(m_panel->isGenerating());
    m_panel->fail(5, QStringLiteral("The prompt is too long."));
    QVERIFY(!m_panel->isGenerating());
    QCOMPARE(lastTurn()->findChild<QLabel*>(QStringLiteral("turnNote"))->text(),
             QStringLiteral("The prompt is too long."));
    QVERIFY(find<QPushButton>("chatGenerate")->isEnabled());
}

void ChatPanelTest::endsATurnThatIsRefused()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(0);
    QVERIFY(!m_panel->isGenerating());
}

void ChatPanelTest::exampleBeginsAtOnce()
{
    m_panel->setExamples({QStringLiteral("First"), QStringLiteral("Second")});
    find<QPushButton>("chatExample1")->click();
    QCOMPARE(std::get<samba::Generate>(m_commands.back()).prompt, std::string("Second"));
    QVERIFY(!find<QPushButton>("chatExample1")->isVisible());
}

void ChatPanelTest::clearsAndCopies()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    m_panel->append({5, " ran.", 2});
    finish(5);
    find<QToolButton>("chatCopy")->click();
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("A fox ran."));
    prompt(QStringLiteral("An owl"));
    m_panel->noteGeneration(6);
    find<QToolButton>("chatClear")->click();
    QVERIFY(std::holds_alternative<samba::CancelGeneration>(m_commands.back()));
    m_panel->append({6, " late text", 1});
    finish(6);
    QTRY_COMPARE(m_panel->findChildren<ChatTurn*>().size(), 0);
    QVERIFY(!m_panel->isGenerating());
}

void ChatPanelTest::saysWhenTraining()
{
    QVERIFY(!find<QLabel>("chatNotice")->isVisible());
    m_panel->setState(samba::EngineState::Training);
    QVERIFY(find<QLabel>("chatNotice")->isVisible());
    m_panel->setState(samba::EngineState::Idle);
    QVERIFY(!find<QLabel>("chatNotice")->isVisible());
}

void ChatPanelTest::offersTheReadoutOnlyWhereThereIsOne()
{
    auto* box = find<QCheckBox>("chatUseReadout");
    QVERIFY(box->isEnabledTo(m_panel.get()));
    box->setChecked(true);
    samba::ModelInfo mamba = m_model;
    mamba.hasReadout = false;
    m_panel->setModel(&mamba);
    QVERIFY(!box->isEnabled());
    prompt(QStringLiteral("A fox"));
    QVERIFY(!std::get<samba::Generate>(m_commands.back()).options.useReadout);
}

void ChatPanelTest::remembersItsControls()
{
    find<QDoubleSpinBox>("chatTemperature")->setValue(1.3);
    find<QSpinBox>("chatMaxTokens")->setValue(77);
    const QVariantMap state = m_panel->saveState();
    ChatPanel other;
    other.restoreState(state);
    QCOMPARE(other.saveState(), state);
    other.restoreState({});
    QCOMPARE(other.saveState().value(QStringLiteral("maxNewTokens")).toInt(), 77);
}

void ChatPanelTest::followsTheEndUntilScrolledUp()
{
    prompt(QStringLiteral("A fox"));
    m_panel->noteGeneration(5);
    const auto* area = find<QScrollArea>("chatHistory");
    QScrollBar* bar = area->verticalScrollBar();
    const std::string paragraph(400, 'x');
    for (int64_t part = 1; part <= 40; ++part)
        m_panel->append({5, paragraph + "\n", part});
    QTRY_VERIFY(bar->maximum() > 0);
    QTRY_COMPARE(bar->value(), bar->maximum());
    bar->setValue(0);
    const int before = bar->maximum();
    for (int64_t part = 41; part <= 60; ++part)
        m_panel->append({5, paragraph + "\n", part});
    QTRY_VERIFY(bar->maximum() > before);
    QCOMPARE(bar->value(), 0);
}

QTEST_MAIN(ChatPanelTest)
#include "tst_chat_panel.moc"
