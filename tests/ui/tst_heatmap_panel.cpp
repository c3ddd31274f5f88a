#include "ui/heatmap_panel.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap.h"
#include "ui/widgets/heatmap_chip.h"

#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

#include <cmath>

using namespace samba::ui;
using Source = samba::ActivationFrame::Source;

namespace {

constexpr int kPositions = 12;
constexpr int kUnits = 16;
constexpr int kChunks = 3;

/// Of chunk c, entries of unit u are 10^(c - 4) for u < 4 + 4c, else 1 + u / 100, negative on odd
/// positions: the share near zero at 0.5 is (4 + 4c) / 16.
samba::ActivationFramePtr makeFrame(Source source, int dModel = kUnits)
{
    auto frame = std::make_shared<samba::ActivationFrame>();
    frame->source = source;
    frame->step = 1200;
    frame->chunkCount = kChunks;
    frame->seqLen = kPositions;
    frame->dModel = dModel;
    for (int position = 0; position < kPositions; ++position) {
        frame->tokenIds.push_back(position);
        frame->tokens.push_back(" w" + std::to_string(position));
    }
    for (int chunk = 0; chunk < kChunks; ++chunk) {
        std::vector<float> values;
        for (int position = 0; position < kPositions; ++position) {
            for (int unit = 0; unit < dModel; ++unit) {
                const float size = unit < 4 + 4 * chunk
                                       ? std::pow(10.0F, static_cast<float>(chunk - 4))
                                       : 1.0F + static_cast<float>(unit) / 100;
                values.push_back(position % 2 == 1 ? -size : size);
            }
        }
        frame->values.push_back(std::move(values));
    }
    for (int position = 0; position < kPositions; ++position) {
        for (int chunk = 0; chunk < kChunks; ++chunk)
            frame->attention.push_back(0.2F + 0.1F * static_cast<float>(chunk));
    }
    return frame;
}

samba::ModelInfo makeModel(int dModel = kUnits)
{
    samba::ModelInfo model;
    model.dModel = dModel;
    model.chunkCount = kChunks;
    return model;
}

class ShownPanel : public HeatmapPanel {
public:
    ShownPanel()
    {
        resize(900, 700);
        const samba::ModelInfo model = makeModel();
        setModel(&model);
        show();
    }

    template <typename Widget>
    Widget* find(const char* name)
    {
        return findChild<Widget*>(QLatin1String(name));
    }
    HeatmapView* map() { return find<HeatmapView>("heatmapMap"); }
    QString readout() { return find<QLabel>("heatmapReadout")->text(); }
    double share(int chunk)
    {
        auto* chip = findChild<HeatmapChip*>(QStringLiteral("heatmapChunk%1").arg(chunk));
        return chip ? chip->share() : -1;
    }
    void click(const char* name) { find<QAbstractButton>(name)->click(); }
};

} // namespace

class TestHeatmapPanel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ThemeController::instance().apply(ThemeChoice::Light); }

    void emptyPanelSaysWhatToDo();
    void inspectAsksForTheText();
    void frameIsShown();
    void saysWhatIsOnlyTheBeginning();
    void chunkIsChosen();
    void thresholdRecountsAtOnce();
    void relativeThresholdUsesTheRms();
    void typedThresholdIsTaken_data();
    void typedThresholdIsTaken();
    void modesReachTheMap();
    void unitsAreSorted();
    void oneScaleForAllChunks();
    void hoverTellsTokenUnitAndValue();
    void attentionTellsTheChunk();
    void mapsShareTheirRows();
    void plainModelHasNoAttention();
    void liveBatchIsWatchedOnlyInSight();
    void sourcesAreKeptApart();
    void newerFramesReplaceOlder();
    void framesOfAnotherModelAreDropped();
    void hiddenPanelWaits();
    void keysWorkTheMap();
    void stateRoundTrips();
    void thresholdStaysInRange();
    void bigFrameStaysFluent();
};

void TestHeatmapPanel::emptyPanelSaysWhatToDo()
{
    ShownPanel panel;
    QVERIFY(panel.find<QWidget>("heatmapEmpty")->isVisible());
    QSignalSpy spy(&panel, &HeatmapPanel::inspectTextRequested);
    panel.click("heatmapExample");
    QCOMPARE(spy.count(), 1);
    QVERIFY(spy.at(0).at(0).toString().size() > 20);

    panel.setModel(nullptr);
    QVERIFY(!panel.find<QWidget>("heatmapExample")->isVisible());
    QVERIFY(!panel.find<QWidget>("heatmapText")->isEnabled());
}

