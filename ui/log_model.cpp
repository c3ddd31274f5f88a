#include "ui/log_model.h"

#include <QDateTime>

#include <algorithm>
#include <array>

namespace samba::ui {

namespace {

QString timeText(double secondsSinceEpoch)
{
    return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(secondsSinceEpoch * 1000.0))
        .toString(QStringLiteral("HH:mm:ss"));
}

QString levelText(LogLevel level)
{
    constexpr std::array<const char*, 4> kNames = {"debug", "info", "warning", "error"};
    return QLatin1String(kNames[static_cast<size_t>(level)]);
}

} // namespace

LogModel::LogModel(int capacity, QObject* parent)
    : QAbstractListModel(parent), m_capacity(static_cast<size_t>(std::max(capacity, 1)))
{}

void LogModel::append(std::span<const LogMessage> lines)
{
    if (lines.size() > m_capacity)
        lines = lines.last(m_capacity);
    if (lines.empty())
        return;
    const size_t kept = std::min(m_lines.size(), m_capacity - lines.size());
    if (const size_t leaving = m_lines.size() - kept; leaving > 0) {
        beginRemoveRows({}, 0, static_cast<int>(leaving) - 1);
        m_lines.erase(m_lines.begin(), m_lines.begin() + static_cast<std::ptrdiff_t>(leaving));
        endRemoveRows();
    }
    const auto first = static_cast<int>(m_lines.size());
    beginInsertRows({}, first, first + static_cast<int>(lines.size()) - 1);
    m_lines.insert(m_lines.end(), lines.begin(), lines.end());
    endInsertRows();
}

void LogModel::clear()
{
    beginResetModel();
    m_lines.clear();
    endResetModel();
}

int LogModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

QVariant LogModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const LogMessage& line = m_lines[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return QString::fromStdString(line.text);
    case LevelRole:
        return static_cast<int>(line.level);
    case TimeRole:
        return timeText(line.time);
    case LineRole:
        return QStringLiteral("%1 %2 %3")
            .arg(timeText(line.time), levelText(line.level).leftJustified(7),
                 QString::fromStdString(line.text));
    default:
        return {};
    }
}

void LogFilter::setLowestLevel(LogLevel level)
{
    m_lowest = level;
    invalidateFilter();
}

void LogFilter::setSearchText(const QString& text)
{
    m_search = text;
    invalidateFilter();
}

bool LogFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    if (index.data(LogModel::LevelRole).toInt() < static_cast<int>(m_lowest))
        return false;
    return m_search.isEmpty() || index.data().toString().contains(m_search, Qt::CaseInsensitive);
}

} // namespace samba::ui
