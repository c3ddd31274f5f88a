#include "ui/header_bar.h"

#include "ui/icons.h"
#include "ui/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QToolButton>

namespace samba::ui {

namespace {

constexpr int kMarkSize = 22;
constexpr int kHeight = 40;

} // namespace

Tone toneOf(samba::EngineState state)
{
    switch (state) {
    case samba::EngineState::Idle:
        return Tone::Muted;
    case samba::EngineState::Paused:
        return Tone::Warning;
    default:
        return Tone::Accent;
    }
}

HeaderBar::HeaderBar(QWidget* parent)
    : QWidget(parent),
      m_mark(new QLabel),
      m_menuBar(new QMenuBar),
      m_model(makeLabel(tr("No model"), TextRole::Heading, Tone::Muted)),
      m_state(makeChip({}))
{
    setObjectName(QStringLiteral("headerBar"));
    setAttribute(Qt::WA_StyledBackground);
    setFixedHeight(kHeight);
    m_model->setObjectName(QStringLiteral("headerModel"));
    m_state->setObjectName(QStringLiteral("headerState"));
    m_menuBar->setObjectName(QStringLiteral("menuBar"));
    m_menuBar->setNativeMenuBar(false);
    m_menuBar->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    QToolButton* theme =
        makeIconButton(QStringLiteral("headerTheme"), QStringLiteral("theme"), tr("Light or dark"));
    QToolButton* help = makeIconButton(QStringLiteral("headerHelp"), QStringLiteral("info"),
                                       tr("Keyboard shortcuts"));

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 0, 10, 0);
    layout->setSpacing(Theme::current().spacing);
    layout->addWidget(m_mark);
    layout->addWidget(m_menuBar);
    layout->addStretch(1);
    layout->addWidget(m_model);
    layout->addWidget(m_state);
    layout->addSpacing(4);
    layout->addWidget(theme);
    layout->addWidget(help);

    connect(theme, &QToolButton::clicked, this, &HeaderBar::themeToggled);
    connect(help, &QToolButton::clicked, this, &HeaderBar::helpRequested);
    m_mark->setPixmap(themedPixmap(QStringLiteral("samba-workbench"), kMarkSize, IconTone::Text,
                                   devicePixelRatioF()));
    setState(samba::EngineState::Idle, {});
}

void HeaderBar::setModelName(const QString& name)
{
    m_model->setText(name.isEmpty() ? tr("No model") : name);
    setTone(m_model, name.isEmpty() ? Tone::Muted : Tone::Normal);
}

void HeaderBar::setState(samba::EngineState state, const QString& detail)
{
    m_state->setText(QLatin1String(samba::engineStateName(state)));
    m_state->setToolTip(detail);
    setTone(m_state, toneOf(state));
}

} // namespace samba::ui