void TestHeatmapPanel::inspectAsksForTheText()
{
    ShownPanel panel;
    QSignalSpy spy(&panel, &HeatmapPanel::inspectTextRequested);
    auto* edit = panel.find<QLineEdit>("heatmapText");
    auto* button = panel.find<QAbstractButton>("heatmapInspect");
    QVERIFY(!button->isEnabled());
    QTest::keyClicks(edit, QStringLiteral("a fox"));
    QVERIFY(button->isEnabled());
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy.at(0).at(0).toString(), QStringLiteral("a fox"));
    button->click();
    QCOMPARE(spy.count(), 2);
    edit->setText(QStringLiteral("   "));
    QVERIFY(!button->isEnabled());
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(spy.count(), 2);
}

void TestHeatmapPanel::frameIsShown()
{
    ShownPanel panel;
    panel.showFrame(nullptr);
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    QCOMPARE(panel.map()->matrix().rows, std::int64_t{kPositions});
    QCOMPARE(panel.map()->matrix().columns, std::int64_t{kUnits});
    QVERIFY(panel.find<QLabel>("heatmapTitle")->text().contains(QStringLiteral("12 positions")));
    for (int chunk = 1; chunk <= kChunks; ++chunk)
        QCOMPARE(panel.share(chunk), chunk == 1 ? 0.25 : 0.0);
}

void TestHeatmapPanel::chunkIsChosen()
{
    ShownPanel panel;
    const samba::ActivationFramePtr frame = makeFrame(Source::Text);
    panel.showFrame(frame);
    QTRY_VERIFY(panel.map()->isVisible());
    QCOMPARE(panel.map()->matrix().values.get(), frame->values[0].data());
    panel.click("heatmapChunk3");
    QCOMPARE(panel.map()->matrix().values.get(), frame->values[2].data());
    QVERIFY(panel.find<QLabel>("heatmapTitle")->text().startsWith(QStringLiteral("Chunk 3")));
}

void TestHeatmapPanel::thresholdRecountsAtOnce()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    auto* slider = panel.find<QSlider>("heatmapThresholdSlider");
    slider->setValue(570); // 10^-0.3 = 0.501
    QCOMPARE(panel.share(1), 4.0 / 16);
    QCOMPARE(panel.share(2), 8.0 / 16);
    QCOMPARE(panel.share(3), 12.0 / 16);
    QCOMPARE(panel.find<QLineEdit>("heatmapThreshold")->text(), QStringLiteral("0.5012"));
    slider->setValue(slider->maximum());
    QCOMPARE(panel.share(2), 1.0);
    slider->setValue(0);
    QCOMPARE(panel.share(2), 0.0);
}

void TestHeatmapPanel::relativeThresholdUsesTheRms()
{
    ShownPanel panel;
    const samba::ActivationFramePtr frame = makeFrame(Source::Text);
    panel.showFrame(frame);
    QTRY_VERIFY(panel.map()->isVisible());
    panel.find<QComboBox>("heatmapThresholdKind")->setCurrentIndex(1);
    const double threshold = 1.2;
    auto* edit = panel.find<QLineEdit>("heatmapThreshold");
    edit->setText(QString::number(threshold));
    Q_EMIT edit->editingFinished();
    for (int chunk = 0; chunk < kChunks; ++chunk) {
        const std::vector<float>& values = frame->values[static_cast<std::size_t>(chunk)];
        double squares = 0;
        for (const float value : values)
            squares += static_cast<double>(value) * static_cast<double>(value);
        const double limit = threshold * std::sqrt(squares / static_cast<double>(values.size()));
        double below = 0;
        for (const float value : values)
            below += std::abs(static_cast<double>(value)) < limit ? 1 : 0;
        QCOMPARE(panel.share(chunk + 1), below / static_cast<double>(values.size()));
    }
}

void TestHeatmapPanel::typedThresholdIsTaken_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("threshold");
    QTest::newRow("plain") << QStringLiteral("0.02") << 0.02;
    QTest::newRow("scientific") << QStringLiteral("3e-4") << 3e-4;
    QTest::newRow("too large") << QStringLiteral("50") << 10.0;
    QTest::newRow("no number") << QStringLiteral("-") << 1e-3;
}

