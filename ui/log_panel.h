#pragma once

#include "engine/api/events.h"

#include <QWidget>

#include <span>

class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QStackedWidget;

namespace samba::ui {

class LogFilter;
class LogModel;

/// What the engine and the window did, newest at the bottom; filtered by level and by text.
/// Thread: GUI.
class LogPanel : public QWidget {
    Q_OBJECT

public:
    explicit LogPanel(QWidget* parent = nullptr);

    /// Adds lines; follows the end unless the person has scrolled up.
    void append(std::span<const samba::LogMessage> lines);

public Q_SLOTS:
    /// Puts the lines in sight, or the chosen ones, on the clipboard.
    void copy();
    void clear();

private:
    void updateState();

    LogModel* m_model;
    LogFilter* m_filter;
    QComboBox* m_level;
    QLineEdit* m_search;
    QListView* m_view;
    QLabel* m_count;
    QStackedWidget* m_pages;
    QWidget* m_empty;
};

} // namespace samba::ui
