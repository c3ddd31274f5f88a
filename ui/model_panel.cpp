#include "ui/model_panel.h"

#include "ui/format.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/verification_table.h"
#include "ui/widgets/bar_list.h"
#include "ui/widgets/chunk_strip.h"
#include "ui/widgets/disclosure.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/scroll_column.h"

#include <QDir>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace samba::ui {

namespace {

enum Page { kEmptyPage, kLoadingPage, kModelPage };

QString sizesText(const samba::ModelInfo& info)
{
    return QStringLiteral("%1 → %2").arg(info.dModel).arg(info.dInner);
}

} // namespace

ModelPanel::ModelPanel(QWidget* parent)
    : QWidget(parent),
      m_pages(new QStackedWidget),
      m_openMenu(new QMenu(this)),
      m_name(makeWrappedLabel({}, TextRole::Title)),
      m_source(makeWrappedLabel({}, TextRole::Small, Tone::Muted)),
      m_typeChip(makeChip({}, Tone::Accent)),
      m_deviceChip(makeChip({})),
      m_dtypeChip(makeChip({})),
      m_loading(makeWrappedLabel({}, TextRole::Body, Tone::Muted)),
      m_total(makeLabel({}, TextRole::Number)),
      m_totalNote(makeLabel({}, TextRole::Small, Tone::Muted)),
      m_parts(new BarList),
      m_chunks(new ChunkStrip),
      m_facts(new FactGrid),
      m_warnings(new QVBoxLayout),
      m_verification(new VerificationTable),
      m_verificationFold(new Disclosure(tr("Tensors"), m_verification))
{
    setObjectName(QStringLiteral("modelPanel"));
    m_name->setObjectName(QStringLiteral("modelName"));
    // A long word in a name must not push the buttons out of the panel.
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_total->setObjectName(QStringLiteral("modelParameters"));
    m_parts->setObjectName(QStringLiteral("modelParts"));
    m_parts->setAccessibleName(tr("Parameters by part"));
    m_facts->setObjectName(QStringLiteral("modelFacts"));
    m_openMenu->setObjectName(QStringLiteral("modelOpenMenu"));

    auto* empty = new EmptyState(QStringLiteral("model"), tr("No model yet"),
                                 tr("Open one to chat with it and to look inside, or make a fresh "
                                    "one from a configuration."));
    QPushButton* builtin =
        empty->addButton(QStringLiteral("modelOpenBuiltin"), tr("Open the built-in example"),
                         QStringLiteral("sparkle"));
    QPushButton* pretrained = empty->addButton(QStringLiteral("modelOpenPretrained"),
                                               tr("Pretrained models…"), QStringLiteral("model"));
    QPushButton* run = empty->addButton(QStringLiteral("modelOpenRun"), tr("Open a run…"),
                                        QStringLiteral("folder"));
    QPushButton* fresh = empty->addButton(QStringLiteral("modelNew"), tr("New from configuration"),
                                          QStringLiteral("new"));
    m_pages->addWidget(empty);

    auto* loading = new EmptyState(QStringLiteral("clock"), tr("Reading the model"), {});
    m_loading->setAlignment(Qt::AlignHCenter);
    loading->addWidget(m_loading);
    m_pages->addWidget(loading);

    QPushButton* openButton =
        makeButton(QStringLiteral("modelOpen"), tr("Open"), QStringLiteral("open"));
    openButton->setProperty("menu", true);
    openButton->setMenu(m_openMenu);
    auto* exportMenu = new QMenu(this);
    exportMenu->setObjectName(QStringLiteral("modelExportMenu"));
    // Without a word: the panel is narrow.
    QToolButton* exportButton =
        makeIconButton(QStringLiteral("modelExport"), QStringLiteral("export"), tr("Export"));
    exportButton->setPopupMode(QToolButton::InstantPopup);
    exportButton->setMenu(exportMenu);
    const auto addExport = [this, exportMenu](const char* name, const QString& icon,
                                              const QString& text, auto signal) {
        QAction* action = exportMenu->addAction(themedIcon(icon), text);
        action->setObjectName(QLatin1String(name));
        connect(action, &QAction::triggered, this, signal);
    };
    addExport("modelMenuExport", QStringLiteral("export"), tr("Export the model…"),
              &ModelPanel::exportRequested);
    addExport("modelMenuDump", QStringLiteral("save"), tr("Dump tensors…"),
              &ModelPanel::dumpRequested);
    auto* chips = new QHBoxLayout;
    chips->setSpacing(Theme::current().spacingSmall);
    for (QLabel* chip : {m_typeChip, m_deviceChip, m_dtypeChip})
        chips->addWidget(chip);
    chips->addStretch(1);
    auto* head = new QHBoxLayout;
    head->setSpacing(Theme::current().spacingSmall);
    head->addWidget(m_name, 1);
    head->addWidget(exportButton, 0, Qt::AlignTop);
    head->addWidget(openButton, 0, Qt::AlignTop);

    auto* totals = new QHBoxLayout;
    totals->addWidget(m_total);
    totals->addStretch(1);
    totals->addWidget(m_totalNote, 0, Qt::AlignBottom);

    auto* page = new ScrollColumn;
    QVBoxLayout* column = page->column();
    column->addLayout(head);
    column->addWidget(m_source);
    column->addLayout(chips);
    column->addLayout(m_warnings);
    column->addSpacing(4);
    column->addWidget(makeLine());
    column->addLayout(totals);
    column->addWidget(m_parts);
    column->addSpacing(4);
    column->addWidget(makeLine());
    column->addWidget(makeLabel(tr("Layers by chunk"), TextRole::Heading));
    column->addWidget(m_chunks);
    column->addSpacing(2);
    column->addWidget(makeLine());
    column->addWidget(makeLabel(tr("Sizes"), TextRole::Heading));
    column->addWidget(m_facts);
    column->addSpacing(2);
    column->addWidget(makeLine());
    column->addWidget(m_verificationFold);
    column->addStretch(1);
    m_pages->addWidget(page);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    connect(builtin, &QPushButton::clicked, this, [this] { load(QStringLiteral("builtin")); });
    connect(pretrained, &QPushButton::clicked, this, &ModelPanel::choosePretrainedRequested);
    connect(run, &QPushButton::clicked, this, &ModelPanel::chooseRunRequested);
    connect(fresh, &QPushButton::clicked, this, &ModelPanel::newFromConfigRequested);
    rebuildMenu();
}

