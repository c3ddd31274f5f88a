#include "ui/heatmap_panel.h"

#include "ui/format.h"
#include "ui/heatmap_panel_measures.h"
#include "ui/heatmap_panel_tokens.h"
#include "ui/theme.h"
#include "ui/widgets/curve_plot_format.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/heatmap.h"
#include "ui/widgets/heatmap_chip.h"
#include "ui/widgets/heatmap_color_bar.h"
#include "ui/widgets/heatmap_histogram.h"
#include "ui/widgets/labels.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleValidator>
#include <QFutureWatcher>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPromise>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QThreadPool>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace samba::ui {

namespace {

using Source = samba::ActivationFrame::Source;
using MeasuredFramePtr = std::shared_ptr<const MeasuredFrame>;

// The threshold slider: a hundred steps a power of ten.
constexpr double kLowestThreshold = 1e-6;
constexpr double kHighestThreshold = 10;
constexpr int kStepsPerDecade = 100;
constexpr int kThresholdSteps = 7 * kStepsPerDecade;

/// Colours reach to the size that all but one in two hundred values stay below: a few huge ones
/// would leave the rest without contrast.
constexpr double kLimitQuantile = 0.995;

double thresholdOfSlider(int value)
{
    return kLowestThreshold * std::pow(10, static_cast<double>(value) / kStepsPerDecade);
}

int sliderOfThreshold(double threshold)
{
    return static_cast<int>(
        std::lround(std::log10(threshold / kLowestThreshold) * kStepsPerDecade));
}

QString exampleText()
{
    return HeatmapPanel::tr("Once upon a time a small fox found a silver key under the old oak. "
                            "She wondered which door it would open.");
}

} // namespace

class HeatmapPanel::Private {
public:
    explicit Private(HeatmapPanel* owner) : panel(owner) {}

    void build();
    QWidget* makeSourceBar();
    QWidget* makeViewBar();
    QWidget* makeMaps();
    QWidget* makeThresholdArea();
    QWidget* makeContent();

    samba::ActivationFramePtr& frameOf(Source which)
    {
        return frames[which == Source::Text ? 0 : 1];
    }
    HeatmapMode mode() const { return static_cast<HeatmapMode>(modeChoice->currentData().toInt()); }
    double thresholdOf(std::size_t chunk) const;
    const ChunkMagnitudes& chosen() const { return shown->chunks[static_cast<std::size_t>(chunk)]; }

    void setSource(Source which);
    void showWanted();
    void measure(const samba::ActivationFramePtr& frame);
    void showMeasured(const MeasuredFramePtr& measured);
    void showEmpty();
    void rebuildChips();
    void chooseChunk(int index);
    void showChunk();
    void setThreshold(double value);
    void recount();
    void recolor();
    void showCell(qint64 row, qint64 column);
    void showAttentionCell(qint64 row, qint64 column);
    QString tokenText(qint64 row) const;
    void inspect(const QString& text);
    void tellWatching();
    void updateEnabled();

    HeatmapPanel* panel;
    QPushButton* textSource = nullptr;
    QPushButton* liveSource = nullptr;
    QLineEdit* textEdit = nullptr;
    QPushButton* inspectButton = nullptr;
    QStackedWidget* views = nullptr;
    EmptyState* empty = nullptr;
    QPushButton* exampleButton = nullptr;
    QWidget* chipRow = nullptr;
    QButtonGroup* chipGroup = nullptr;
    QVector<HeatmapChip*> chips;
    QComboBox* modeChoice = nullptr;
    QCheckBox* sortUnits = nullptr;
    QCheckBox* sameScale = nullptr;
    HeatmapColorBar* colorBar = nullptr;
    ElidedLabel* mapTitle = nullptr;
    QLabel* attentionTitle = nullptr;
    HeatmapView* map = nullptr;
    HeatmapView* attention = nullptr;
    ElidedLabel* readout = nullptr;
    QLineEdit* thresholdEdit = nullptr;
    QComboBox* thresholdKind = nullptr;
    QSlider* thresholdSlider = nullptr;
    HeatmapHistogram* histogram = nullptr;
    QSplitter* splitter = nullptr;

