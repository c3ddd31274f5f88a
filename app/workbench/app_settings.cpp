#include "app/workbench/app_settings.h"

#include <QCoreApplication>
#include <QDir>

namespace samba::workbench {

namespace {

/// The preset that a first run starts from.
const QString kFirstPreset = QStringLiteral("tiny_cpu.yaml");

} // namespace

QString settingsFile()
{
    QString folder = qEnvironmentVariable("XDG_STATE_HOME");
    if (folder.isEmpty())
        folder = QDir::home().filePath(QStringLiteral(".local/state"));
    return QDir(folder).filePath(QStringLiteral("samba-workbench/workbench.ini"));
}

QStringList presetFiles()
{
    QDir folder(QCoreApplication::applicationDirPath() +
                QStringLiteral("/../share/samba-workbench/configs"));
    if (!folder.exists())
        folder.setPath(QStringLiteral(SAMBA_CONFIG_DIR));
    QStringList files;
    for (const QString& name :
         folder.entryList({QStringLiteral("*.yaml")}, QDir::Files, QDir::Name))
        files.append(folder.filePath(name));
    const qsizetype first = files.indexOf(folder.filePath(kFirstPreset));
    if (first > 0)
        files.move(first, 0);
    return files;
}

} // namespace samba::workbench
