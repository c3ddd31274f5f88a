#pragma once

#include <QDialog>

class QMenuBar;

namespace samba::ui {

/// Every action of a window that has a shortcut, menu by menu. Thread: GUI.
class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    /// @param menuBar  whose actions are listed.
    ShortcutsDialog(const QMenuBar& menuBar, QWidget* parent);
};

} // namespace samba::ui