    std::array<samba::ActivationFramePtr, 2> frames; ///< newest of a text, newest of the batch
    Source source = Source::Text;
    MeasuredFramePtr shown;
    QFutureWatcher<MeasuredFramePtr> watcher;
    bool isMeasuring = false;
    int chunk = 0;
    double threshold = 1e-3;
    std::optional<samba::ModelInfo> model;
    bool isTraining = false;
    bool isWatching = false;
};

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

void HeatmapPanel::Private::build()
{
    const Theme& theme = Theme::current();
    empty = new EmptyState(QStringLiteral("heatmap"), tr("Look inside"), QString());
    empty->setObjectName(QStringLiteral("heatmapEmpty"));
    exampleButton = empty->addButton(QStringLiteral("heatmapExample"), tr("Inspect an example"),
                                     QStringLiteral("sparkle"));
    QObject::connect(exampleButton, &QPushButton::clicked, panel,
                     [this] { inspect(exampleText()); });

    views = new QStackedWidget;
    views->addWidget(empty);
    views->addWidget(makeContent());

    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(theme.panelMargin, theme.spacing, theme.panelMargin,
                               theme.panelMargin);
    layout->setSpacing(theme.spacing);
    layout->addWidget(makeSourceBar());
    layout->addWidget(views, 1);
}

QWidget* HeatmapPanel::Private::makeSourceBar()
{
    const Theme& theme = Theme::current();
    auto* bar = new QWidget;
    textSource =
        makeButton(QStringLiteral("heatmapSourceText"), tr("Text"), QStringLiteral("document"));
    textSource->setToolTip(tr("Show the text typed here"));
    liveSource = makeButton(QStringLiteral("heatmapSourceLive"), tr("Live batch"),
                            QStringLiteral("training"));
    liveSource->setToolTip(tr("Show the batch that is being trained on"));
    auto* group = new QButtonGroup(panel);
    for (QPushButton* button : {textSource, liveSource}) {
        button->setCheckable(true);
        group->addButton(button);
    }
    textSource->setChecked(true);

    textEdit = new QLineEdit;
    textEdit->setObjectName(QStringLiteral("heatmapText"));
    textEdit->setAccessibleName(tr("Text to inspect"));
    textEdit->setPlaceholderText(tr("Type or paste a text to look into…"));
    textEdit->setClearButtonEnabled(true);
    inspectButton = makePrimaryButton(QStringLiteral("heatmapInspect"), tr("Inspect"));
    inspectButton->setToolTip(tr("Show what every chunk puts out for this text (Enter)"));

    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme.spacing);
    layout->addWidget(textSource);
    layout->addWidget(liveSource);
    layout->addSpacing(theme.spacingSmall);
    layout->addWidget(textEdit, 1);
    layout->addWidget(inspectButton);

    QObject::connect(textSource, &QPushButton::clicked, panel, [this] { setSource(Source::Text); });
    QObject::connect(liveSource, &QPushButton::clicked, panel,
                     [this] { setSource(Source::TrainingBatch); });
    QObject::connect(textEdit, &QLineEdit::textChanged, panel, [this] { updateEnabled(); });
    QObject::connect(textEdit, &QLineEdit::returnPressed, panel,
                     [this] { inspect(textEdit->text()); });
    QObject::connect(inspectButton, &QPushButton::clicked, panel,
                     [this] { inspect(textEdit->text()); });
    return bar;
}

