#include "ui/chat_panel.h"

#include "ui/chat_turn.h"
#include "ui/format.h"
#include "ui/sampling_controls.h"
#include "ui/theme.h"
#include "ui/widgets/disclosure.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/scroll_column.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace samba::ui {

namespace {

enum Page { kNoModelPage, kNoTurnsPage, kTurnsPage };

constexpr int kMaxTurns = 100;
constexpr int kPromptHeight = 76;
constexpr int kEndMargin = 4; ///< pixels that still count as the end

} // namespace

ChatPanel::ChatPanel(QWidget* parent)
    : QWidget(parent),
      m_pages(new QStackedWidget),
      m_noModel(new EmptyState(QStringLiteral("chat"), tr("No model to write with"),
                               tr("Open one, and it continues whatever you begin."))),
      m_noTurns(new EmptyState(QStringLiteral("chat"), tr("Begin a text"),
                               tr("The model continues it. Write below, or take one of these:"))),
      m_examples(new QVBoxLayout),
      m_turns(new ScrollColumn),
      m_prompt(new QPlainTextEdit),
      m_generate(makePrimaryButton(QStringLiteral("chatGenerate"), tr("Generate"),
                                   QStringLiteral("send"))),
      m_stop(makeButton(QStringLiteral("chatStop"), tr("Stop"), QStringLiteral("stop"))),
      m_regenerate(
          makeButton(QStringLiteral("chatRegenerate"), tr("Again"), QStringLiteral("refresh"))),
      m_notice(makeWrappedLabel({}, TextRole::Small, Tone::Muted)),
      m_sampling(nullptr),
      m_controls(new SamplingControls)
{
    setObjectName(QStringLiteral("chatPanel"));
    QPushButton* open =
        m_noModel->addButton(QStringLiteral("chatOpenModel"), tr("Open the built-in example"),
                             QStringLiteral("sparkle"));
    auto* examples = new QWidget;
    examples->setLayout(m_examples);
    m_examples->setContentsMargins(0, 0, 0, 0);
    m_examples->setSpacing(Theme::current().spacingSmall + 2);
    m_noTurns->addWidget(examples);
    m_turns->setObjectName(QStringLiteral("chatHistory"));
    m_turns->column()->addStretch(1);
    m_turns->column()->setSpacing(Theme::current().spacing + 2);
    m_pages->addWidget(m_noModel);
    m_pages->addWidget(m_noTurns);
    m_pages->addWidget(m_turns);

    m_prompt->setObjectName(QStringLiteral("chatPrompt"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setPlaceholderText(tr("Begin a text for the model to continue…"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->setFixedHeight(kPromptHeight);
    setFocusProxy(m_prompt);
    m_notice->setObjectName(QStringLiteral("chatNotice"));
    m_stop->setToolTip(tr("End the generation (Esc)"));
    m_regenerate->setToolTip(tr("Continue the last prompt once more"));
    m_sampling = new Disclosure(tr("Sampling"), m_controls);
    m_sampling->button()->setObjectName(QStringLiteral("chatSampling"));

    QToolButton* copyButton = makeIconButton(QStringLiteral("chatCopy"), QStringLiteral("copy"),
                                             tr("Copy the whole history"));
    QToolButton* clearButton = makeIconButton(QStringLiteral("chatClear"), QStringLiteral("clear"),
                                              tr("Clear the history"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::current().spacing - 2);
    buttons->addWidget(m_generate);
    buttons->addWidget(m_stop);
    buttons->addWidget(m_regenerate);
    buttons->addStretch(1);
    buttons->addWidget(copyButton);
    buttons->addWidget(clearButton);

    auto* foot = new QVBoxLayout;
    const int margin = Theme::current().panelMargin;
    foot->setContentsMargins(margin, 6, margin, margin);
    foot->setSpacing(Theme::current().spacing);
    foot->addWidget(m_notice);
    foot->addWidget(m_sampling);
    foot->addWidget(m_prompt);
    foot->addLayout(buttons);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_pages, 1);
    layout->addWidget(makeLine());
    layout->addLayout(foot);

    connect(open, &QPushButton::clicked, this, &ChatPanel::openModelRequested);
    connect(m_generate, &QPushButton::clicked, this, &ChatPanel::generate);
    connect(m_stop, &QPushButton::clicked, this, &ChatPanel::stop);
    connect(m_regenerate, &QPushButton::clicked, this, &ChatPanel::regenerate);
    connect(copyButton, &QToolButton::clicked, this, &ChatPanel::copyAll);
    connect(clearButton, &QToolButton::clicked, this, &ChatPanel::clear);
    connect(m_prompt, &QPlainTextEdit::textChanged, this, &ChatPanel::updateState);
    connect(m_controls, &SamplingControls::changed, this,
            [this] { m_sampling->setSummary(m_controls->summary()); });
    m_sampling->setSummary(m_controls->summary());
    // The history follows its end while text streams in, until the person scrolls up.
    const QScrollBar* bar = m_turns->verticalScrollBar();
    connect(bar, &QScrollBar::rangeChanged, this, [this](int, int maximum) {
        if (m_isFollowing)
            m_turns->verticalScrollBar()->setValue(maximum);
    });
    connect(bar, &QScrollBar::valueChanged, this,
            [this, bar](int value) { m_isFollowing = value >= bar->maximum() - kEndMargin; });
    setExamples({tr("Once upon a time there was"), tr("One rainy morning, a little fox"),
                 tr("“Where is my red kite?” asked")});
    updateState();
}

void ChatPanel::setModel(const samba::ModelInfo* model)
{
    m_hasModel = model != nullptr;
    m_controls->setReadoutAvailable(model != nullptr && model->hasReadout);
    updateState();
}

void ChatPanel::setState(samba::EngineState state)
{
    m_state = state;
    updateState();
}

void ChatPanel::setExamples(const QStringList& prompts)
{
    while (QLayoutItem* item = m_examples->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (qsizetype index = 0; index < prompts.size(); ++index) {
        const QString& prompt = prompts[index];
        QPushButton* button = makeButton(QStringLiteral("chatExample%1").arg(index), prompt + u'…');
        connect(button, &QPushButton::clicked, this, [this, prompt] {
            m_prompt->setPlainText(prompt);
            generate();
        });
        m_examples->addWidget(button);
    }
}

void ChatPanel::generate()
{
    const QString prompt = m_prompt->toPlainText();
    if (isGenerating() || !m_hasModel || prompt.isEmpty())
        return;
    begin(prompt);
}

void ChatPanel::regenerate()
{
    if (isGenerating() || !m_hasModel || m_last == nullptr)
        return;
    begin(m_last->prompt());
}

void ChatPanel::begin(const QString& prompt)
{
    auto* turn = new ChatTurn(prompt);
    connect(turn, &ChatTurn::regenerateRequested, this, [this, turn] {
        if (!isGenerating() && m_hasModel)
            begin(turn->prompt());
    });
    QVBoxLayout* column = m_turns->column();
    column->insertWidget(column->count() - 1, turn);
    if (column->count() - 1 > kMaxTurns) {
        QLayoutItem* oldest = column->takeAt(0);
        delete oldest->widget();
        delete oldest;
    }
    m_current = turn;
    m_last = turn;
    m_generationId = 0;
    updateState();
    m_isFollowing = true;
    Q_EMIT commandRequested(samba::Generate{prompt.toStdString(), m_controls->options()});
}

void ChatPanel::noteGeneration(samba::CommandId id)
{
    m_generationId = id;
    if (id == 0 && m_current != nullptr) {
        m_current->fail(tr("The engine could not take the request. Try again in a moment."));
        endCurrent();
    }
}

void ChatPanel::append(const samba::GenerationText& text)
{
    if (m_current == nullptr || text.id != m_generationId)
        return;
    m_current->append(text);
}

void ChatPanel::finish(const samba::GenerationFinished& result)
{
    if (m_current == nullptr || result.id != m_generationId)
        return;
    m_current->finish(result);
    endCurrent();
}

void ChatPanel::fail(samba::CommandId id, const QString& reason)
{
    if (m_current == nullptr || id == 0 || id != m_generationId)
        return;
    m_current->fail(reason);
    endCurrent();
}

void ChatPanel::endCurrent()
{
    m_current = nullptr;
    m_generationId = 0;
    updateState();
}

void ChatPanel::stop()
{
    if (isGenerating())
        Q_EMIT commandRequested(samba::CancelGeneration{});
}

void ChatPanel::clear()
{
    if (isGenerating())
        stop();
    m_current = nullptr;
    m_last = nullptr;
    m_generationId = 0;
    QVBoxLayout* column = m_turns->column();
    while (column->count() > 1) {
        QLayoutItem* item = column->takeAt(0);
        item->widget()->deleteLater();
        item->widget()->hide();
        delete item;
    }
    updateState();
}

void ChatPanel::copyAll()
{
    QStringList turns;
    for (const ChatTurn* turn : m_turns->findChildren<ChatTurn*>())
        turns.append(turn->prompt() + turn->generated());
    QGuiApplication::clipboard()->setText(turns.join(QStringLiteral("\n\n")));
}

QVariantMap ChatPanel::saveState() const
{
    const samba::SamplingOptions now = m_controls->options();
    return {{QStringLiteral("temperature"), now.temperature},
            {QStringLiteral("topK"), static_cast<qlonglong>(now.topK)},
            {QStringLiteral("topP"), now.topP},
            {QStringLiteral("repetitionPenalty"), now.repetitionPenalty},
            {QStringLiteral("maxNewTokens"), static_cast<qlonglong>(now.maxNewTokens)},
            {QStringLiteral("seed"), static_cast<qlonglong>(now.seed)},
            {QStringLiteral("samplingOpen"), m_sampling->isOpen()}};
}

void ChatPanel::restoreState(const QVariantMap& state)
{
    samba::SamplingOptions options = m_controls->options();
    options.temperature =
        state.value(QStringLiteral("temperature"), options.temperature).toDouble();
    options.topK =
        state.value(QStringLiteral("topK"), static_cast<qlonglong>(options.topK)).toLongLong();
    options.topP = state.value(QStringLiteral("topP"), options.topP).toDouble();
    options.repetitionPenalty =
        state.value(QStringLiteral("repetitionPenalty"), options.repetitionPenalty).toDouble();
    options.maxNewTokens =
        state.value(QStringLiteral("maxNewTokens"), static_cast<qlonglong>(options.maxNewTokens))
            .toLongLong();
    options.seed =
        state.value(QStringLiteral("seed"), static_cast<qlonglong>(options.seed)).toLongLong();
    m_controls->setOptions(options);
    m_sampling->setOpen(state.value(QStringLiteral("samplingOpen"), false).toBool());
}

void ChatPanel::updateState()
{
    m_generate->setVisible(!isGenerating());
    m_stop->setVisible(isGenerating());
    const bool hasPrompt = !m_prompt->document()->isEmpty();
    m_generate->setEnabled(m_hasModel && hasPrompt);
    m_generate->setToolTip(!m_hasModel  ? tr("Open a model first")
                           : !hasPrompt ? tr("Begin a text first")
                                        : tr("Continue the text (Ctrl+Enter)"));
    m_regenerate->setEnabled(m_hasModel && m_last != nullptr && !isGenerating());
    const bool isTraining = m_state == samba::EngineState::Training;
    m_notice->setVisible(isTraining);
    m_notice->setText(tr("A run is in progress: text is generated between its steps, from the "
                         "weights of the moment."));
    if (m_turns->column()->count() > 1)
        m_pages->setCurrentIndex(kTurnsPage);
    else
        m_pages->setCurrentIndex(m_hasModel ? kNoTurnsPage : kNoModelPage);
}

} // namespace samba::ui
