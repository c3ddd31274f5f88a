#include "ui/engine_status_bar.h"

#include "ui/format.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>

#include <cmath>

namespace samba::ui {

namespace {

constexpr int kIconSize = 14;
constexpr int kBarWidth = 140;
constexpr int kBarScale = 1'000;
constexpr int kHeight = 26;

/// A value with its picture; the picture follows the theme.
QWidget* withIcon(const QString& icon, QLabel* label)
{
    auto* item = new QWidget;
    auto* picture = new QLabel;
    const auto draw = [picture, icon] {
        picture->setPixmap(
            themedPixmap(icon, kIconSize, IconTone::Muted, picture->devicePixelRatioF()));
    };
    QObject::connect(&ThemeController::instance(), &ThemeController::changed, picture, draw);
    draw();
    auto* layout = new QHBoxLayout(item);
    layout->setContentsMargins(6, 0, 6, 0);
    layout->setSpacing(5);
    layout->addWidget(picture);
    layout->addWidget(label);
    return item;
}

} // namespace

EngineStatusBar::EngineStatusBar(QWidget* parent)
    : QStatusBar(parent),
      m_device(makeLabel(QStringLiteral("–"), TextRole::Small, Tone::Muted)),
      m_state(makeLabel({}, TextRole::Small)),
      m_bar(new QProgressBar),
      m_progress(makeLabel({}, TextRole::Small, Tone::Muted)),
      m_speed(makeLabel(QStringLiteral("–"), TextRole::Small, Tone::Muted)),
      m_memory(makeLabel(QStringLiteral("–"), TextRole::Small, Tone::Muted))
{
    setObjectName(QStringLiteral("statusBar"));
    setSizeGripEnabled(false);
    setMinimumHeight(kHeight);
    setContentsMargins(6, 0, 6, 0);
    m_device->setObjectName(QStringLiteral("statusDevice"));
    m_device->setAccessibleName(tr("Device"));
    m_state->setObjectName(QStringLiteral("statusState"));
    m_state->setAccessibleName(tr("State"));
    m_progress->setObjectName(QStringLiteral("statusProgress"));
    m_progress->setAccessibleName(tr("Progress"));
    m_speed->setObjectName(QStringLiteral("statusSpeed"));
    m_speed->setAccessibleName(tr("Speed"));
    m_memory->setObjectName(QStringLiteral("statusMemory"));
    m_memory->setAccessibleName(tr("Memory of the program"));
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(kBarWidth);
    m_bar->setRange(0, kBarScale);
    m_bar->hide();

    addWidget(withIcon(QStringLiteral("device"), m_device));
    addWidget(m_state);
    addWidget(m_bar);
    addWidget(m_progress, 1);
    addPermanentWidget(withIcon(QStringLiteral("speed"), m_speed));
    addPermanentWidget(withIcon(QStringLiteral("memory"), m_memory));
    setState(samba::EngineState::Idle, {});
}

void EngineStatusBar::setDevice(const QString& device)
{
    m_device->setText(device.isEmpty() ? QStringLiteral("–") : device.toUpper());
}

void EngineStatusBar::setState(samba::EngineState state, const QString& detail)
{
    QString text = QLatin1String(samba::engineStateName(state));
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    m_state->setText(detail.isEmpty() ? text : text + QStringLiteral(": ") + detail);
    if (state == samba::EngineState::Idle) {
        m_bar->hide();
        m_progress->clear();
        setSpeed(std::nan(""));
    }
}

void EngineStatusBar::setProgress(const samba::Progress& progress)
{
    const bool isTraining = progress.what == "training";
    QStringList parts;
    if (progress.total > 0)
        parts.append(isTraining
                         ? tr("step %1 of %2")
                               .arg(formatInteger(progress.done), formatInteger(progress.total))
                         : tr("%1 %2 %")
                               .arg(toQString(progress.what))
                               .arg(100 * progress.done / progress.total));
    if (!std::isnan(progress.remainingMs))
        parts.append(tr("%1 left").arg(formatDuration(progress.remainingMs)));
    m_progress->setText(parts.join(QStringLiteral(" · ")));
    m_bar->setVisible(progress.total > 0);
    if (progress.total > 0)
        m_bar->setValue(static_cast<int>(kBarScale * progress.done / progress.total));
    if (isTraining)
        setSpeed(progress.perSecond);
}

void EngineStatusBar::setSpeed(double tokensPerSecond)
{
    m_speed->setText(formatSpeed(tokensPerSecond));
}

void EngineStatusBar::setMemory(double bytes)
{
    m_memory->setText(formatBytes(bytes));
}

} // namespace samba::ui
