#include "ui/plots_panel.h"

#include <QLabel>
#include <QVBoxLayout>

namespace samba::ui {

class PlotsPanel::Private {
public:
    QString runName;
    std::vector<samba::StepMetrics> steps;
    std::vector<samba::ValidationMetrics> validation;
    QLabel* summary = nullptr;

    void showSummary()
    {
        summary->setText(steps.empty() ? PlotsPanel::tr("No run is shown.")
                                       : PlotsPanel::tr("%1: step %2").arg(runName).arg(steps.back().step));
    }
};

PlotsPanel::PlotsPanel(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>())
{
    setObjectName(QStringLiteral("plotsPanel"));
    d->summary = new QLabel(this);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(d->summary);
    d->showSummary();
}

PlotsPanel::~PlotsPanel() = default;

void PlotsPanel::beginRun(const QString& name)
{
    clear();
    d->runName = name;
}

void PlotsPanel::clear()
{
    d->runName.clear();
    d->steps.clear();
    d->validation.clear();
    d->showSummary();
}

void PlotsPanel::appendMetrics(std::span<const samba::StepMetrics> metrics)
{
    d->steps.insert(d->steps.end(), metrics.begin(), metrics.end());
    d->showSummary();
}

void PlotsPanel::appendValidation(const samba::ValidationMetrics& metrics)
{
    d->validation.push_back(metrics);
}

void PlotsPanel::showRun(const samba::RunHistory& run)
{
    beginRun(QString::fromStdString(run.summary.name));
    appendMetrics(run.metrics);
    for (const samba::ValidationMetrics& validation : run.validation)
        appendValidation(validation);
}

QVariantMap PlotsPanel::saveState() const
{
    return {};
}

void PlotsPanel::restoreState(const QVariantMap&) {}

} // namespace samba::ui
