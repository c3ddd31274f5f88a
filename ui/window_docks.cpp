#include "ui/window_docks.h"

#include "ui/widgets/dock_title_bar.h"

#include <QDockWidget>
#include <QFrame>
#include <QMainWindow>
#include <QTabBar>
#include <QVBoxLayout>

#include <utility>

namespace samba::ui {

namespace {

// The first widths and heights, in parts of the window.
constexpr int kSideWidth = 300;
constexpr int kMiddleWidth = 640;
constexpr int kChatWidth = 320;
constexpr int kModelHeight = 300;
constexpr int kTrainingHeight = 400;

} // namespace

WindowDocks::WindowDocks(QMainWindow& window) : QObject(&window), m_window(window)
{
    window.setDockNestingEnabled(true);
    window.setDocumentMode(true);
    window.setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    // Corners go to the sides: the columns reach from top to bottom.
    window.setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    window.setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
}

void WindowDocks::add(const QString& name, const QString& title, QWidget* panel)
{
    auto* dock = new QDockWidget(title, &m_window);
    dock->setObjectName(QStringLiteral("dock_") + name);
    auto* body = new QFrame;
    body->setObjectName(QStringLiteral("dockBody"));
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(panel);
    dock->setWidget(body);
    dock->setTitleBarWidget(new DockTitleBar(dock));
    m_docks.insert(name, dock);
    m_order.append(dock);
    connect(dock, &QDockWidget::dockLocationChanged, this, &WindowDocks::scheduleFolding);
    connect(dock, &QDockWidget::visibilityChanged, this, &WindowDocks::scheduleFolding);
    connect(dock, &QDockWidget::topLevelChanged, this, &WindowDocks::scheduleFolding);
}

void WindowDocks::arrange()
{
    QDockWidget* model = dock(QStringLiteral("model"));
    QDockWidget* runs = dock(QStringLiteral("runs"));
    QDockWidget* training = dock(QStringLiteral("training"));
    QDockWidget* plots = dock(QStringLiteral("plots"));
    QDockWidget* chat = dock(QStringLiteral("chat"));
    for (QDockWidget* each : std::as_const(m_order)) {
        each->setFloating(false);
        m_window.removeDockWidget(each);
    }
    m_window.addDockWidget(Qt::LeftDockWidgetArea, model);
    m_window.splitDockWidget(model, plots, Qt::Horizontal);
    m_window.splitDockWidget(plots, chat, Qt::Horizontal);
    m_window.splitDockWidget(model, training, Qt::Vertical);
    m_window.tabifyDockWidget(model, runs);
    QDockWidget* before = plots;
    for (const char* name : {"heatmap", "config", "log"}) {
        QDockWidget* next = dock(QLatin1String(name));
        m_window.tabifyDockWidget(before, next);
        before = next;
    }
    for (QDockWidget* each : std::as_const(m_order))
        each->show();
    model->raise();
    plots->raise();
    scheduleFolding();
}

void WindowDocks::resizeToDefaults()
{
    QDockWidget* model = dock(QStringLiteral("model"));
    m_window.resizeDocks({model, dock(QStringLiteral("plots")), dock(QStringLiteral("chat"))},
                         {kSideWidth, kMiddleWidth, kChatWidth}, Qt::Horizontal);
    m_window.resizeDocks({model, dock(QStringLiteral("training"))}, {kModelHeight, kTrainingHeight},
                         Qt::Vertical);
}

void WindowDocks::raise(const QString& name)
{
    QDockWidget* wanted = dock(name);
    wanted->show();
    wanted->raise();
}

void WindowDocks::scheduleFolding()
{
    if (std::exchange(m_isFoldingScheduled, true))
        return;
    // Once the window has finished moving docks about; one move signals several times.
    QMetaObject::invokeMethod(this, &WindowDocks::updateFolding, Qt::QueuedConnection);
}

void WindowDocks::updateFolding()
{
    m_isFoldingScheduled = false;
    for (QDockWidget* each : std::as_const(m_order)) {
        bool hasTab = false;
        for (const QDockWidget* other : m_window.tabifiedDockWidgets(each))
            hasTab = hasTab || !other->isHidden();
        static_cast<DockTitleBar*>(each->titleBarWidget())
            ->setFolded(hasTab && !each->isFloating());
    }
    for (QTabBar* tabs : m_window.findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
        tabs->setExpanding(false);
        tabs->setElideMode(Qt::ElideNone);
        tabs->setAccessibleName(tr("Panels"));
    }
}

} // namespace samba::ui
