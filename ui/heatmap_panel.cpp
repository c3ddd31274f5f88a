#include "ui/heatmap_panel.h"

#include "ui/format.h"
#include "ui/heatmap_panel_private.h"
#include "ui/heatmap_panel_tokens.h"
#include "ui/widgets/curve_plot_format.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/heatmap_chip.h"
#include "ui/widgets/heatmap_color_bar.h"
#include "ui/widgets/heatmap_histogram.h"
#include "ui/widgets/labels.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QPromise>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QThreadPool>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

/// Colours reach to the size that all but one in two hundred values stay below: a few huge ones
/// would leave the rest without contrast.
constexpr double kLimitQuantile = 0.995;

} // namespace

HeatmapPanel::HeatmapPanel(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>(this))
{
    setObjectName(QStringLiteral("heatmapPanel"));
    setAccessibleName(tr("Activations"));
    d->build();
    connect(&d->watcher, &QFutureWatcher<MeasuredFramePtr>::finished, this, [this] {
        d->isMeasuring = false;
        const MeasuredFramePtr measured = d->watcher.result();
        if (measured->frame == d->frames[0] || measured->frame == d->frames[1])
            d->showMeasured(measured);
        d->showWanted();
    });
    d->showEmpty();
    d->updateEnabled();
}

HeatmapPanel::~HeatmapPanel() = default;

HeatmapMode HeatmapPanel::Private::mode() const
{
    return static_cast<HeatmapMode>(modeChoice->currentData().toInt());
}

void HeatmapPanel::Private::setSource(Source which)
{
    source = which;
    (which == Source::Text ? textSource : liveSource)->setChecked(true);
    updateEnabled();
    tellWatching();
    showWanted();
}

void HeatmapPanel::Private::inspect(const QString& text)
{
    if (text.trimmed().isEmpty() || !model)
        return;
    textEdit->setText(text);
    inspected = text;
    setSource(Source::Text);
    Q_EMIT panel->inspectTextRequested(text);
}

void HeatmapPanel::Private::tellWatching()
{
    const bool wants = source == Source::TrainingBatch && isTraining && panel->isVisible();
    if (wants == isWatching)
        return;
    isWatching = wants;
    Q_EMIT panel->watchActivationsChanged(wants);
}

void HeatmapPanel::Private::updateEnabled()
{
    inspectButton->setEnabled(model && !textEdit->text().trimmed().isEmpty());
    textEdit->setEnabled(model.has_value());
    exampleButton->setVisible(model && source == Source::Text);
    liveSource->setEnabled(isTraining || frameOf(Source::TrainingBatch) ||
                           source == Source::TrainingBatch);
}

void HeatmapPanel::Private::showWanted()
{
    const samba::ActivationFramePtr wanted = frameOf(source);
    if (!wanted) {
        showEmpty();
        return;
    }
    if (shown && shown->frame == wanted) {
        views->setCurrentIndex(1);
        return;
    }
    // A hidden panel counts nothing, and one frame at a time is enough: newer ones replace older.
    if (!panel->isVisible() || isMeasuring)
        return;
    measure(wanted);
}

void HeatmapPanel::Private::measure(const samba::ActivationFramePtr& frame)
{
    isMeasuring = true;
    auto promise = std::make_shared<QPromise<MeasuredFramePtr>>();
    promise->start();
    watcher.setFuture(promise->future());
    QThreadPool::globalInstance()->start([promise, frame] {
        promise->addResult(measureFrame(frame));
        promise->finish();
    });
}

void HeatmapPanel::Private::showEmpty()
{
    if (source == Source::TrainingBatch) {
        empty->setText(isTraining ? tr("The next frame of the batch in training appears here.")
                                  : tr("No run is in progress. Start training to watch its batch, "
                                       "or choose Text to look into a text of yours."));
    } else if (model) {
        empty->setText(tr("Type a text above and press Inspect: you see what every chunk puts out "
                          "for every token, how much of it is near zero, and which chunks the "
                          "readout reads."));
    } else {
        empty->setText(tr("Open a model or start a run first. Then type a text above and see what "
                          "every chunk makes of it."));
    }
    updateEnabled();
    views->setCurrentIndex(0);
}

