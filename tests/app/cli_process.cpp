#include "tests/app/cli_process.h"

#include <QProcessEnvironment>

#include <sys/resource.h>

namespace samba::test {
namespace {

constexpr int kPatienceMs = 120'000;
constexpr const char* kErrorsProperty = "errorsSoFar";

} // namespace

QByteArray CliResult::toText() const
{
    return "exit code " + QByteArray::number(exitCode) + "\nstdout: " + output +
           "\nstderr: " + errors;
}

void CliRunner::start(QProcess& process, const QStringList& arguments) const
{
    const QString folder = QString::fromStdString(m_folder.string());
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("XDG_CACHE_HOME"), folder + QStringLiteral("/cache"));
    environment.insert(QStringLiteral("SAMBA_BUILTIN_DIR"), folder + QStringLiteral("/builtin"));
    environment.insert(QStringLiteral("HF_HOME"), folder + QStringLiteral("/hf"));
    environment.insert(QStringLiteral("HF_HUB_OFFLINE"), QStringLiteral("1"));
    for (const auto& [name, value] : m_variables.asKeyValueRange())
        environment.insert(name, value);
    environment.remove(QStringLiteral("QT_QPA_PLATFORM"));
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder);
    if (m_memoryLimit > 0)
        process.setChildProcessModifier([limit = static_cast<rlim_t>(m_memoryLimit)] {
            const rlimit both{limit, limit};
            ::setrlimit(RLIMIT_AS, &both);
        });
    process.start(QStringLiteral(SAMBA_CLI), arguments);
}

CliResult CliRunner::finish(QProcess& process)
{
    CliResult result;
    const bool hasEnded =
        process.state() == QProcess::NotRunning || process.waitForFinished(kPatienceMs);
    result.output = process.readAllStandardOutput();
    result.errors =
        process.property(kErrorsProperty).toByteArray() + process.readAllStandardError();
    if (hasEnded && process.exitStatus() == QProcess::NormalExit)
        result.exitCode = process.exitCode();
    else
        process.kill();
    return result;
}

CliResult CliRunner::run(const QStringList& arguments, const QByteArray& input) const
{
    QProcess process;
    start(process, arguments);
    process.write(input);
    process.closeWriteChannel();
    return finish(process);
}

bool CliRunner::waitForError(QProcess& process, const QByteArray& text)
{
    process.setReadChannel(QProcess::StandardError);
    QByteArray errors = process.property(kErrorsProperty).toByteArray();
    bool goesOn = true;
    while (!errors.contains(text) && goesOn) {
        goesOn = process.waitForReadyRead(kPatienceMs);
        errors += process.readAllStandardError();
    }
    process.setProperty(kErrorsProperty, errors);
    return errors.contains(text);
}

} // namespace samba::test
