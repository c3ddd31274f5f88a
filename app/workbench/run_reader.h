#pragma once

#include "engine/api/run_history.h"
#include "ui/runs_panel.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <functional>
#include <vector>

namespace samba::workbench {

/// Reads and exports run folders on threads of its own and answers by signal. Thread: GUI; the
/// files are read elsewhere. The destructor waits for the file being read.
class RunReader : public QObject {
    Q_OBJECT

public:
    explicit RunReader(QObject* parent = nullptr);
    ~RunReader() override;

public Q_SLOTS:
    void list(const QString& folder);
    void read(const QString& runDir);
    void exportMetrics(const QString& runDir, const QString& file, samba::ui::ExportFormat format);

Q_SIGNALS:
    void listed(const QString& folder, const std::vector<samba::RunSummary>& runs);
    void readDone(const samba::RunHistory& run);
    void exported(const QString& file);
    void failed(const QString& sentence, const QString& remedy);

private:
    /// What a job hands back to the GUI thread.
    using Answer = std::function<void()>;

    /// Runs a job on the pool and its answer on this thread; an exception becomes failed().
    void start(std::function<Answer()> job);

    QThreadPool m_pool;
};

} // namespace samba::workbench
