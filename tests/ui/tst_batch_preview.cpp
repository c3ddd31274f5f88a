#include "tests/support/scripted_prompts.h"
#include "ui/batch_preview.h"
#include "ui/config_panel.h"
#include "ui/main_window.h"
#include "ui/theme.h"

#include <QDir>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextEdit>
#include <QToolButton>
#include <QtTest>

using samba::testing::ScriptedPrompts;
using samba::ui::BatchPreviewDialog;
using samba::ui::MainWindow;
using samba::ui::Theme;
using samba::ui::ThemeChoice;
using samba::ui::ThemeController;

namespace {

samba::DataDescribed sampleBatch()
{
    samba::DataDescribed described;
    described.info = {
        .name = "wikitext",
        .source = "/cache/wikitext-2-raw-v1",
        .tokenizer = "EleutherAI/gpt-neox-20b",
        .tokenizerSize = 50277,
        .tokenizerFingerprint = "0123456789abcdef",
        .endOfText = "<|endoftext|>",
        .splits = {{.name = "train",
                    .files = {"/cache/train.parquet"},
                    .fileBytes = 6'000'000,
                    .cacheState = samba::CacheState::Ready,
                    .cacheFile = "/cache/train.tokens",
                    .documents = 1,
                    .tokens = 2'428'601,
                    .textBytes = 10'900'000},
                   {.name = "test", .files = {}, .fileBytes = 700'000, .cacheFile = {}}}};
    samba::BatchPreview batch{6, {}};
    batch.rows.push_back({{10, "The", false},
                          {11, " fox", false},
                          {12, "", false},
                          {13, "\u00e9", false},
                          {14, "\n", false},
                          {0, "<|endoftext|>", true},
                          {15, "Next", false}});
    batch.rows.push_back({{16, "Second", false}});
    std::vector<samba::BatchPreview::Token> longRow;
    for (int i = 0; i < 60; ++i)
        for (const char* text : {"The", " little", " f", "ox", " saw", " a", " mill", ".", "\n"})
            longRow.push_back({i, text, false});
    batch.rows.push_back(longRow);
    described.batch = std::make_shared<const samba::BatchPreview>(std::move(batch));
    return described;
}

} // namespace

class BatchPreviewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void showsTokens();
    void goesThroughTheSequences();
    void opensFromTheConfiguration();
    void draws_data();
    void draws();
};

void BatchPreviewTest::showsTokens()
{
    auto* dialog = new BatchPreviewDialog(sampleBatch());
    const auto* text = dialog->findChild<QTextEdit*>(QStringLiteral("batchText"));
    QVERIFY(text->isReadOnly());
    QCOMPARE(text->toPlainText(), QStringLiteral("The fox\u00e9\u23ce\n<|endoftext|>Next"));
    // Neighbours differ, and the end of a document stands out.
    QTextCursor cursor(text->document());
    const auto backgroundAt = [&](int position) {
        cursor.setPosition(position + 1);
        return cursor.charFormat().background();
    };
    QVERIFY(backgroundAt(0) == backgroundAt(2));
    QVERIFY(backgroundAt(2) != backgroundAt(3));
    QCOMPARE(backgroundAt(12).color(), Theme::current().accent);
    delete dialog;
}

void BatchPreviewTest::goesThroughTheSequences()
{
    auto* dialog = new BatchPreviewDialog(sampleBatch());
    const auto* text = dialog->findChild<QTextEdit*>(QStringLiteral("batchText"));
    auto* previous = dialog->findChild<QToolButton*>(QStringLiteral("batchPrevious"));
    auto* next = dialog->findChild<QToolButton*>(QStringLiteral("batchNext"));
    QVERIFY(!previous->isEnabled());
    next->click();
    QCOMPARE(text->toPlainText(), QStringLiteral("Second"));
    next->click();
    QVERIFY(!next->isEnabled());
    previous->click();
    previous->click();
    QVERIFY(text->toPlainText().startsWith(QStringLiteral("The fox")));
    const auto* position = dialog->findChild<QLabel*>(QStringLiteral("batchPosition"));
    QCOMPARE(position->text(), QStringLiteral("Sequence 1 of 3, 6 tokens to predict"));
    delete dialog;
}

void BatchPreviewTest::opensFromTheConfiguration()
{
    const QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
    ScriptedPrompts prompts;
    MainWindow window(prompts, settings);
    window.show();
    QSignalSpy commands(&window, &MainWindow::commandRequested);
    window.findChild<QToolButton*>(QStringLiteral("configBatch"))->click();
    QCOMPARE(commands.size(), 1);
    const auto command = commands.front().front().value<samba::CommandBody>();
    const auto* described = std::get_if<samba::DescribeData>(&command);
    QVERIFY(described && described->wantsBatch && !described->prepares);

    samba::EventBatch events;
    events.events.push_back(sampleBatch());
    window.applyBatch(events);
    auto* dialog = window.findChild<BatchPreviewDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    window.applyBatch(events);
    QTRY_COMPARE(window.findChildren<BatchPreviewDialog*>().size(), 1);
}

void BatchPreviewTest::draws_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void BatchPreviewTest::draws()
{
    QFETCH(bool, isDark);
    ThemeController::instance().apply(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
    auto* dialog = new BatchPreviewDialog(sampleBatch());
    dialog->findChild<QToolButton*>(QStringLiteral("batchNext"))->click();
    dialog->findChild<QToolButton*>(QStringLiteral("batchNext"))->click();
    dialog->show();
    QTest::qWait(50);
    const QPixmap picture = dialog->grab();
    const QImage image = picture.toImage();
    QVERIFY(!image.isNull());
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); y += 3)
        for (int x = 0; x < image.width(); x += 3)
            colors.insert(image.pixel(x, y));
    QVERIFY(colors.size() > 10);
    const QString target = qEnvironmentVariable("SAMBA_PICTURE_DIR");
    if (!target.isEmpty())
        QVERIFY(picture.save(QDir(target).filePath(
            QStringLiteral("batch-%1.png").arg(QString::fromLatin1(QTest::currentDataTag())))));
    delete dialog;
}

QTEST_MAIN(BatchPreviewTest)
#include "tst_batch_preview.moc"
