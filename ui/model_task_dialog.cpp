#include "ui/model_task_dialog.h"

#include "ui/theme.h"
#include "ui/user_prompts.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/transfer.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace samba::ui {

namespace {

constexpr int kWidth = 580;

} // namespace

ModelTaskDialog::ModelTaskDialog(UserPrompts& prompts, samba::EngineState working,
                                 const Texts& texts, QWidget* parent)
    : QDialog(parent),
      m_prompts(prompts),
      m_prefix(texts.prefix),
      m_working(working),
      m_canCancel(texts.canCancel),
      m_form(new QFormLayout),
      m_problem(makeCard("danger")),
      m_problemText(makeWrappedLabel({}, TextRole::Small)),
      m_result(makeCard("well")),
      m_resultText(makeWrappedLabel({}, TextRole::Small)),
      m_progressRow(new QWidget),
      m_bar(new QProgressBar),
      m_progressText(makeLabel({}, TextRole::Small, Tone::Muted)),
      m_cancel(makeButton(named("Cancel"), tr("Cancel"))),
      m_start(makePrimaryButton(named("Start"), texts.start))
{
    setObjectName(named("Dialog"));
    setWindowTitle(texts.title);
    m_problem->setObjectName(named("Problem"));
    m_problemText->setObjectName(named("ProblemText"));
    m_result->setObjectName(named("Result"));
    m_resultText->setObjectName(named("ResultText"));
    m_resultText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progressText->setObjectName(named("Progress"));
    m_bar->setTextVisible(false);

    const Theme& theme = Theme::current();
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->setHorizontalSpacing(theme.spacingLarge);
    m_form->setVerticalSpacing(theme.spacing);
    m_form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);

    auto* problemLayout = new QVBoxLayout(m_problem);
    problemLayout->setContentsMargins(10, 6, 10, 6);
    problemLayout->addWidget(m_problemText);
    QPushButton* show = makeButton(named("Show"), tr("Show in file manager"));
    auto* resultLayout = new QVBoxLayout(m_result);
    resultLayout->setContentsMargins(10, 6, 10, 6);
    resultLayout->addWidget(m_resultText);
    resultLayout->addWidget(show, 0, Qt::AlignLeft);

    auto* progressLayout = new QHBoxLayout(m_progressRow);
    progressLayout->setContentsMargins(0, 0, 0, 0);
    progressLayout->addWidget(m_bar, 1);
    progressLayout->addWidget(m_progressText);
    progressLayout->addWidget(m_cancel);
    m_cancel->setVisible(m_canCancel);

    QPushButton* close = makeButton(named("Close"), tr("Close"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(m_start);
    m_start->setDefault(true);
    close->setAutoDefault(false);

    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(theme.spacingLarge);
    layout->addWidget(makeWrappedLabel(texts.introduction, TextRole::Body, Tone::Muted));
    layout->addLayout(m_form);
    layout->addWidget(m_problem);
    layout->addWidget(m_result);
    layout->addWidget(m_progressRow);
    layout->addStretch(1);
    layout->addLayout(buttons);
    m_problem->hide();
    m_result->hide();
    m_progressRow->hide();
    resize(kWidth, 0);
    m_start->setFocus();

    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_start, &QPushButton::clicked, this, &ModelTaskDialog::start);
    connect(m_cancel, &QPushButton::clicked, this,
            [this] { Q_EMIT commandRequested(samba::StopTraining{}); });
    connect(show, &QPushButton::clicked, this,
            [this] { Q_EMIT showInFileManagerRequested(m_resultPath); });
}

QLineEdit* ModelTaskDialog::addPathRow(const char* name, const QString& label,
                                       std::function<QString(const QString&)> choose)
{
    auto* line = new QLineEdit;
    line->setObjectName(named(name));
    line->setAccessibleName(label);
    QPushButton* button =
        makeButton(named(name) + QStringLiteral("Choose"), tr("Choose…"), QStringLiteral("folder"));
    button->setAutoDefault(false);
    auto* row = new QHBoxLayout;
    row->setSpacing(Theme::current().spacing);
    row->addWidget(line, 1);
    row->addWidget(button);
    m_form->addRow(label, row);
    connect(line, &QLineEdit::textChanged, this, &ModelTaskDialog::updateState);
    connect(button, &QPushButton::clicked, this, [line, choose = std::move(choose)] {
        const QString chosen = choose(line->text());
        if (!chosen.isEmpty())
            line->setText(chosen);
    });
    return line;
}

void ModelTaskDialog::setModel(const samba::ModelInfo& info)
{
    m_model = info;
    takeModel();
    updateState();
}

void ModelTaskDialog::setState(samba::EngineState state)
{
    m_state = state;
    if (m_isAwaiting && state == m_working && !m_hasBegun) {
        m_hasBegun = true;
        m_bar->setRange(0, 0);
        m_progressText->clear();
    } else if (m_isAwaiting && m_hasBegun && state == samba::EngineState::Idle) {
        // It has ended without an answer and without an error.
        endWaiting();
        showProblem(tr("Cancelled; nothing was written."));
    }
    updateState();
}

void ModelTaskDialog::setProgress(const samba::Progress& progress)
{
    if (m_hasBegun)
        showTransfer(progress, *m_bar, *m_progressText);
}

void ModelTaskDialog::noteCommand(samba::CommandId id)
{
    m_awaited = id;
    if (id == 0)
        endWaiting();
    updateState();
}

void ModelTaskDialog::fail(samba::CommandId id, const QString& sentence, const QString& remedy)
{
    if (takeAnswer(id))
        showProblem(sentence, remedy);
}

bool ModelTaskDialog::takeAnswer(samba::CommandId id)
{
    if (!m_isAwaiting || id == 0 || id != m_awaited)
        return false;
    endWaiting();
    updateState();
    return true;
}

void ModelTaskDialog::endWaiting()
{
    m_isAwaiting = false;
    m_hasBegun = false;
    m_awaited = 0;
}

void ModelTaskDialog::showProblem(const QString& sentence, const QString& remedy)
{
    m_problemText->setText(remedy.isEmpty() ? sentence : sentence + u' ' + remedy);
    m_result->hide();
    m_problem->show();
    fitHeight();
}

void ModelTaskDialog::showResult(const QString& text, const QString& path)
{
    m_resultText->setText(text);
    m_resultPath = path;
    m_problem->hide();
    m_result->show();
    fitHeight();
}

void ModelTaskDialog::fitHeight()
{
    layout()->activate();
    setMinimumHeight(layout()->totalHeightForWidth(width()));
}

void ModelTaskDialog::resizeEvent(QResizeEvent* event)
{
    QDialog::resizeEvent(event);
    fitHeight();
}

void ModelTaskDialog::showEvent(QShowEvent* event)
{
    QDialog::showEvent(event);
    fitHeight();
}

void ModelTaskDialog::start()
{
    m_problem->hide();
    m_result->hide();
    const std::optional<samba::CommandBody> wanted = command();
    if (!wanted)
        return;
    m_isAwaiting = true;
    m_hasBegun = false;
    updateState();
    Q_EMIT commandRequested(*wanted);
}

void ModelTaskDialog::updateState()
{
    const bool isIdle = m_state == samba::EngineState::Idle;
    m_start->setEnabled(m_model.has_value() && isIdle && !m_isAwaiting && isComplete());
    m_start->setToolTip(isIdle || m_isAwaiting ? QString() : tr("The engine is busy."));
    m_progressRow->setVisible(m_isAwaiting && m_hasBegun);
    fitHeight();
}

} // namespace samba::ui
