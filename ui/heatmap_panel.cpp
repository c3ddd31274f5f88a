#include "ui/heatmap_panel.h"

#include <QLabel>
#include <QVBoxLayout>

namespace samba::ui {

class HeatmapPanel::Private {
public:
    samba::ActivationFramePtr frame;
    QLabel* summary = nullptr;
};

HeatmapPanel::HeatmapPanel(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>())
{
    setObjectName(QStringLiteral("heatmapPanel"));
    d->summary = new QLabel(tr("No text has been inspected."), this);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(d->summary);
}

HeatmapPanel::~HeatmapPanel() = default;

void HeatmapPanel::showFrame(samba::ActivationFramePtr frame)
{
    if (!frame)
        return;
    d->frame = std::move(frame);
    d->summary->setText(tr("%1 chunks, %2 positions, %3 units")
                            .arg(d->frame->chunkCount)
                            .arg(d->frame->seqLen)
                            .arg(d->frame->dModel));
}

void HeatmapPanel::setModel(const samba::ModelInfo*) {}

void HeatmapPanel::setTraining(bool) {}

QVariantMap HeatmapPanel::saveState() const
{
    return {};
}

void HeatmapPanel::restoreState(const QVariantMap&) {}

void HeatmapPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
}

void HeatmapPanel::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
}

} // namespace samba::ui
