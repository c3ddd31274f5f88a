#include "ui/runs_model.h"

#include "ui/format.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace samba::ui {

namespace {

QString factsOf(const samba::RunSummary& run)
{
    // The loss first: it is what a narrow list must not cut off.
    QStringList facts;
    if (!std::isnan(run.bestValidationLoss))
        facts.append(RunsModel::tr("best %1").arg(formatLoss(run.bestValidationLoss)));
    else if (!std::isnan(run.lastLoss))
        facts.append(RunsModel::tr("loss %1").arg(formatLoss(run.lastLoss)));
    facts.append(run.totalSteps > 0 ? RunsModel::tr("%1 / %2").arg(formatInteger(run.step),
                                                                   formatInteger(run.totalSteps))
                                    : RunsModel::tr("%1 steps").arg(formatInteger(run.step)));
    return facts.join(QStringLiteral(" · "));
}

/// Unknown losses go last.
double sortableLoss(const samba::RunSummary& run)
{
    return std::isnan(run.bestValidationLoss) ? std::numeric_limits<double>::infinity()
                                              : run.bestValidationLoss;
}

} // namespace

void RunsModel::setRuns(std::vector<samba::RunSummary> runs)
{
    beginResetModel();
    m_runs = std::move(runs);
    sort();
    endResetModel();
}

void RunsModel::setOrder(Order order)
{
    beginResetModel();
    m_order = order;
    sort();
    endResetModel();
}

void RunsModel::sort()
{
    std::stable_sort(m_runs.begin(), m_runs.end(),
                     [this](const samba::RunSummary& left, const samba::RunSummary& right) {
                         switch (m_order) {
                         case Order::Newest:
                             return left.startedAt > right.startedAt;
                         case Order::BestLoss:
                             return sortableLoss(left) < sortableLoss(right);
                         case Order::Name:
                             return left.name < right.name;
                         }
                         return false;
                     });
}

int RunsModel::rowOf(const QString& path) const
{
    const auto found = std::find_if(m_runs.begin(), m_runs.end(), [&](const auto& run) {
        return toQString(run.path.string()) == path;
    });
    return found == m_runs.end() ? -1 : static_cast<int>(found - m_runs.begin());
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const samba::RunSummary& item = run(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return toQString(item.name);
    case Qt::ToolTipRole:
    case PathRole:
        return toQString(item.path.string());
    case Qt::AccessibleDescriptionRole:
        return QStringLiteral("%1, %2").arg(QLatin1String(samba::runStateName(item.state)),
                                            factsOf(item));
    case StateRole:
        return static_cast<int>(item.state);
    case FactsRole:
        return factsOf(item);
    case DateRole:
        return formatMoment(item.startedAt);
    default:
        return {};
    }
}

} // namespace samba::ui
