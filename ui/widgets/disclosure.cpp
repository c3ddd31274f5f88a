#include "ui/widgets/disclosure.h"

#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace samba::ui {

Disclosure::Disclosure(const QString& title, QWidget* body, QWidget* parent)
    : QWidget(parent),
      m_button(new QPushButton),
      m_summary(new ElidedLabel(Qt::ElideRight)),
      m_body(body)
{
    m_button->setText(title);
    m_button->setFont(themedFont(TextRole::Heading));
    m_button->setIconSize({14, 14});
    m_button->setCheckable(true);
    m_button->setAccessibleName(title);
    m_button->setProperty("disclosure", true);
    m_summary->setFont(themedFont(TextRole::Small));
    setTone(m_summary, Tone::Muted);
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);

    auto* head = new QHBoxLayout;
    head->setSpacing(Theme::current().spacing);
    head->addWidget(m_button);
    head->addWidget(m_summary, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::current().spacingSmall);
    layout->addLayout(head);
    layout->addWidget(m_body);

    connect(m_button, &QPushButton::toggled, this, [this](bool isOpen) {
        setOpen(isOpen);
        Q_EMIT toggled(isOpen);
    });
    setOpen(false);
}

void Disclosure::setOpen(bool isOpen)
{
    const QSignalBlocker blocker(m_button);
    m_button->setChecked(isOpen);
    m_button->setIcon(
        themedIcon(isOpen ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"),
                   IconTone::Muted));
    m_body->setVisible(isOpen);
    m_summary->setVisible(!isOpen);
}

bool Disclosure::isOpen() const
{
    return m_button->isChecked();
}

void Disclosure::setSummary(const QString& summary)
{
    m_summary->setText(summary);
}

} // namespace samba::ui