void TestHeatmapPanel::typedThresholdIsTaken()
{
    QFETCH(QString, text);
    QFETCH(double, threshold);
    ShownPanel panel;
    auto* edit = panel.find<QLineEdit>("heatmapThreshold");
    edit->setText(text);
    Q_EMIT edit->editingFinished();
    QCOMPARE(panel.saveState().value(QStringLiteral("threshold")).toDouble(), threshold);
}

void TestHeatmapPanel::modesReachTheMap()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    auto* mode = panel.find<QComboBox>("heatmapMode");
    QCOMPARE(mode->count(), 4);
    for (int i = 0; i < mode->count(); ++i) {
        mode->setCurrentIndex(i);
        QCOMPARE(static_cast<int>(panel.map()->coloring().mode), mode->itemData(i).toInt());
    }
    // The mask follows the threshold.
    panel.find<QSlider>("heatmapThresholdSlider")->setValue(500);
    QVERIFY(std::abs(panel.map()->coloring().threshold - 0.1) < 1e-9);
}

void TestHeatmapPanel::unitsAreSorted()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    const QPointF first = panel.map()->cellRect({0, 0}).center();
    QCOMPARE(panel.map()->cellAt(first)->column, std::int64_t{0});
    panel.click("heatmapSort");
    QCOMPARE(panel.map()->cellAt(first)->column, std::int64_t{kUnits - 1});
    panel.click("heatmapSort");
    QCOMPARE(panel.map()->cellAt(first)->column, std::int64_t{0});
}

void TestHeatmapPanel::oneScaleForAllChunks()
{
    auto frame = std::make_shared<samba::ActivationFrame>(*makeFrame(Source::Text));
    for (float& value : frame->values[1])
        value *= 100;
    ShownPanel panel;
    panel.showFrame(frame);
    QTRY_VERIFY(panel.map()->isVisible());
    const double own = panel.map()->coloring().limit;
    panel.click("heatmapSameScale");
    QVERIFY(panel.map()->coloring().limit > 50 * own);
    panel.click("heatmapChunk2");
    const double shared = panel.map()->coloring().limit;
    panel.click("heatmapChunk3");
    QCOMPARE(panel.map()->coloring().limit, shared);
}

void TestHeatmapPanel::hoverTellsTokenUnitAndValue()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    panel.map()->setRowSpan({2, 6});
    panel.map()->setColumnSpan({8, 6});
    const QPointF place = panel.map()->cellRect({5, 11}).center();
    QTest::mouseMove(panel.map(), place.toPoint());
    QTRY_VERIFY(panel.readout().contains(QStringLiteral("position 5")));
    QVERIFY(panel.readout().contains(QStringLiteral("“·w5”")));
    QVERIFY(panel.readout().contains(QStringLiteral("unit 11")));
    QVERIFY(panel.readout().contains(QStringLiteral("value −1.11")));
    QVERIFY(!panel.readout().contains(QStringLiteral("near zero")));

    // Another chunk, the same cell: its value, and whether it is near zero.
    panel.click("heatmapChunk3");
    QVERIFY(panel.readout().contains(QStringLiteral("value −0.01")));
    panel.find<QSlider>("heatmapThresholdSlider")->setValue(500);
    Q_EMIT panel.map()->cellHovered(5, 11);
    QVERIFY(panel.readout().contains(QStringLiteral("near zero")));
}

void TestHeatmapPanel::attentionTellsTheChunk()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    auto* attention = panel.find<HeatmapView>("heatmapAttention");
    QTRY_VERIFY(attention->isVisible());
    QTest::mouseMove(attention, attention->cellRect({7, 2}).center().toPoint());
    QTRY_VERIFY(panel.readout().contains(QStringLiteral("chunk 3")));
    QVERIFY(panel.readout().contains(QStringLiteral("weight 0.4")));
}

