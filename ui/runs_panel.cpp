#include "ui/runs_panel.h"

#include "ui/format.h"
#include "ui/icons.h"
#include "ui/runs_model.h"
#include "ui/theme.h"
#include "ui/user_prompts.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace samba::ui {

namespace {

enum Page { kEmptyPage, kListPage };

constexpr int kRowPadding = 8;
constexpr int kLineGap = 3;

QColor stateColor(samba::RunState state)
{
    const Theme& theme = Theme::current();
    switch (state) {
    case samba::RunState::Running:
        return theme.accent;
    case samba::RunState::Finished:
        return theme.success;
    case samba::RunState::Failed:
        return theme.danger;
    case samba::RunState::Interrupted:
        return theme.warning;
    case samba::RunState::Stopped:
    case samba::RunState::Imported:
        return theme.mutedText;
    }
    return theme.mutedText;
}

/// One run on two lines: name and state, then how far, how good and when.
class RunDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const Theme& theme = Theme::current();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect row = option.rect.adjusted(1, 1, -1, -1);
        const bool isSelected = option.state.testFlag(QStyle::State_Selected);
        if (isSelected || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(isSelected ? theme.accentSoft : theme.hover);
            painter->drawRoundedRect(row, theme.radius, theme.radius);
        }
        QRect text = row.adjusted(kRowPadding + 2, kRowPadding, -kRowPadding - 2, -kRowPadding);

        const auto state = static_cast<samba::RunState>(index.data(RunsModel::StateRole).toInt());
        painter->setFont(themedFont(TextRole::Small));
        const QString stateText = QLatin1String(samba::runStateName(state));
        const int stateWidth = painter->fontMetrics().horizontalAdvance(stateText) + 12;
        painter->setFont(themedFont(TextRole::Heading));
        const int nameHeight = painter->fontMetrics().height();
        const QRect nameRow(text.left(), text.top(), text.width(), nameHeight);
        painter->setPen(theme.text);
        painter->drawText(nameRow.adjusted(0, 0, -stateWidth - 6, 0), Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(),
                                                            Qt::ElideMiddle,
                                                            nameRow.width() - stateWidth - 6));
        painter->setFont(themedFont(TextRole::Small));
        painter->setPen(Qt::NoPen);
        painter->setBrush(stateColor(state));
        painter->drawEllipse(QPointF(nameRow.right() - stateWidth + 5, nameRow.center().y() + 1), 3,
                             3);
        painter->setPen(stateColor(state));
        painter->drawText(nameRow, Qt::AlignRight | Qt::AlignVCenter, stateText);

        const QRect factRow(text.left(), text.top() + nameHeight + kLineGap, text.width(),
                            painter->fontMetrics().height());
        painter->setPen(theme.mutedText);
        const QString date = index.data(RunsModel::DateRole).toString();
        const int dateWidth = painter->fontMetrics().horizontalAdvance(date) + 8;
        painter->drawText(factRow, Qt::AlignRight | Qt::AlignVCenter, date);
        painter->drawText(
            factRow, Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(index.data(RunsModel::FactsRole).toString(),
                                              Qt::ElideRight, factRow.width() - dateWidth));
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {160, QFontMetrics(themedFont(TextRole::Heading)).height() + kLineGap +
                         QFontMetrics(themedFont(TextRole::Small)).height() + 2 * kRowPadding + 2};
    }
};

} // namespace

