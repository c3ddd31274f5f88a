#include "ui/widgets/message_bar.h"

#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace samba::ui {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel),
      m_sentence(makeWrappedLabel({}, TextRole::Heading)),
      m_remedy(makeWrappedLabel({})),
      m_more(makeButton(QStringLiteral("messageBarLog"), tr("Show log"))),
      m_dismiss(makeIconButton(QStringLiteral("messageBarDismiss"), QStringLiteral("close"),
                               tr("Dismiss")))
{
    setObjectName(QStringLiteral("messageBar"));
    setAccessibleName(tr("Message"));
    m_sentence->setObjectName(QStringLiteral("messageBarSentence"));
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_remedy->setObjectName(QStringLiteral("messageBarRemedy"));
    m_remedy->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_more->setProperty("link", true);

    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_sentence);
    texts->addWidget(m_remedy);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->setSpacing(Theme::current().spacingLarge);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    layout->addWidget(m_more, 0, Qt::AlignVCenter);
    layout->addWidget(m_dismiss, 0, Qt::AlignVCenter);

    connect(m_dismiss, &QToolButton::clicked, this, &MessageBar::dismiss);
    connect(m_more, &QPushButton::clicked, this, &MessageBar::logRequested);
    hide();
}

void MessageBar::showMessage(Kind kind, const QString& sentence, const QString& remedy)
{
    m_replaced = isHidden() ? 0 : m_replaced + 1;
    m_more->setText(m_replaced == 0 ? tr("Show log") : tr("%1 more in the log").arg(m_replaced));
    m_sentence->setText(sentence);
    m_remedy->setText(remedy);
    m_remedy->setVisible(!remedy.isEmpty());

    const Tone tone = kind == Kind::Error     ? Tone::Danger
                      : kind == Kind::Warning ? Tone::Warning
                                              : Tone::Accent;
    const IconTone iconTone = kind == Kind::Error     ? IconTone::Danger
                              : kind == Kind::Warning ? IconTone::Warning
                                                      : IconTone::Accent;
    const QString icon = kind == Kind::Error     ? QStringLiteral("error")
                         : kind == Kind::Warning ? QStringLiteral("warning")
                                                 : QStringLiteral("info");
    setTone(this, tone);
    m_icon->setPixmap(
        themedPixmap(icon, Theme::current().iconSize + 2, iconTone, devicePixelRatioF()));
    show();
}

QString MessageBar::sentence() const
{
    return m_sentence->text();
}

QString MessageBar::remedy() const
{
    return m_remedy->text();
}

void MessageBar::dismiss()
{
    m_replaced = 0;
    hide();
}

} // namespace samba::ui
