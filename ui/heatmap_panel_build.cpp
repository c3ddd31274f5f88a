// How the heatmap panel is put together.

#include "ui/heatmap_panel_private.h"

#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/heatmap_color_bar.h"
#include "ui/widgets/heatmap_histogram.h"
#include "ui/widgets/labels.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleValidator>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace samba::ui {

namespace {

QString exampleText()
{
    return HeatmapPanel::tr("Once upon a time a small fox found a silver key under the old oak. "
                            "She wondered which door it would open.");
}

} // namespace

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

} // namespace samba::ui
