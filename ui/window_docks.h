#pragma once

#include <QHash>
#include <QList>
#include <QObject>
#include <QString>

class QDockWidget;
class QMainWindow;
class QWidget;

namespace samba::ui {

/// The docks of a window: each panel in a frame of its own, with a title bar that folds away among
/// tabs, and one arrangement to begin with. Thread: GUI.
class WindowDocks : public QObject {
    Q_OBJECT

public:
    /// @param window  owns the docks.
    explicit WindowDocks(QMainWindow& window);

    /// Puts a panel into a dock called `dock_<name>`.
    void add(const QString& name, const QString& title, QWidget* panel);

    /// Where everything is at first: model and runs above training on the left; plots, heatmap,
    /// configuration and log as tabs in the middle; chat on the right.
    void arrange();

    /// The first widths and heights. Counts only once the docks have been laid out.
    void resizeToDefaults();

    QDockWidget* dock(const QString& name) const { return m_docks.value(name); }
    const QList<QDockWidget*>& all() const { return m_order; }

    /// Opens a dock and brings it in front of its neighbours.
    void raise(const QString& name);

private:
    void scheduleFolding();
    void updateFolding();

    QMainWindow& m_window;
    QHash<QString, QDockWidget*> m_docks;
    QList<QDockWidget*> m_order;
    bool m_isFoldingScheduled = false;
};

} // namespace samba::ui
