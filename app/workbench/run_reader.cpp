#include "app/workbench/run_reader.h"

#include "engine/api/error.h"

#include <QMetaObject>

#include <exception>
#include <filesystem>
#include <memory>
#include <utility>

namespace samba::workbench {

namespace {

constexpr int kThreads = 2;

std::filesystem::path toPath(const QString& text)
{
    return std::filesystem::path(text.toStdString());
}

} // namespace

RunReader::RunReader(QObject* parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(kThreads);
}

RunReader::~RunReader()
{
    // Jobs post to this object: none may outlive it.
    m_pool.clear();
    m_pool.waitForDone();
}

void RunReader::start(std::function<Answer()> job)
{
    m_pool.start([this, job = std::move(job)] {
        Answer answer;
        try {
            answer = job();
        } catch (const samba::Error& error) {
            answer = [this, sentence = QString::fromUtf8(error.what()),
                      remedy = QString::fromStdString(error.remedy())] {
                Q_EMIT failed(sentence, remedy);
            };
        } catch (const std::exception& error) {
            answer = [this, sentence = QString::fromUtf8(error.what())] {
                Q_EMIT failed(sentence, {});
            };
        }
        QMetaObject::invokeMethod(this, std::move(answer), Qt::QueuedConnection);
    });
}

void RunReader::list(const QString& folder)
{
    start([this, folder]() -> Answer {
        return
            [this, folder, runs = samba::listRuns(toPath(folder))] { Q_EMIT listed(folder, runs); };
    });
}

void RunReader::read(const QString& runDir)
{
    start([this, runDir]() -> Answer {
        const auto run = std::make_shared<const samba::RunHistory>(samba::readRun(toPath(runDir)));
        return [this, run] { Q_EMIT readDone(*run); };
    });
}

void RunReader::exportMetrics(const QString& runDir, const QString& file,
                              samba::ui::ExportFormat format)
{
    start([this, runDir, file, format]() -> Answer {
        const samba::RunHistory run = samba::readRun(toPath(runDir));
        if (format == samba::ui::ExportFormat::Csv)
            samba::exportMetricsCsv(run, toPath(file));
        else
            samba::exportMetricsJson(run, toPath(file));
        return [this, file] { Q_EMIT exported(file); };
    });
}

} // namespace samba::workbench
