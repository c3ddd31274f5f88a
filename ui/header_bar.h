#pragma once

#include "engine/api/events.h"
#include "ui/widgets/labels.h"

#include <QWidget>

class QLabel;
class QMenuBar;
class QToolButton;

namespace samba::ui {

/// The top of the window: the program's mark, the menus, which model is in hand and what the engine
/// does. Thread: GUI.
class HeaderBar : public QWidget {
    Q_OBJECT

public:
    explicit HeaderBar(QWidget* parent = nullptr);

    QMenuBar* menuBar() const { return m_menuBar; }

    void setModelName(const QString& name);
    void setState(samba::EngineState state, const QString& detail);

Q_SIGNALS:
    /// Switch between the light and the dark theme.
    void themeToggled();
    void helpRequested();

private:
    QLabel* m_mark;
    QMenuBar* m_menuBar;
    QLabel* m_model;
    QLabel* m_state;
};

/// The tone in which a state is shown.
Tone toneOf(samba::EngineState state);

} // namespace samba::ui