void HeatmapPanel::Private::showMeasured(const MeasuredFramePtr& measured)
{
    if (measured->frame->source != source || measured->chunks.empty())
        return;
    shown = measured;
    const samba::ActivationFrame& frame = *shown->frame;
    if (chips.size() != static_cast<qsizetype>(shown->chunks.size()))
        rebuildChips();
    chunk = std::min(chunk, static_cast<int>(shown->chunks.size()) - 1);
    chips[chunk]->setChecked(true);

    QStringList words;
    for (const std::string& token : frame.tokens)
        words.append(visibleToken(token));
    map->setRowLabels(words);

    const bool hasAttention = !frame.attention.empty();
    attention->setVisible(hasAttention);
    attentionTitle->setVisible(hasAttention);
    HeatmapMatrix weights;
    if (hasAttention) {
        weights = {std::shared_ptr<const float>(shown->frame, frame.attention.data()), frame.seqLen,
                   frame.chunkCount};
        QStringList numbers;
        for (int64_t i = 0; i < frame.chunkCount; ++i)
            numbers.append(QString::number(i + 1));
        attention->setColumnLabels(numbers);
        attention->setFixedWidth(std::clamp(static_cast<int>(frame.chunkCount) * 26 + 2, 116, 260));
        HeatmapColoring coloring;
        coloring.mode = HeatmapMode::Magnitude;
        coloring.limit =
            std::max(1e-6F, *std::max_element(frame.attention.begin(), frame.attention.end()));
        attention->setColoring(coloring);
        attentionTitle->setToolTip(
            tr("Weight with which the readout reads each chunk; the strongest colour is %1")
                .arg(valueText(coloring.limit)));
    }
    attention->setMatrix(weights);
    attention->setRowSpan(map->rowSpan());
    views->setCurrentIndex(1);
    recount();
    showChunk();
    updateEnabled();
}

void HeatmapPanel::Private::rebuildChips()
{
    qDeleteAll(chips);
    chips.clear();
    for (int i = 0; i < static_cast<int>(shown->chunks.size()); ++i) {
        auto* chip = new HeatmapChip(tr("Chunk %1").arg(i + 1), i, chipRow);
        chip->setObjectName(QStringLiteral("heatmapChunk%1").arg(i + 1));
        chipGroup->addButton(chip, i);
        chipRow->layout()->addWidget(chip);
        chip->show();
        chips.append(chip);
    }
}

void HeatmapPanel::Private::chooseChunk(int index)
{
    chunk = index;
    if (!shown)
        return;
    chunk = std::clamp(index, 0, static_cast<int>(shown->chunks.size()) - 1);
    chips[chunk]->setChecked(true);
    showChunk();
    recount();
}

void HeatmapPanel::Private::showChunk()
{
    if (!shown)
        return;
    const samba::ActivationFrame& frame = *shown->frame;
    const std::vector<float>& values = frame.values[static_cast<std::size_t>(chunk)];
    const std::optional<HeatmapCell> cursor = map->cursorCell();
    map->setMatrix(
        {std::shared_ptr<const float>(shown->frame, values.data()), frame.seqLen, frame.dModel});
    map->setColumnOrder(sortUnits->isChecked() ? chosen().unitsByActivity()
                                               : std::vector<std::int32_t>());
    map->setColumnTitle(sortUnits->isChecked() ? tr("units, most active first") : tr("unit"));
    attention->setRowSpan(map->rowSpan());
    mapTitle->setText(tr("Chunk %1  ·  %2 positions × %3 units  ·  RMS %4  ·  %5")
                          .arg(chunk + 1)
                          .arg(frame.seqLen)
                          .arg(frame.dModel)
                          .arg(valueText(chosen().rms()),
                               tr("weights of step %1").arg(formatInteger(frame.step))) +
                      (source == Source::Text && isOnlyBeginning(frame, inspected)
                           ? tr("  ·  only the beginning of the text")
                           : QString()));
    recolor();
    if (cursor && map->cursorCell())
        showCell(cursor->row, cursor->column);
    else
        showCell(-1, -1);
}

double HeatmapPanel::Private::thresholdOf(std::size_t index) const
{
    return thresholdKind->currentIndex() == 1 ? threshold * shown->chunks[index].rms() : threshold;
}

void HeatmapPanel::Private::setThreshold(double value)
{
    threshold = std::clamp(value, kLowestThreshold, kHighestThreshold);
    recount();
}

void HeatmapPanel::Private::recount()
{
    const QSignalBlocker blocker(thresholdSlider);
    thresholdSlider->setValue(sliderOfThreshold(threshold));
    thresholdEdit->setText(QString::number(threshold, 'g', 4));
    if (!shown)
        return;
    std::vector<std::vector<double>> shares;
    for (std::size_t i = 0; i < shown->chunks.size(); ++i) {
        const ChunkMagnitudes& magnitudes = shown->chunks[i];
        chips[static_cast<qsizetype>(i)]->setShare(magnitudes.shareBelow(thresholdOf(i)));
        std::vector<double> bins = magnitudes.histogram(HeatmapHistogram::edges());
        bins.insert(bins.begin(), magnitudes.shareBelow(HeatmapHistogram::kLowest));
        shares.push_back(std::move(bins));
    }
    histogram->setShares(std::move(shares), chunk);
    histogram->setThreshold(thresholdOf(static_cast<std::size_t>(chunk)), chips[chunk]->share());
    if (mode() == HeatmapMode::NearZero)
        recolor();
}

void HeatmapPanel::Private::recolor()
{
    if (!shown)
        return;
    HeatmapColoring coloring;
    coloring.mode = mode();
    coloring.threshold = thresholdOf(static_cast<std::size_t>(chunk));
    coloring.limit = chosen().quantile(kLimitQuantile);
    if (sameScale->isChecked()) {
        for (const ChunkMagnitudes& magnitudes : shown->chunks)
            coloring.limit = std::max(coloring.limit, magnitudes.quantile(kLimitQuantile));
    }
    // Where nearly all is zero the few others decide.
    if (!(coloring.limit > 0))
        coloring.limit = chosen().largest() > 0 ? chosen().largest() : 1;
    map->setColoring(coloring);
    colorBar->setColoring(coloring);
}

