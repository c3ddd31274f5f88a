#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QMap>
#include <QProcess>
#include <QStringList>

#include <filesystem>

namespace samba::test {

/// What a finished samba-cli left behind.
struct CliResult {
    int exitCode = -1; ///< -1: it did not start, or did not end by itself
    QByteArray output; ///< standard output
    QByteArray errors; ///< standard error

    /// Standard output as JSON; null if it is none.
    QJsonDocument json() const { return QJsonDocument::fromJson(output); }

    /// For the message of a test that fails.
    QByteArray toText() const;
};

/// Runs the built samba-cli in a folder of its own: its caches lie there, and there is no built-in
/// example unless the arguments name one.
class CliRunner {
public:
    explicit CliRunner(const std::filesystem::path& folder) : m_folder(folder) {}

    /// Sets a variable of the program's environment. Without any it never uses the network.
    void setVariable(const QString& name, const QString& value) { m_variables[name] = value; }

    /// Lets it have no more address space than this, in bytes.
    void setMemoryLimit(qint64 bytes) { m_memoryLimit = bytes; }

    /// Runs it to its end.
    /// @param input  standard input, ended after it.
    CliResult run(const QStringList& arguments, const QByteArray& input = {}) const;

    /// Starts it, standard input open, for tests that talk to it while it runs.
    void start(QProcess& process, const QStringList& arguments) const;

    /// Waits for its end.
    static CliResult finish(QProcess& process);

    /// Waits until standard error has the text. @return false if it ends without it.
    static bool waitForError(QProcess& process, const QByteArray& text);

private:
    std::filesystem::path m_folder;
    QMap<QString, QString> m_variables;
    qint64 m_memoryLimit = 0; ///< 0: none
};

} // namespace samba::test
