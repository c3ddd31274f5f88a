#pragma once

#include "ui/main_window.h"

class QAction;

namespace samba::ui {

/// The actions whose state depends on what the engine does.
struct MainWindow::Actions {
    QAction* modelNew = nullptr;
    QAction* exportModel = nullptr;
    QAction* dumpTensors = nullptr;
    QAction* start = nullptr;
    QAction* pause = nullptr;
    QAction* stop = nullptr;
    QAction* checkpoint = nullptr;
    QAction* showLive = nullptr;
    QAction* generate = nullptr;
    QAction* stopGeneration = nullptr;
    QAction* themeLight = nullptr;
    QAction* themeDark = nullptr;
    QAction* shortcuts = nullptr;
};

} // namespace samba::ui