void TestHeatmapPanel::mapsShareTheirRows()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    auto* attention = panel.find<HeatmapView>("heatmapAttention");
    QTRY_VERIFY(attention->isVisible());
    QTest::keyClick(panel.map(), Qt::Key_Plus);
    QVERIFY(panel.map()->rowSpan().count < kPositions);
    QCOMPARE(attention->rowSpan().count, panel.map()->rowSpan().count);
    QCOMPARE(attention->rowSpan().first, panel.map()->rowSpan().first);
    QTest::keyClick(attention, Qt::Key_Home);
    QCOMPARE(panel.map()->rowSpan().count, static_cast<double>(kPositions));
    panel.map()->setRowSpan({1, 5});
    panel.click("heatmapReset");
    QCOMPARE(panel.map()->rowSpan().count, static_cast<double>(kPositions));
}

void TestHeatmapPanel::plainModelHasNoAttention()
{
    auto frame = std::make_shared<samba::ActivationFrame>(*makeFrame(Source::Text));
    frame->attention.clear();
    ShownPanel panel;
    panel.showFrame(frame);
    QTRY_VERIFY(panel.map()->isVisible());
    QVERIFY(!panel.find<HeatmapView>("heatmapAttention")->isVisible());
}

void TestHeatmapPanel::liveBatchIsWatchedOnlyInSight()
{
    ShownPanel panel;
    QSignalSpy spy(&panel, &HeatmapPanel::watchActivationsChanged);
    auto* live = panel.find<QAbstractButton>("heatmapSourceLive");
    QVERIFY(!live->isEnabled());
    panel.setTraining(true);
    QVERIFY(live->isEnabled());
    QCOMPARE(spy.count(), 0);
    live->click();
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy.last().at(0).toBool(), true);
    panel.hide();
    QCOMPARE(spy.last().at(0).toBool(), false);
    panel.show();
    QCOMPARE(spy.last().at(0).toBool(), true);
    panel.setTraining(false);
    QCOMPARE(spy.last().at(0).toBool(), false);
    panel.setTraining(true);
    panel.click("heatmapSourceText");
    QCOMPARE(spy.last().at(0).toBool(), false);
    QCOMPARE(spy.count(), 6);
}

void TestHeatmapPanel::sourcesAreKeptApart()
{
    ShownPanel panel;
    panel.setTraining(true);
    const samba::ActivationFramePtr text = makeFrame(Source::Text);
    const samba::ActivationFramePtr batch = makeFrame(Source::TrainingBatch);
    panel.showFrame(text);
    QTRY_VERIFY(panel.map()->isVisible());
    panel.showFrame(batch);
    QCOMPARE(panel.map()->matrix().values.get(), text->values[0].data());
    panel.click("heatmapSourceLive");
    QTRY_COMPARE(panel.map()->matrix().values.get(), batch->values[0].data());
    panel.click("heatmapSourceText");
    QTRY_COMPARE(panel.map()->matrix().values.get(), text->values[0].data());
}

void TestHeatmapPanel::newerFramesReplaceOlder()
{
    ShownPanel panel;
    samba::ActivationFramePtr newest;
    for (int i = 0; i < 20; ++i) {
        newest = makeFrame(Source::Text);
        panel.showFrame(newest);
    }
    QTRY_VERIFY(panel.map()->isVisible());
    QTRY_COMPARE(panel.map()->matrix().values.get(), newest->values[0].data());
}

void TestHeatmapPanel::framesOfAnotherModelAreDropped()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    const samba::ModelInfo other = makeModel(32);
    panel.setModel(&other);
    QVERIFY(panel.find<QWidget>("heatmapEmpty")->isVisible());
    panel.showFrame(makeFrame(Source::Text, kUnits));
    QVERIFY(panel.find<QWidget>("heatmapEmpty")->isVisible());
    panel.showFrame(makeFrame(Source::Text, 32));
    QTRY_VERIFY(panel.map()->isVisible());
    QCOMPARE(panel.map()->matrix().columns, std::int64_t{32});
}

void TestHeatmapPanel::hiddenPanelWaits()
{
    ShownPanel panel;
    panel.hide();
    const samba::ActivationFramePtr frame = makeFrame(Source::Text);
    panel.showFrame(frame);
    QCoreApplication::processEvents();
    QVERIFY(panel.map()->matrix().isEmpty());
    panel.show();
    QTRY_COMPARE(panel.map()->matrix().values.get(), frame->values[0].data());
}

