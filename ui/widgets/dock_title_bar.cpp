#include "ui/widgets/dock_title_bar.h"

#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QDockWidget>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace samba::ui {

namespace {

constexpr int kHeight = 34;
constexpr int kButtonIcon = 14;

} // namespace

DockTitleBar::DockTitleBar(QDockWidget* dock)
    : QWidget(dock),
      m_dock(dock),
      m_title(makeLabel(dock->windowTitle(), TextRole::Heading)),
      m_float(makeIconButton(QStringLiteral("dockFloat"), QStringLiteral("float"),
                             tr("Detach or attach %1").arg(dock->windowTitle()))),
      m_close(makeIconButton(QStringLiteral("dockClose"), QStringLiteral("close"),
                             tr("Close %1").arg(dock->windowTitle())))
{
    setObjectName(QStringLiteral("dockTitleBar"));
    setAttribute(Qt::WA_StyledBackground);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 4, 6, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title, 1);
    for (QToolButton* button : {m_float, m_close}) {
        button->setIconSize({kButtonIcon, kButtonIcon});
        layout->addWidget(button);
    }
    connect(m_float, &QToolButton::clicked, dock,
            [dock] { dock->setFloating(!dock->isFloating()); });
    connect(m_close, &QToolButton::clicked, dock, &QDockWidget::close);
    connect(dock, &QDockWidget::windowTitleChanged, m_title, &QLabel::setText);
}

void DockTitleBar::setFolded(bool isFolded)
{
    m_isFolded = isFolded;
    for (QWidget* part : std::initializer_list<QWidget*>{m_title, m_float, m_close})
        part->setVisible(!isFolded);
    setMaximumHeight(isFolded ? 0 : kHeight);
    if (QWidget* body = m_dock->widget())
        setStyleProperty(body, "underTitle", !isFolded);
    updateGeometry();
}

QSize DockTitleBar::sizeHint() const
{
    return {120, m_isFolded ? 0 : kHeight};
}

QSize DockTitleBar::minimumSizeHint() const
{
    return {60, m_isFolded ? 0 : kHeight};
}

} // namespace samba::ui
