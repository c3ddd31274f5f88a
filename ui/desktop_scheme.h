#pragma once

#include <QObject>
#include <QPalette>
#include <QVariant>

class QDBusVariant;

namespace samba::ui {

/// What a desktop wants of light and dark, numbered as its settings portal does under
/// `org.freedesktop.appearance`, `color-scheme`.
enum class DesktopScheme { NoPreference = 0, Dark = 1, Light = 2 };

/// The scheme in an answer of the portal, which comes as a number within one or two variants;
/// NoPreference for everything else.
DesktopScheme desktopSchemeOf(const QVariant& answer);

/// Whether dark colours are wanted: as the desktop says, and if it does not, as its palette looks.
bool wantsDark(DesktopScheme scheme, const QPalette& palette);

/// Asks the desktop's settings portal for its scheme and follows its changes, without ever waiting
/// for it. Where there is no portal, the scheme stays NoPreference. Thread: GUI.
class DesktopSchemeWatcher : public QObject {
    Q_OBJECT

public:
    explicit DesktopSchemeWatcher(QObject* parent);

    /// What the desktop has said so far.
    DesktopScheme scheme() const { return m_scheme; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void takeSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void setScheme(DesktopScheme scheme);

    DesktopScheme m_scheme = DesktopScheme::NoPreference;
};

} // namespace samba::ui
