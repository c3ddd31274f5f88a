#pragma once

#include "engine/api/run_history.h"

#include <QAbstractListModel>
#include <QString>

#include <vector>

namespace samba::ui {

/// The run folders of an output folder, in a chosen order. Thread: GUI.
class RunsModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum class Order { Newest, BestLoss, Name };
    enum Role {
        PathRole = Qt::UserRole, ///< QString, full path
        StateRole,               ///< int of RunState
        FactsRole,               ///< "best 2.31 · 600 / 600 steps"
        DateRole                 ///< "12 min ago"
    };

    using QAbstractListModel::QAbstractListModel;

    void setRuns(std::vector<samba::RunSummary> runs);
    void setOrder(Order order);

    /// The run of a row, which must exist.
    const samba::RunSummary& run(int row) const { return m_runs[static_cast<size_t>(row)]; }

    /// The row of a run folder, or -1.
    int rowOf(const QString& path) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    void sort();

    std::vector<samba::RunSummary> m_runs;
    Order m_order = Order::Newest;
};

} // namespace samba::ui