RunsPanel::RunsPanel(UserPrompts& prompts, QWidget* parent)
    : QWidget(parent),
      m_prompts(prompts),
      m_model(new RunsModel(this)),
      m_pages(new QStackedWidget),
      m_view(new QListView),
      m_folderLabel(makeLabel({}, TextRole::Small, Tone::Muted)),
      m_order(new QComboBox),
      m_open(makePrimaryButton(QStringLiteral("runsOpen"), tr("Open"))),
      m_resume(makeButton(QStringLiteral("runsResume"), tr("Resume"))),
      m_load(makeButton(QStringLiteral("runsLoadModel"), tr("Load"))),
      m_more(makeButton(QStringLiteral("runsMore"), {}, QStringLiteral("more"))),
      m_moreMenu(new QMenu(this))
{
    setObjectName(QStringLiteral("runsPanel"));
    m_folderLabel->setObjectName(QStringLiteral("runsFolder"));
    m_folderLabel->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_order->setObjectName(QStringLiteral("runsOrder"));
    m_order->setAccessibleName(tr("Order of the runs"));
    m_order->addItems({tr("Newest first"), tr("Best loss first"), tr("By name")});
    m_view->setObjectName(QStringLiteral("runsView"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new RunDelegate(m_view));
    m_view->setUniformItemSizes(true);
    m_view->setMouseTracking(true);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_open->setToolTip(tr("Show the run's plots, samples and activations"));
    m_resume->setToolTip(tr("Go on training from the newest checkpoint"));
    m_load->setToolTip(tr("Take the run's model to chat with and to inspect"));
    m_more->setToolTip(tr("More"));
    m_more->setAccessibleName(tr("More"));
    m_more->setMenu(m_moreMenu);
    m_moreMenu->setObjectName(QStringLiteral("runsMoreMenu"));

    auto* folderButton = makeIconButton(QStringLiteral("runsChooseFolder"),
                                        QStringLiteral("folder"), tr("Choose the output folder"));
    auto* refreshButton = makeIconButton(QStringLiteral("runsRefresh"), QStringLiteral("refresh"),
                                         tr("Read the folder again"));
    auto* bar = new QHBoxLayout;
    bar->setSpacing(4);
    bar->addWidget(m_order, 1);
    bar->addWidget(folderButton);
    bar->addWidget(refreshButton);

    auto* empty = new EmptyState(QStringLiteral("runs"), tr("No runs in this folder"),
                                 tr("Runs appear here, and TensorBoard logs of other programs."));
    QPushButton* start = empty->addButton(QStringLiteral("runsEmptyStart"), tr("Start training"),
                                          QStringLiteral("play"));
    QPushButton* other = empty->addButton(QStringLiteral("runsEmptyFolder"),
                                          tr("Choose another folder…"), QStringLiteral("folder"));
    m_pages->addWidget(empty);
    m_pages->addWidget(m_view);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::current().spacing - 2);
    buttons->addWidget(m_open, 1);
    buttons->addWidget(m_load, 1);
    buttons->addWidget(m_resume, 1);
    buttons->addWidget(m_more);
    auto* layout = new QVBoxLayout(this);
    const int margin = Theme::current().panelMargin;
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->setSpacing(Theme::current().spacing);
    layout->addLayout(bar);
    layout->addWidget(m_folderLabel);
    layout->addWidget(m_pages, 1);
    layout->addLayout(buttons);

    const auto addAction = [this](const char* name, const char* icon, const QString& text) {
        QAction* action = m_moreMenu->addAction(themedIcon(QLatin1String(icon)), text);
        action->setObjectName(QLatin1String(name));
        return action;
    };
    connect(addAction("runsShowInFileManager", "folder", tr("Show in file manager")),
            &QAction::triggered, this,
            [this] { Q_EMIT showInFileManagerRequested(selectedRun()); });
    connect(addAction("runsExportCsv", "export", tr("Export metrics as CSV…")), &QAction::triggered,
            this, [this] { exportSelected(ExportFormat::Csv); });
    connect(addAction("runsExportJson", "export", tr("Export metrics as JSON…")),
            &QAction::triggered, this, [this] { exportSelected(ExportFormat::Json); });

    connect(m_order, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_model->setOrder(static_cast<RunsModel::Order>(index));
        updateState();
    });
    connect(folderButton, &QToolButton::clicked, this, &RunsPanel::chooseFolder);
    connect(other, &QPushButton::clicked, this, &RunsPanel::chooseFolder);
    connect(refreshButton, &QToolButton::clicked, this, &RunsPanel::refresh);
    connect(start, &QPushButton::clicked, this, &RunsPanel::startTrainingRequested);
    connect(m_view, &QListView::activated, this, &RunsPanel::openSelected);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RunsPanel::updateState);
    connect(m_view, &QListView::customContextMenuRequested, this, [this](const QPoint& place) {
        if (m_view->indexAt(place).isValid())
            m_moreMenu->popup(m_view->viewport()->mapToGlobal(place));
    });
    connect(m_open, &QPushButton::clicked, this, &RunsPanel::openSelected);
    connect(m_resume, &QPushButton::clicked, this, [this] {
        Q_EMIT commandRequested(samba::ResumeTraining{selectedRun().toStdString()});
    });
    connect(m_load, &QPushButton::clicked, this,
            [this] { Q_EMIT commandRequested(samba::LoadModel{selectedRun().toStdString()}); });
    updateState();
}

