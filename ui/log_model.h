#pragma once

#include "engine/api/events.h"

#include <QAbstractListModel>
#include <QSortFilterProxyModel>
#include <QString>

#include <deque>
#include <span>

namespace samba::ui {

/// The newest log lines; the oldest leave when there are too many. Thread: GUI.
class LogModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role {
        LevelRole = Qt::UserRole, ///< int of LogLevel
        TimeRole,                 ///< "14:05:09"
        LineRole                  ///< time, level and text, for the clipboard
    };

    /// @param capacity  lines kept, >= 1.
    explicit LogModel(int capacity, QObject* parent = nullptr);

    /// Adds lines at the end.
    void append(std::span<const LogMessage> lines);
    void clear();

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    std::deque<LogMessage> m_lines;
    size_t m_capacity;
};

/// Leaves out the lines below a level and those without the text searched for. Thread: GUI.
class LogFilter : public QSortFilterProxyModel {
    Q_OBJECT

public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setLowestLevel(LogLevel level);
    void setSearchText(const QString& text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    LogLevel m_lowest = LogLevel::Info;
    QString m_search;
};

} // namespace samba::ui
