#include "ui/widgets/empty_state.h"

#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kPictureSize = 40;
constexpr int kContentWidth = 300;

} // namespace

EmptyState::EmptyState(const QString& icon, const QString& title, const QString& text,
                       QWidget* parent)
    : QWidget(parent),
      m_icon(icon),
      m_picture(new QLabel),
      m_text(makeWrappedLabel(text, TextRole::Body, Tone::Muted)),
      m_content(nullptr)
{
    QLabel* heading = makeWrappedLabel(title, TextRole::Title);
    heading->setAlignment(Qt::AlignHCenter);
    m_picture->setAlignment(Qt::AlignHCenter);
    m_text->setAlignment(Qt::AlignHCenter);

    auto* content = new QWidget;
    content->setMaximumWidth(kContentWidth);
    m_content = new QVBoxLayout(content);
    m_content->setContentsMargins(0, 0, 0, 0);
    m_content->setSpacing(Theme::current().spacing);
    m_content->addWidget(m_picture);
    m_content->addWidget(heading);
    m_content->addWidget(m_text);
    m_content->addSpacing(Theme::current().spacingSmall);

    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(content, 100);
    row->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->addStretch(2);
    layout->addLayout(row);
    layout->addStretch(3);

    connect(&ThemeController::instance(), &ThemeController::changed, this, &EmptyState::drawIcon);
    drawIcon();
}

QPushButton* EmptyState::addButton(const QString& objectName, const QString& text,
                                   const QString& icon)
{
    QPushButton* button = m_hasPrimary ? makeButton(objectName, text, icon)
                                       : makePrimaryButton(objectName, text, icon);
    m_hasPrimary = true;
    addWidget(button);
    return button;
}

void EmptyState::addWidget(QWidget* widget)
{
    m_content->addWidget(widget);
}

void EmptyState::setText(const QString& text)
{
    m_text->setText(text);
}

void EmptyState::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const QMargins margins = layout()->contentsMargins();
    const int available = width() - margins.left() - margins.right();
    int needed = m_content->totalHeightForWidth(std::min(available, kContentWidth)) +
                 margins.top() + margins.bottom();
    if (m_picture->isHidden())
        needed += kPictureSize + m_content->spacing();
    m_picture->setVisible(height() >= needed);
}

void EmptyState::drawIcon()
{
    m_picture->setPixmap(themedPixmap(m_icon, kPictureSize, IconTone::Muted, devicePixelRatioF()));
}

} // namespace samba::ui
