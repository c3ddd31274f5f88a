#pragma once

#include <QString>
#include <QStringList>

namespace samba::workbench {

/// Where the window remembers its layout and choices:
/// $XDG_STATE_HOME/samba-workbench/workbench.ini.
QString settingsFile();

/// The shipped configurations, by name: beside the installed program, else in the source tree.
QStringList presetFiles();

} // namespace samba::workbench
