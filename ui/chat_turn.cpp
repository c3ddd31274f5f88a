#include "ui/chat_turn.h"

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/prompted_text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace samba::ui {

namespace {

QString endText(samba::GenerationEnd reason)
{
    switch (reason) {
    case samba::GenerationEnd::Length:
        return ChatTurn::tr("reached the limit");
    case samba::GenerationEnd::Positions:
        return ChatTurn::tr("the model can read no longer text");
    case samba::GenerationEnd::StopText:
        return ChatTurn::tr("reached a stop text");
    case samba::GenerationEnd::EndOfText:
        return ChatTurn::tr("the text ended");
    case samba::GenerationEnd::Cancelled:
        return ChatTurn::tr("stopped");
    }
    return {};
}

} // namespace

ChatTurn::ChatTurn(const QString& prompt, QWidget* parent)
    : QFrame(parent),
      m_text(new PromptedText),
      m_note(makeWrappedLabel(tr("Reading the prompt…"), TextRole::Small, Tone::Muted)),
      m_copy(makeIconButton(QStringLiteral("turnCopy"), QStringLiteral("copy"), tr("Copy"))),
      m_regenerate(makeIconButton(QStringLiteral("turnRegenerate"), QStringLiteral("refresh"),
                                  tr("Generate again from this prompt")))
{
    setObjectName(QStringLiteral("chatTurn"));
    setProperty("card", QStringLiteral("well"));
    m_text->setObjectName(QStringLiteral("turnText"));
    m_text->setAccessibleName(tr("Prompt and continuation"));
    m_note->setObjectName(QStringLiteral("turnNote"));
    m_text->setPrompt(prompt);
    for (QToolButton* button : {m_copy, m_regenerate})
        button->setIconSize({15, 15});
    m_regenerate->setEnabled(false);

    auto* foot = new QHBoxLayout;
    foot->setSpacing(0);
    foot->addWidget(m_note, 1);
    foot->addWidget(m_regenerate);
    foot->addWidget(m_copy);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 4);
    layout->setSpacing(4);
    layout->addWidget(m_text);
    layout->addLayout(foot);

    connect(m_copy, &QToolButton::clicked, this, &ChatTurn::copy);
    connect(m_regenerate, &QToolButton::clicked, this, &ChatTurn::regenerateRequested);
}

void ChatTurn::append(const samba::GenerationText& text)
{
    m_text->appendGenerated(toQString(text.text));
    m_note->setText(tr("%1 tokens").arg(formatInteger(text.tokens)));
}

void ChatTurn::finish(const samba::GenerationFinished& result)
{
    QStringList parts = {tr("%1 tokens").arg(formatInteger(result.newTokens)),
                         formatSpeed(result.tokensPerSecond), tr("seed %1").arg(result.seed),
                         endText(result.reason)};
    if (result.whileTraining)
        parts.append(tr("while training"));
    m_note->setText(parts.join(QStringLiteral(" · ")));
    m_note->setToolTip(
        tr("%1 prompt tokens read in %2")
            .arg(formatInteger(result.promptTokens), formatDuration(result.prefillMs)));
    m_regenerate->setEnabled(true);
}

void ChatTurn::fail(const QString& reason)
{
    m_note->setText(reason);
    setTone(m_note, Tone::Danger);
    m_regenerate->setEnabled(true);
}

QString ChatTurn::prompt() const
{
    return m_text->prompt();
}

QString ChatTurn::generated() const
{
    return m_text->generated();
}

void ChatTurn::copy()
{
    QGuiApplication::clipboard()->setText(m_text->prompt() + m_text->generated());
}

} // namespace samba::ui
