#include "app/workbench/workbench.h"

#include "engine/api/run_history.h"
#include "engine/io/model_source.h"

#include <QDesktopServices>
#include <QDir>
#include <QUrl>

namespace samba::workbench {

using samba::ui::MainWindow;

Workbench::Workbench(const samba::EngineOptions& options, samba::ui::UserPrompts& prompts,
                     QSettings& settings)
    : m_bridge(options), m_window(prompts, settings)
{
    connect(&m_window, &MainWindow::commandRequested, &m_bridge, &EngineBridge::post);
    connect(&m_bridge, &EngineBridge::commandPosted, &m_window, &MainWindow::noteCommand);
    connect(&m_bridge, &EngineBridge::batchArrived, &m_window, &MainWindow::applyBatch);
    connect(&m_bridge, &EngineBridge::memoryMeasured, &m_window, &MainWindow::setMemory);

    connect(&m_window, &MainWindow::runListRequested, &m_reader, &RunReader::list);
    connect(&m_window, &MainWindow::runRequested, &m_reader, &RunReader::read);
    connect(&m_window, &MainWindow::exportRequested, &m_reader, &RunReader::exportMetrics);
    connect(&m_reader, &RunReader::listed, &m_window, &MainWindow::showRuns);
    connect(&m_reader, &RunReader::readDone, &m_window, &MainWindow::showRun);
    connect(&m_reader, &RunReader::failed, &m_window, &MainWindow::showProblem);
    connect(&m_reader, &RunReader::exported, &m_window, [this](const QString& file) {
        m_window.showNotice(tr("The metrics are in %1.").arg(QDir::toNativeSeparators(file)));
    });
    connect(&m_window, &MainWindow::showInFileManagerRequested, this,
            [](const QString& runDir) { QDesktopServices::openUrl(QUrl::fromLocalFile(runDir)); });
}

void Workbench::openBuiltin()
{
    m_window.loadModel(QStringLiteral("builtin"));
    const std::filesystem::path folder = samba::findBuiltinDir();
    if (samba::isRunFolder(folder))
        m_window.openRun(QString::fromStdString(folder.string()));
}

void Workbench::openRun(const QString& runDir)
{
    m_window.loadModel(runDir);
    if (samba::isRunFolder(runDir.toStdString()))
        m_window.openRun(QDir(runDir).absolutePath());
}

} // namespace samba::workbench