void ModelPanel::showModel(const samba::ModelInfo& info, const std::vector<std::string>& warnings,
                           std::shared_ptr<const samba::VerificationReport> report)
{
    m_verification->setReport(std::move(report));
    m_verificationFold->setSummary(m_verification->summary());
    m_name->setText(toQString(info.name));
    m_name->setToolTip(m_name->text());
    m_source->setText(info.source.empty() ? tr("Freshly initialised, not trained yet")
                                          : QDir::toNativeSeparators(toQString(info.source)));
    m_typeChip->setText(capitalised(info.type));
    m_deviceChip->setText(toQString(info.device).toUpper());
    m_dtypeChip->setText(toQString(info.dtype));
    m_total->setText(formatCount(info.totalParameters));
    m_total->setToolTip(tr("%1 parameters").arg(formatInteger(info.totalParameters)));
    m_totalNote->setText(
        info.trainableParameters == info.totalParameters
            ? tr("parameters")
            : tr("parameters, %1 trainable").arg(formatCount(info.trainableParameters)));

    QVector<BarList::Item> parts;
    for (const samba::ParameterGroup& group : info.groups)
        parts.append(
            {capitalised(group.name), formatCount(group.count), static_cast<double>(group.count)});
    m_parts->setItems(parts);
    m_chunks->setLayers(static_cast<int>(info.layers), static_cast<int>(info.readoutStride));

    m_facts->setFact(tr("Training step"), info.step > 0 ? formatInteger(info.step) : QString());
    m_facts->setFact(tr("Layers"), formatInteger(info.layers));
    m_facts->setFact(tr("Chunks"),
                     info.chunkCount > 0
                         ? tr("%1, every %2 layers").arg(info.chunkCount).arg(info.readoutStride)
                         : QString());
    m_facts->setFact(tr("Width"), sizesText(info),
                     tr("Residual stream and inner width of a layer"));
    const bool isMamba = info.dState > 0;
    m_facts->setFact(tr("SSM state"), isMamba ? tr("%1 per channel").arg(info.dState) : QString());
    m_facts->setFact(tr("Convolution"), isMamba ? tr("%1 wide").arg(info.dConv) : QString());
    m_facts->setFact(tr("Step rank"), isMamba ? formatInteger(info.dtRank) : QString(),
                     tr("Rank of the projection that makes the step sizes"));
    m_facts->setFact(tr("Attention heads"), isMamba ? QString() : formatInteger(info.heads));
    m_facts->setFact(tr("Longest text"),
                     isMamba ? QString() : tr("%1 tokens").arg(formatInteger(info.positions)));
    m_facts->setFact(tr("Readout"),
                     info.hasReadout ? tr("%1 wide").arg(info.readoutHiddenDim) : tr("none"));
    m_facts->setFact(
        tr("Vocabulary"), formatInteger(info.vocabSize),
        info.tokenizerSize > 0
            ? tr("The tokenizer uses %1 of them").arg(formatInteger(info.tokenizerSize))
            : tr("Without a tokenizer"));
    m_facts->setFact(tr("Weights"), formatBytes(static_cast<double>(info.weightBytes)),
                     tr("As held in memory"));
    m_facts->setFact(tr("Decoding state"), formatBytes(static_cast<double>(info.stateBytes)),
                     isMamba ? tr("Of one sequence, whatever its length")
                             : tr("Of one sequence of the longest text"));

    while (QLayoutItem* item = m_warnings->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const std::string& warning : warnings) {
        QFrame* card = makeCard("warning");
        card->setObjectName(QStringLiteral("modelWarning"));
        auto* cardLayout = new QVBoxLayout(card);
        cardLayout->setContentsMargins(10, 6, 10, 6);
        cardLayout->addWidget(makeWrappedLabel(toQString(warning), TextRole::Small));
        m_warnings->addWidget(card);
    }
    m_pages->setCurrentIndex(kModelPage);
}

