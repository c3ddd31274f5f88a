#include "ui/widgets/labels.h"

#include "ui/icons.h"

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVariant>

namespace samba::ui {

namespace {

QString toneName(Tone tone)
{
    switch (tone) {
    case Tone::Normal:
        return QStringLiteral("normal");
    case Tone::Muted:
        return QStringLiteral("muted");
    case Tone::Accent:
        return QStringLiteral("accent");
    case Tone::Success:
        return QStringLiteral("success");
    case Tone::Warning:
        return QStringLiteral("warning");
    case Tone::Danger:
        return QStringLiteral("danger");
    }
    return {};
}

QSize themedIconSize()
{
    const int size = Theme::current().iconSize;
    return {size, size};
}

} // namespace

void setStyleProperty(QWidget* widget, const char* name, const QVariant& value)
{
    if (widget->property(name) == value)
        return;
    widget->setProperty(name, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

void setTone(QWidget* widget, Tone tone)
{
    setStyleProperty(widget, "tone", toneName(tone));
}

QLabel* makeLabel(const QString& text, TextRole role, Tone tone)
{
    auto* label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setFont(themedFont(role));
    label->setProperty("tone", toneName(tone));
    return label;
}

QLabel* makeWrappedLabel(const QString& text, TextRole role, Tone tone)
{
    QLabel* label = makeLabel(text, role, tone);
    label->setWordWrap(true);
    return label;
}

QLabel* makeChip(const QString& text, Tone tone)
{
    QLabel* label = makeLabel(text, TextRole::Small, tone);
    label->setProperty("chip", true);
    label->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return label;
}

QPushButton* makeButton(const QString& objectName, const QString& text, const QString& icon)
{
    auto* button = new QPushButton(text);
    button->setObjectName(objectName);
    if (!icon.isEmpty()) {
        button->setIcon(themedIcon(icon));
        button->setIconSize(themedIconSize());
    }
    return button;
}

QPushButton* makePrimaryButton(const QString& objectName, const QString& text, const QString& icon)
{
    QPushButton* button = makeButton(objectName, text, icon);
    if (!icon.isEmpty())
        button->setIcon(themedIcon(icon, IconTone::OnAccent));
    button->setProperty("primary", true);
    return button;
}

QToolButton* makeIconButton(const QString& objectName, const QString& icon, const QString& name)
{
    auto* button = new QToolButton;
    button->setObjectName(objectName);
    button->setIcon(themedIcon(icon));
    button->setIconSize(themedIconSize());
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

QFrame* makeLine()
{
    auto* line = new QFrame;
    line->setProperty("line", true);
    line->setFixedHeight(1);
    return line;
}

QFrame* makeCard(const char* kind)
{
    auto* card = new QFrame;
    card->setProperty("card", QLatin1String(kind));
    return card;
}

} // namespace samba::ui