void RunsPanel::setFolder(const QString& folder)
{
    m_folder = folder;
    m_folderLabel->setText(QDir::toNativeSeparators(folder));
    m_folderLabel->setToolTip(folder);
    refresh();
}

void RunsPanel::refresh()
{
    if (!m_folder.isEmpty())
        Q_EMIT listRequested(m_folder);
}

void RunsPanel::showRuns(const QString& folder, std::vector<samba::RunSummary> runs)
{
    if (folder != m_folder)
        return;
    const QString selected = selectedRun();
    m_model->setRuns(std::move(runs));
    if (const int row = m_model->rowOf(selected); row >= 0)
        m_view->setCurrentIndex(m_model->index(row));
    updateState();
}

void RunsPanel::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    updateState();
}

QString RunsPanel::selectedRun() const
{
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    return rows.isEmpty() ? QString() : rows.front().data(RunsModel::PathRole).toString();
}

void RunsPanel::chooseFolder()
{
    const QString folder = m_prompts.chooseFolder(this, tr("Folder that holds the runs"), m_folder);
    if (!folder.isEmpty())
        setFolder(folder);
}

void RunsPanel::openSelected()
{
    const QString run = selectedRun();
    if (!run.isEmpty())
        Q_EMIT openRequested(run);
}

void RunsPanel::exportSelected(ExportFormat format)
{
    const QString run = selectedRun();
    if (run.isEmpty())
        return;
    const QString ending =
        format == ExportFormat::Csv ? QStringLiteral("csv") : QStringLiteral("json");
    const QString file = m_prompts.chooseFileToSave(
        this, tr("Export the metrics"), QDir::home().filePath(QDir(run).dirName() + u'.' + ending),
        QStringLiteral("%1 (*.%2)").arg(ending.toUpper(), ending));
    if (!file.isEmpty())
        Q_EMIT exportRequested(run, file, format);
}

void RunsPanel::updateState()
{
    const bool isEmpty = m_model->rowCount() == 0;
    m_pages->setCurrentIndex(isEmpty ? kEmptyPage : kListPage);
    // Nothing to act on: the empty view has its own buttons and needs the room.
    for (QPushButton* button : {m_open, m_load, m_resume, m_more})
        button->setVisible(!isEmpty);
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    const bool isAnySelected = !rows.isEmpty();
    const auto isInState = [&](samba::RunState state) {
        return isAnySelected && m_model->run(rows.front().row()).state == state;
    };
    const bool isImported = isInState(samba::RunState::Imported);
    m_open->setEnabled(isAnySelected);
    m_load->setEnabled(isAnySelected && !m_isBusy && !isImported);
    m_resume->setEnabled(isAnySelected && !m_isBusy && !isImported &&
                         !isInState(samba::RunState::Running) &&
                         !isInState(samba::RunState::Finished));
    m_more->setEnabled(isAnySelected);
}

} // namespace samba::ui