void ModelPanel::setLoading(bool isLoading, const QString& detail)
{
    m_loading->setText(detail);
    if (isLoading && m_pages->currentIndex() == kEmptyPage)
        m_pages->setCurrentIndex(kLoadingPage);
    else if (!isLoading && m_pages->currentIndex() == kLoadingPage)
        m_pages->setCurrentIndex(kEmptyPage);
}

void ModelPanel::setRecent(const QStringList& folders)
{
    m_recent = folders;
    rebuildMenu();
}

void ModelPanel::rebuildMenu()
{
    m_openMenu->clear();
    const auto add = [this](const QString& name, const QString& icon, const QString& text) {
        QAction* action = m_openMenu->addAction(themedIcon(icon), text);
        action->setObjectName(name);
        return action;
    };
    connect(
        add(QStringLiteral("modelMenuBuiltin"), QStringLiteral("sparkle"), tr("Built-in example")),
        &QAction::triggered, this, [this] { load(QStringLiteral("builtin")); });
    connect(add(QStringLiteral("modelMenuPretrained"), QStringLiteral("model"),
                tr("Pretrained model…")),
            &QAction::triggered, this, &ModelPanel::choosePretrainedRequested);
    connect(add(QStringLiteral("modelMenuRun"), QStringLiteral("runs"), tr("Run…")),
            &QAction::triggered, this, &ModelPanel::chooseRunRequested);
    connect(add(QStringLiteral("modelMenuFolder"), QStringLiteral("folder"), tr("Model folder…")),
            &QAction::triggered, this, &ModelPanel::chooseFolderRequested);
    connect(
        add(QStringLiteral("modelMenuNew"), QStringLiteral("new"), tr("New from configuration")),
        &QAction::triggered, this, &ModelPanel::newFromConfigRequested);
    if (m_recent.isEmpty())
        return;
    m_openMenu->addSeparator();
    for (const QString& folder : std::as_const(m_recent)) {
        QAction* action = m_openMenu->addAction(QDir(folder).dirName());
        action->setToolTip(folder);
        connect(action, &QAction::triggered, this, [this, folder] { load(folder); });
    }
}

void ModelPanel::load(const QString& source)
{
    Q_EMIT commandRequested(samba::LoadModel{source.toStdString()});
}

} // namespace samba::ui