QWidget* HeatmapPanel::Private::makeContent()
{
    const Theme& theme = Theme::current();
    auto* content = new QWidget;
    chipRow = new QWidget;
    auto* chipLayout = new FlowLayout(chipRow, theme.spacingSmall, theme.spacingSmall);
    chipLayout->setContentsMargins(0, 0, 0, 0);
    chipGroup = new QButtonGroup(panel);
    QObject::connect(chipGroup, &QButtonGroup::idClicked, panel,
                     [this](int id) { chooseChunk(id); });

    readout = new ElidedLabel;
    readout->setObjectName(QStringLiteral("heatmapReadout"));
    readout->setAccessibleName(tr("Value under the cursor"));

    auto* upper = new QWidget;
    auto* upperLayout = new QVBoxLayout(upper);
    upperLayout->setContentsMargins(0, 0, 0, 0);
    upperLayout->setSpacing(theme.spacingSmall);
    upperLayout->addWidget(makeMaps(), 1);
    upperLayout->addWidget(readout);

    splitter = new QSplitter(Qt::Vertical);
    splitter->setObjectName(QStringLiteral("heatmapSplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(upper);
    splitter->addWidget(makeThresholdArea());
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 0);

    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme.spacing);
    layout->addWidget(chipRow);
    layout->addWidget(makeViewBar());
    layout->addWidget(splitter, 1);
    return content;
}

QWidget* HeatmapPanel::Private::makeViewBar()
{
    auto* bar = new QWidget;
    modeChoice = new QComboBox;
    modeChoice->setObjectName(QStringLiteral("heatmapMode"));
    modeChoice->setAccessibleName(tr("What is shown of the values"));
    const auto add = [this](const QString& name, HeatmapMode which) {
        modeChoice->addItem(name, static_cast<int>(which));
    };
    add(tr("Signed values"), HeatmapMode::Signed);
    add(tr("Magnitude"), HeatmapMode::Magnitude);
    add(tr("Magnitude, log"), HeatmapMode::LogMagnitude);
    add(tr("Near-zero mask"), HeatmapMode::NearZero);

    sortUnits = new QCheckBox(tr("Sort units"));
    sortUnits->setObjectName(QStringLiteral("heatmapSort"));
    sortUnits->setToolTip(tr("Units with the largest mean |x| first"));
    sameScale = new QCheckBox(tr("One scale"));
    sameScale->setObjectName(QStringLiteral("heatmapSameScale"));
    sameScale->setToolTip(tr("The same colours for the same values in every chunk"));
    colorBar = new HeatmapColorBar;
    colorBar->setObjectName(QStringLiteral("heatmapColorBar"));
    auto* reset = makeIconButton(QStringLiteral("heatmapReset"), QStringLiteral("zoom-reset"),
                                 tr("Show all positions and units"));

    auto* layout = new FlowLayout(bar, 14, 4);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(modeChoice);
    layout->addWidget(sortUnits);
    layout->addWidget(sameScale);
    layout->addWidget(reset);
    layout->addWidget(colorBar);

    QObject::connect(modeChoice, &QComboBox::currentIndexChanged, panel, [this] { recolor(); });
    QObject::connect(sameScale, &QCheckBox::toggled, panel, [this] { recolor(); });
    QObject::connect(sortUnits, &QCheckBox::toggled, panel, [this] { showChunk(); });
    QObject::connect(reset, &QToolButton::clicked, panel, [this] {
        map->resetView();
        attention->resetView();
    });
    return bar;
}

QWidget* HeatmapPanel::Private::makeMaps()
{
    const Theme& theme = Theme::current();
    auto* maps = new QWidget;
    map = new HeatmapView;
    map->setObjectName(QStringLiteral("heatmapMap"));
    map->setAccessibleName(tr("Output of the chunk, position by unit"));
    attention = new HeatmapView;
    attention->setObjectName(QStringLiteral("heatmapAttention"));
    attention->setAccessibleName(tr("Readout attention, position by chunk"));
    attention->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);

    mapTitle = new ElidedLabel;
    mapTitle->setObjectName(QStringLiteral("heatmapTitle"));
    mapTitle->setFont(themedFont(TextRole::Small));
    setTone(mapTitle, Tone::Muted);
    attentionTitle = makeLabel(tr("Readout attention"), TextRole::Small, Tone::Muted);

    auto* layout = new QGridLayout(maps);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(theme.spacingLarge);
    layout->setVerticalSpacing(theme.spacingSmall);
    layout->addWidget(mapTitle, 0, 0);
    layout->addWidget(attentionTitle, 0, 1);
    layout->addWidget(map, 1, 0);
    layout->addWidget(attention, 1, 1);
    layout->setRowStretch(1, 1);
    layout->setColumnStretch(0, 1);

    // Both maps show the same positions, whichever is moved.
    QObject::connect(map, &HeatmapView::rowSpanChanged, attention,
                     [this](double first, double count) {
                         attention->setRowSpan({first, count});
                     });
    QObject::connect(attention, &HeatmapView::rowSpanChanged, map,
                     [this](double first, double count) {
                         map->setRowSpan({first, count});
                     });
    QObject::connect(map, &HeatmapView::cellHovered, panel,
                     [this](qint64 row, qint64 column) { showCell(row, column); });
    QObject::connect(attention, &HeatmapView::cellHovered, panel,
                     [this](qint64 row, qint64 column) { showAttentionCell(row, column); });
    for (HeatmapView* view : {map, attention})
        QObject::connect(view, &HeatmapView::cellLeft, panel, [this] { showCell(-1, -1); });
    return maps;
}