QString HeatmapPanel::Private::tokenText(qint64 row) const
{
    const std::vector<std::string>& tokens = shown->frame->tokens;
    const auto index = static_cast<std::size_t>(row);
    return index < tokens.size() ? QStringLiteral("“%1”").arg(visibleToken(tokens[index]))
                                 : QStringLiteral("–");
}

void HeatmapPanel::Private::showCell(qint64 row, qint64 column)
{
    const bool isCell = shown && row >= 0 && row < shown->frame->seqLen && column >= 0 &&
                        column < shown->frame->dModel;
    if (!isCell) {
        setTone(readout, Tone::Muted);
        readout->setText(tr("Point at a cell for its value. Wheel zooms, drag moves, double click "
                            "shows everything."));
        return;
    }
    const double value = static_cast<double>(shown->frame->value(chunk, row, column));
    const double limit = thresholdOf(static_cast<std::size_t>(chunk));
    setTone(readout, Tone::Normal);
    readout->setText(
        tr("%1  ·  position %2  ·  unit %3  ·  value %4%5")
            .arg(tokenText(row))
            .arg(row)
            .arg(column)
            .arg(valueText(value), std::abs(value) < limit ? tr("  ·  near zero") : QString()));
}

void HeatmapPanel::Private::showAttentionCell(qint64 row, qint64 column)
{
    if (!shown || shown->frame->attention.empty())
        return;
    const float weight = attention->matrix().at(row, column);
    setTone(readout, Tone::Normal);
    readout->setText(tr("%1  ·  position %2  ·  the readout reads chunk %3 with weight %4")
                         .arg(tokenText(row))
                         .arg(row)
                         .arg(column + 1)
                         .arg(valueText(static_cast<double>(weight))));
}

void HeatmapPanel::showFrame(samba::ActivationFramePtr frame)
{
    if (!frame || frame->chunkCount == 0 || frame->seqLen == 0)
        return;
    if (d->model && d->model->dModel != frame->dModel)
        return;
    d->frameOf(frame->source) = frame;
    d->updateEnabled();
    d->showWanted();
}

void HeatmapPanel::setModel(const samba::ModelInfo* model)
{
    const bool isOtherShape = !model || !d->model || model->dModel != d->model->dModel ||
                              model->chunkCount != d->model->chunkCount;
    if (model)
        d->model = *model;
    else
        d->model.reset();
    if (isOtherShape) {
        d->frames = {};
        d->shown.reset();
    }
    d->updateEnabled();
    d->showWanted();
}

void HeatmapPanel::setTraining(bool isTraining)
{
    d->isTraining = isTraining;
    d->updateEnabled();
    d->tellWatching();
    d->showWanted();
}

QVariantMap HeatmapPanel::saveState() const
{
    return {
        {QStringLiteral("chunk"), d->chunk},
        {QStringLiteral("mode"), d->modeChoice->currentData()},
        {QStringLiteral("sortUnits"), d->sortUnits->isChecked()},
        {QStringLiteral("sameScale"), d->sameScale->isChecked()},
        {QStringLiteral("threshold"), d->threshold},
        {QStringLiteral("thresholdKind"), d->thresholdKind->currentData()},
        {QStringLiteral("text"), d->textEdit->text()},
        {QStringLiteral("splitter"), d->splitter->saveState()},
    };
}

void HeatmapPanel::restoreState(const QVariantMap& state)
{
    const auto restore = [&state](const char* key, auto&& apply) {
        const auto found = state.constFind(QLatin1String(key));
        if (found != state.constEnd())
            apply(*found);
    };
    const auto choose = [](QComboBox* choice, const QVariant& value) {
        const int index = choice->findData(value);
        if (index >= 0)
            choice->setCurrentIndex(index);
    };
    restore("mode", [&](const QVariant& value) { choose(d->modeChoice, value.toInt()); });
    restore("thresholdKind", [&](const QVariant& value) { choose(d->thresholdKind, value); });
    restore("sortUnits",
            [this](const QVariant& value) { d->sortUnits->setChecked(value.toBool()); });
    restore("sameScale",
            [this](const QVariant& value) { d->sameScale->setChecked(value.toBool()); });
    restore("threshold", [this](const QVariant& value) { d->setThreshold(value.toDouble()); });
    restore("chunk", [this](const QVariant& value) { d->chooseChunk(std::max(0, value.toInt())); });
    restore("text", [this](const QVariant& value) { d->textEdit->setText(value.toString()); });
    restore("splitter",
            [this](const QVariant& value) { d->splitter->restoreState(value.toByteArray()); });
}

void HeatmapPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    d->tellWatching();
    d->showWanted();
}

void HeatmapPanel::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    d->tellWatching();
}

} // namespace samba::ui
