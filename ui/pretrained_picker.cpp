#include "ui/pretrained_picker.h"

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/transfer.h"

#include <QDir>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

#include <unistd.h>

namespace samba::ui {

namespace {

enum Column { kNameColumn, kParametersColumn, kMemoryColumn, kPlaceColumn, kColumnCount };

constexpr int kSourceRole = Qt::UserRole;
constexpr QSize kFirstSize{680, 560};

/// Main memory of this machine, 0 if the system does not tell.
double machineMemory()
{
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long pageSize = sysconf(_SC_PAGESIZE);
    return pages > 0 && pageSize > 0 ? static_cast<double>(pages) * static_cast<double>(pageSize)
                                     : 0;
}

} // namespace

PretrainedPicker::PretrainedPicker(QWidget* parent)
    : QDialog(parent),
      m_list(new QTreeWidget),
      m_description(makeWrappedLabel({}, TextRole::Body)),
      m_problem(makeCard("danger")),
      m_problemText(makeWrappedLabel({}, TextRole::Small)),
      m_progressRow(new QWidget),
      m_bar(new QProgressBar),
      m_progressText(makeLabel({}, TextRole::Small, Tone::Muted)),
      m_cancel(makeButton(QStringLiteral("pretrainedCancel"), tr("Cancel"))),
      m_open(makePrimaryButton(QStringLiteral("pretrainedOpen"), tr("Open")))
{
    setObjectName(QStringLiteral("pretrainedPicker"));
    setWindowTitle(tr("Pretrained models"));
    m_list->setObjectName(QStringLiteral("pretrainedList"));
    m_list->setAccessibleName(tr("Pretrained models"));
    m_list->setColumnCount(kColumnCount);
    m_list->setHeaderLabels({tr("Model"), tr("Parameters"), tr("Memory"), tr("On this machine")});
    m_list->headerItem()->setToolTip(kMemoryColumn, tr("Of the weights, in float32"));
    m_list->header()->setSectionsMovable(false);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_list->header()->setSectionResizeMode(kNameColumn, QHeaderView::Stretch);
    m_list->setRootIsDecorated(false);
    m_list->setItemsExpandable(false);
    m_list->setUniformRowHeights(true);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_description->setObjectName(QStringLiteral("pretrainedDescription"));
    m_problem->setObjectName(QStringLiteral("pretrainedProblem"));
    m_problem->hide();
    m_progressText->setObjectName(QStringLiteral("pretrainedProgress"));
    m_bar->setTextVisible(false);

    auto* problemLayout = new QVBoxLayout(m_problem);
    problemLayout->setContentsMargins(10, 6, 10, 6);
    problemLayout->addWidget(m_problemText);

    auto* progressLayout = new QHBoxLayout(m_progressRow);
    progressLayout->setContentsMargins(0, 0, 0, 0);
    progressLayout->addWidget(m_bar, 1);
    progressLayout->addWidget(m_progressText);
    progressLayout->addWidget(m_cancel);

    QPushButton* folder =
        makeButton(QStringLiteral("pretrainedFolder"), tr("Folder…"), QStringLiteral("folder"));
    QPushButton* close = makeButton(QStringLiteral("pretrainedClose"), tr("Close"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(folder);
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(m_open);
    m_open->setDefault(true);

    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(Theme::current().spacing);
    layout->addWidget(makeWrappedLabel(
        tr("Base models that continue a text, as their authors published them. What is downloaded "
           "lies in the cache that Python's libraries use too, and is used from there."),
        TextRole::Body, Tone::Muted));
    layout->addWidget(m_list, 1);
    layout->addWidget(m_description);
    layout->addWidget(m_problem);
    layout->addWidget(m_progressRow);
    layout->addLayout(buttons);
    resize(kFirstSize);

    connect(folder, &QPushButton::clicked, this, [this] {
        accept();
        Q_EMIT chooseFolderRequested();
    });
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_open, &QPushButton::clicked, this, &PretrainedPicker::openSelected);
    connect(m_cancel, &QPushButton::clicked, this,
            [this] { Q_EMIT commandRequested(samba::StopTraining{}); });
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, &PretrainedPicker::updateState);
    connect(m_list, &QTreeWidget::itemActivated, this, &PretrainedPicker::openSelected);
    rebuild();
}

void PretrainedPicker::showEvent(QShowEvent* event)
{
    QDialog::showEvent(event);
    m_problem->hide();
    Q_EMIT commandRequested(samba::ListPretrained{});
}

void PretrainedPicker::setRecent(const QStringList& sources)
{
    m_recent = sources;
    rebuild();
}

void PretrainedPicker::setModels(const std::vector<samba::PretrainedModel>& models)
{
    m_models = models;
    rebuild();
}

void PretrainedPicker::setState(samba::EngineState state)
{
    m_state = state;
    if (state == samba::EngineState::Idle)
        m_isAwaiting = false;
    m_progressText->setText(tr("Opening…"));
    m_bar->setRange(0, 0);
    updateState();
}

void PretrainedPicker::setProgress(const samba::Progress& progress)
{
    if (m_isAwaiting)
        showTransfer(progress, *m_bar, *m_progressText);
}

void PretrainedPicker::finish()
{
    if (m_isAwaiting)
        accept();
    m_isAwaiting = false;
}

void PretrainedPicker::showProblem(const QString& sentence, const QString& remedy)
{
    if (!m_isAwaiting)
        return;
    m_problemText->setText(remedy.isEmpty() ? sentence : sentence + u' ' + remedy);
    m_problem->show();
    m_isAwaiting = false;
    updateState();
}

QTreeWidgetItem* PretrainedPicker::addGroup(const QString& title)
{
    auto* group = new QTreeWidgetItem(m_list, {title});
    group->setFlags(Qt::ItemIsEnabled);
    group->setFont(kNameColumn, themedFont(TextRole::Heading));
    group->setFirstColumnSpanned(true);
    group->setExpanded(true);
    return group;
}

const samba::PretrainedModel* PretrainedPicker::cached(const std::string& name) const
{
    const auto found = std::ranges::find(m_models, name, &samba::PretrainedModel::name);
    return found == m_models.end() || found->folder.empty() ? nullptr : &*found;
}

void PretrainedPicker::addPublished(QTreeWidgetItem& group, const samba::PublishedModel& model)
{
    const samba::ModelInfo info = model.describe();
    const samba::PretrainedModel* here = cached(model.name);
    auto* item = new QTreeWidgetItem(
        &group, {toQString(model.name), formatCount(info.totalParameters),
                 formatBytes(static_cast<double>(info.weightBytes)),
                 here ? formatBytes(static_cast<double>(here->diskBytes)) : tr("not yet")});
    item->setData(kNameColumn, kSourceRole, toQString(model.name));
    for (const int column : {kParametersColumn, kMemoryColumn, kPlaceColumn})
        item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    if (here)
        item->setToolTip(kPlaceColumn, QDir::toNativeSeparators(toQString(here->folder)));
    else
        item->setForeground(kPlaceColumn, Theme::current().mutedText);
}

void PretrainedPicker::addFolder(QTreeWidgetItem& group, const QString& source, int64_t diskBytes)
{
    auto* item = new QTreeWidgetItem(
        &group, {QDir::toNativeSeparators(source),
                 {},
                 {},
                 diskBytes > 0 ? formatBytes(static_cast<double>(diskBytes)) : QString()});
    item->setToolTip(kNameColumn, source);
    item->setData(kNameColumn, kSourceRole, source);
    item->setTextAlignment(kPlaceColumn, Qt::AlignRight | Qt::AlignVCenter);
}

void PretrainedPicker::rebuild()
{
    const QString selected = selectedSource();
    m_list->clear();
    QTreeWidgetItem* published = addGroup(tr("Published"));
    for (const samba::PublishedModel& model : samba::publishedModels())
        addPublished(*published, model);
    QTreeWidgetItem* others = nullptr;
    for (const samba::PretrainedModel& model : m_models)
        if (!samba::findPublishedModel(model.name)) {
            others = others ? others : addGroup(tr("Others in the cache"));
            addFolder(*others, toQString(model.name), model.diskBytes);
        }
    QTreeWidgetItem* recent = nullptr;
    for (const QString& source : std::as_const(m_recent))
        if (!samba::findPublishedModel(source.toStdString())) {
            recent = recent ? recent : addGroup(tr("Opened lately"));
            addFolder(*recent, source, 0);
        }
    for (int i = 0; i < m_list->topLevelItemCount(); ++i)
        for (int j = 0; j < m_list->topLevelItem(i)->childCount(); ++j) {
            QTreeWidgetItem* item = m_list->topLevelItem(i)->child(j);
            const bool isFirst = i == 0 && j == 0;
            if (item->data(kNameColumn, kSourceRole).toString() == selected ||
                (selected.isEmpty() && isFirst))
                m_list->setCurrentItem(item);
        }
    updateState();
}

QString PretrainedPicker::selectedSource() const
{
    const QTreeWidgetItem* item = m_list->currentItem();
    return item ? item->data(kNameColumn, kSourceRole).toString() : QString();
}

QString PretrainedPicker::describeSelected() const
{
    const std::string source = selectedSource().toStdString();
    const samba::PublishedModel* model = samba::findPublishedModel(source);
    if (!model)
        return {};
    const samba::ModelInfo info = model->describe();
    const QString bytes = formatBytes(static_cast<double>(info.weightBytes));
    QStringList sentences{
        tr("%1 layers, %2 wide.").arg(model->layers).arg(formatInteger(model->dModel))};
    if (cached(source) == nullptr)
        // The original files hold two or four bytes a number; which, is known when asked.
        sentences.append(model->tokenizer.empty()
                             ? tr("About %1 to download.").arg(bytes)
                             : tr("At most %1 to download, and the tokenizer %2.")
                                   .arg(bytes, toQString(model->tokenizer)));
    const double memory = machineMemory();
    if (memory > 0 && static_cast<double>(info.weightBytes) > memory)
        sentences.append(
            tr("It takes more memory than this machine has (%1).").arg(formatBytes(memory)));
    return sentences.join(u' ');
}

void PretrainedPicker::updateState()
{
    const QString source = selectedSource();
    const bool isIdle = m_state == samba::EngineState::Idle;
    const bool needsDownload = samba::findPublishedModel(source.toStdString()) != nullptr &&
                               cached(source.toStdString()) == nullptr;
    m_open->setText(needsDownload ? tr("Download and open") : tr("Open"));
    m_open->setEnabled(!source.isEmpty() && isIdle && !m_isAwaiting);
    m_open->setToolTip(isIdle ? QString() : tr("The engine is busy."));
    m_description->setText(describeSelected());
    m_progressRow->setVisible(m_isAwaiting && m_state == samba::EngineState::Loading);
}

void PretrainedPicker::openSelected()
{
    if (!m_open->isEnabled())
        return;
    m_problem->hide();
    m_isAwaiting = true;
    updateState();
    Q_EMIT commandRequested(samba::LoadModel{selectedSource().toStdString()});
}

} // namespace samba::ui