void TestHeatmapPanel::keysWorkTheMap()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    QTest::keyClick(panel.map(), Qt::Key_Down);
    QTest::keyClick(panel.map(), Qt::Key_Down);
    QTest::keyClick(panel.map(), Qt::Key_Right);
    QVERIFY(panel.readout().contains(QStringLiteral("position 1 ")));
    QVERIFY(panel.readout().contains(QStringLiteral("unit 1 ")));
}

void TestHeatmapPanel::stateRoundTrips()
{
    ShownPanel panel;
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    panel.click("heatmapChunk2");
    panel.find<QComboBox>("heatmapMode")->setCurrentIndex(3);
    panel.find<QComboBox>("heatmapThresholdKind")->setCurrentIndex(1);
    panel.find<QSlider>("heatmapThresholdSlider")->setValue(400);
    panel.click("heatmapSort");
    panel.click("heatmapSameScale");
    panel.find<QLineEdit>("heatmapText")->setText(QStringLiteral("a fox"));

    ShownPanel other;
    other.restoreState(panel.saveState());
    other.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(other.map()->isVisible());
    QVariantMap wanted = panel.saveState();
    QVariantMap got = other.saveState();
    wanted.remove(QStringLiteral("splitter"));
    got.remove(QStringLiteral("splitter"));
    QCOMPARE(got, wanted);
    QVERIFY(other.find<QAbstractButton>("heatmapChunk2")->isChecked());
}

void TestHeatmapPanel::thresholdStaysInRange()
{
    ShownPanel panel;
    panel.restoreState({{QStringLiteral("threshold"), -3.0}, {QStringLiteral("chunk"), 99}});
    QCOMPARE(panel.saveState().value(QStringLiteral("threshold")).toDouble(), 1e-6);
    panel.showFrame(makeFrame(Source::Text));
    QTRY_VERIFY(panel.map()->isVisible());
    QCOMPARE(panel.saveState().value(QStringLiteral("chunk")).toInt(), kChunks - 1);
}

void TestHeatmapPanel::bigFrameStaysFluent()
{
    auto frame = std::make_shared<samba::ActivationFrame>();
    frame->chunkCount = 6;
    frame->seqLen = 512;
    frame->dModel = 768;
    frame->tokens.assign(512, " word");
    for (int chunk = 0; chunk < 6; ++chunk) {
        std::vector<float> values(512 * 768);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = std::sin(static_cast<float>(i * 7 + static_cast<std::size_t>(chunk))) *
                        std::pow(10.0F, static_cast<float>(i % 5) - 4);
        frame->values.push_back(std::move(values));
    }
    ShownPanel panel;
    panel.setModel(nullptr);
    QElapsedTimer timer;
    timer.start();
    panel.showFrame(frame);
    const double blockedMs = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
    QTRY_VERIFY(panel.map()->isVisible());
    const qint64 shownMs = timer.elapsed();
    panel.find<QComboBox>("heatmapMode")->setCurrentIndex(3);
    auto* slider = panel.find<QSlider>("heatmapThresholdSlider");
    timer.start();
    for (int i = 0; i < 50; ++i) {
        slider->setValue(200 + 2 * i);
        panel.map()->repaint();
    }
    qInfo(
        "6 x 512 x 768: shown after %lld ms, of it %.2f ms in showFrame; threshold moved and mask "
        "drawn in %.2f ms",
        static_cast<long long>(shownMs), blockedMs, static_cast<double>(timer.elapsed()) / 50);
    QVERIFY(panel.share(6) > 0);
}

void TestHeatmapPanel::saysWhatIsOnlyTheBeginning()
{
    const samba::ActivationFramePtr frame = makeFrame(Source::Text);
    QString whole;
    for (const std::string& token : frame->tokens)
        whole += QString::fromStdString(token);
    ShownPanel panel;
    for (const QString& rest : {QString(), QStringLiteral(" and much more")}) {
        panel.find<QLineEdit>("heatmapText")->setText(whole + rest);
        panel.click("heatmapInspect");
        panel.showFrame(makeFrame(Source::Text));
        QTRY_VERIFY(panel.map()->isVisible());
        QTRY_COMPARE(
            panel.find<QLabel>("heatmapTitle")->text().contains(QStringLiteral("beginning")),
            !rest.isEmpty());
    }
}

QTEST_MAIN(TestHeatmapPanel)
#include "tst_heatmap_panel.moc"
