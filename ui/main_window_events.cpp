// What the window does with each event of the engine.

#include "ui/batch_preview.h"
#include "ui/chat_panel.h"
#include "ui/dump_dialog.h"
#include "ui/engine_status_bar.h"
#include "ui/export_dialog.h"
#include "ui/format.h"
#include "ui/header_bar.h"
#include "ui/heatmap_panel.h"
#include "ui/log_panel.h"
#include "ui/main_window_actions.h"
#include "ui/model_panel.h"
#include "ui/plots_panel.h"
#include "ui/pretrained_picker.h"
#include "ui/training_panel.h"
#include "ui/widgets/message_bar.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>

#include <utility>

namespace samba::ui {

void MainWindow::applyBatch(const samba::EventBatch& batch)
{
    for (const samba::Event& event : batch.events)
        std::visit([this](const auto& body) { on(body); }, event);
    if (!m_newLogLines.empty()) {
        m_log->append(m_newLogLines);
        m_newLogLines.clear();
    }
    if (!batch.metrics.empty())
        applyMetrics(batch.metrics);
    if (batch.frame)
        m_heatmap->showFrame(batch.frame);
    if (batch.progress.has_value()) {
        m_status->setProgress(*batch.progress);
        m_training->setProgress(*batch.progress);
        m_picker->setProgress(*batch.progress);
        m_exporter->setProgress(*batch.progress);
    }
}

void MainWindow::applyMetrics(const std::vector<samba::StepMetrics>& metrics)
{
    m_training->appendMetrics(metrics);
    m_status->setMemory(metrics.back().memoryBytes);
    if (m_plotsSource == PlotsSource::Live)
        m_plots->appendMetrics(metrics);
    else if (m_plotsSource == PlotsSource::LiveAwaited)
        m_keptMetrics.insert(m_keptMetrics.end(), metrics.begin(), metrics.end());
}

void MainWindow::noteCommand(samba::CommandId id, const samba::CommandBody& command)
{
    if (const auto* load = std::get_if<samba::LoadModel>(&command))
        m_loadingSource = toQString(load->source);
    if (std::holds_alternative<samba::NewModel>(command))
        m_loadingSource.clear();
    if (std::holds_alternative<samba::Generate>(command)) {
        m_chat->noteGeneration(id);
        updateActions();
    }
    if (std::holds_alternative<samba::StartTraining>(command) ||
        std::holds_alternative<samba::ResumeTraining>(command)) {
        m_pendingStart = id;
        updateBusy();
    }
    if (std::holds_alternative<samba::ExportModel>(command))
        m_exporter->noteCommand(id);
    if (std::holds_alternative<samba::DumpTensors>(command))
        m_dumper->noteCommand(id);
    if (id == 0)
        showProblem(tr("The engine has too much to do to take another request."),
                    tr("Try again in a moment."));
}

void MainWindow::on(const samba::StateChanged& event)
{
    const bool isPreparationOver =
        (m_state == samba::EngineState::Preparing || m_state == samba::EngineState::Stopping) &&
        event.state == samba::EngineState::Idle;
    m_state = event.state;
    if (isPreparationOver) {
        m_pendingStart = 0;
        updateBusy();
    }
    const QString detail = toQString(event.detail);
    m_header->setState(event.state, detail);
    m_status->setState(event.state, detail);
    m_training->setState(event.state);
    m_chat->setState(event.state);
    m_picker->setState(event.state);
    m_exporter->setState(event.state);
    m_dumper->setState(event.state);
    m_model->setLoading(event.state == samba::EngineState::Loading, detail);
    updateActions();
}

void MainWindow::takeModel(const samba::ModelInfo& info)
{
    m_modelInfo = info;
    m_heatmap->setModel(&*m_modelInfo);
    m_chat->setModel(&*m_modelInfo);
    m_header->setModelName(toQString(info.name));
    m_status->setDevice(toQString(info.device));
    m_exporter->setModel(info);
    m_dumper->setModel(info);
    updateActions();
}

void MainWindow::on(const samba::ModelLoaded& event)
{
    m_model->showModel(event.info, event.warnings, event.report);
    takeModel(event.info);
    rememberModel(std::exchange(m_loadingSource, {}));
    m_picker->finish();
}

void MainWindow::on(const samba::RunStarted& event)
{
    m_liveRunDir = QDir::cleanPath(QFileInfo(toQString(event.runDir)).absoluteFilePath());
    m_model->showModel(event.info);
    takeModel(event.info);
    m_training->beginRun(event);
    setTraining(true);
    if (event.isResumed) {
        // The curves go on where the folder leaves off.
        openRun(m_liveRunDir);
    } else {
        m_awaitedRunDir.clear();
        m_plotsSource = PlotsSource::Live;
        m_plots->beginRun(QDir(m_liveRunDir).dirName());
    }
    m_runs->setFolder(QFileInfo(m_liveRunDir).absolutePath());
}

void MainWindow::on(const samba::RunFinished& event)
{
    m_training->endRun(event);
    setTraining(false);
    m_runs->refresh();
    if (m_isClosing)
        close();
}

void MainWindow::on(const samba::CheckpointSaved& event)
{
    m_training->addCheckpoint(event);
}

void MainWindow::on(const samba::ValidationDone& event)
{
    m_training->appendValidation(event.metrics);
    if (m_plotsSource == PlotsSource::Live)
        m_plots->appendValidation(event.metrics);
    else if (m_plotsSource == PlotsSource::LiveAwaited)
        m_keptValidation.push_back(event.metrics);
}

void MainWindow::on(const samba::SampleDone& event)
{
    m_training->addSample(event.step, toQString(event.prompt), toQString(event.text));
}

void MainWindow::on(const samba::GenerationText& event)
{
    m_chat->append(event);
}

void MainWindow::on(const samba::GenerationFinished& event)
{
    m_chat->finish(event);
    if (!m_isTraining)
        m_status->setSpeed(event.tokensPerSecond);
    updateActions();
}

void MainWindow::on(const samba::TextInspected& event)
{
    m_heatmap->showFrame(event.frame);
}

void MainWindow::on(const samba::DataDescribed& event)
{
    if (!event.batch)
        return;
    if (auto* shown = findChild<BatchPreviewDialog*>())
        shown->close();
    (new BatchPreviewDialog(event, this))->show();
}

void MainWindow::on(const samba::Evaluated& event)
{
    showNotice(tr("%1: loss %2, perplexity %3, %4 bits per byte over %5 tokens.")
                   .arg(toQString(event.data), formatLoss(event.metrics.main),
                        formatNumber(event.metrics.perplexity), formatLoss(event.bitsPerByte),
                        formatInteger(event.metrics.tokens)));
}

void MainWindow::on(const samba::PretrainedListed& event)
{
    m_picker->setModels(event.models);
}

void MainWindow::on(const samba::ModelExported& event)
{
    m_exporter->finish(event);
    announce(tr("The model is exported to %1.")
                 .arg(QDir::toNativeSeparators(toQString(event.outputDir))),
             m_exporter->isVisible());
}

void MainWindow::on(const samba::TensorsDumped& event)
{
    m_dumper->finish(event);
    announce(tr("The tensors are in %1.").arg(QDir::toNativeSeparators(toQString(event.file))),
             m_dumper->isVisible());
}

void MainWindow::announce(const QString& sentence, bool isSaidAlready)
{
    note(samba::LogLevel::Info, sentence);
    if (!isSaidAlready)
        showNotice(sentence);
}

void MainWindow::on(const samba::ErrorRaised& event)
{
    const QString sentence = toQString(event.message);
    m_exporter->fail(event.id, sentence, toQString(event.remedy));
    m_dumper->fail(event.id, sentence, toQString(event.remedy));
    m_chat->fail(event.id, sentence);
    m_loadingSource.clear();
    if (event.id != 0 && event.id == m_pendingStart) {
        m_pendingStart = 0;
        updateBusy();
    }
    showProblem(sentence, toQString(event.remedy));
    updateActions();
}

void MainWindow::on(const samba::LogMessage& event)
{
    m_newLogLines.push_back(event);
}

} // namespace samba::ui