QWidget* HeatmapPanel::Private::makeThresholdArea()
{
    const Theme& theme = Theme::current();
    auto* area = new QWidget;
    thresholdEdit = new QLineEdit;
    thresholdEdit->setObjectName(QStringLiteral("heatmapThreshold"));
    thresholdEdit->setAccessibleName(tr("Threshold"));
    thresholdEdit->setFixedWidth(84);
    auto* validator = new QDoubleValidator(kLowestThreshold, kHighestThreshold, 12, thresholdEdit);
    validator->setLocale(QLocale::c());
    thresholdEdit->setValidator(validator);
    thresholdKind = new QComboBox;
    thresholdKind->setObjectName(QStringLiteral("heatmapThresholdKind"));
    thresholdKind->setAccessibleName(tr("Kind of threshold"));
    thresholdKind->addItem(tr("absolute"), QStringLiteral("absolute"));
    thresholdKind->addItem(tr("× RMS of the chunk"), QStringLiteral("relative"));
    thresholdSlider = new QSlider(Qt::Horizontal);
    thresholdSlider->setObjectName(QStringLiteral("heatmapThresholdSlider"));
    thresholdSlider->setAccessibleName(tr("Threshold, logarithmic"));
    thresholdSlider->setRange(0, kThresholdSteps);
    thresholdSlider->setPageStep(kStepsPerDecade);
    histogram = new HeatmapHistogram;
    histogram->setObjectName(QStringLiteral("heatmapHistogram"));

    auto* line = new QHBoxLayout;
    line->setSpacing(theme.spacing);
    line->addWidget(makeLabel(tr("Near zero: |x| <"), TextRole::Body));
    line->addWidget(thresholdEdit);
    line->addWidget(thresholdKind);
    line->addSpacing(theme.spacing);
    line->addWidget(thresholdSlider, 1);
    auto* layout = new QVBoxLayout(area);
    layout->setContentsMargins(0, theme.spacingSmall, 0, 0);
    layout->setSpacing(theme.spacing);
    layout->addLayout(line);
    layout->addWidget(histogram, 1);

    QObject::connect(thresholdSlider, &QSlider::valueChanged, panel,
                     [this](int value) { setThreshold(thresholdOfSlider(value)); });
    QObject::connect(thresholdEdit, &QLineEdit::editingFinished, panel, [this] {
        bool isNumber = false;
        const double value = QLocale::c().toDouble(thresholdEdit->text(), &isNumber);
        setThreshold(isNumber ? value : threshold);
    });
    QObject::connect(thresholdKind, &QComboBox::currentIndexChanged, panel, [this] { recount(); });
    QObject::connect(histogram, &HeatmapHistogram::thresholdDragged, panel, [this](double value) {
        const bool isRelative = thresholdKind->currentIndex() == 1;
        const double unit = isRelative && shown && chosen().rms() > 0 ? chosen().rms() : 1;
        setThreshold(value / unit);
    });
    return area;
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
                               tr("weights of step %1").arg(formatInteger(frame.step))));
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
