#pragma once

#include <QWidget>

class QDockWidget;
class QLabel;
class QToolButton;

namespace samba::ui {

/// The title bar of a dock: its name, a button that detaches it and one that closes it.
///
/// Among tabs the tab already says the name, so the bar folds away there. Thread: GUI.
class DockTitleBar : public QWidget {
    Q_OBJECT

public:
    explicit DockTitleBar(QDockWidget* dock);

    /// Hides or shows the bar within the dock's frame.
    void setFolded(bool isFolded);
    bool isFolded() const { return m_isFolded; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    QDockWidget* m_dock;
    QLabel* m_title;
    QToolButton* m_float;
    QToolButton* m_close;
    bool m_isFolded = false;
};

} // namespace samba::ui
