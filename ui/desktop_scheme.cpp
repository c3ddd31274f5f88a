#include "ui/desktop_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

namespace samba::ui {

namespace {

const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");

} // namespace

DesktopScheme desktopSchemeOf(const QVariant& answer)
{
    QVariant value = answer;
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    const int number = value.toInt();
    return number == static_cast<int>(DesktopScheme::Dark)    ? DesktopScheme::Dark
           : number == static_cast<int>(DesktopScheme::Light) ? DesktopScheme::Light
                                                              : DesktopScheme::NoPreference;
}

bool wantsDark(DesktopScheme scheme, const QPalette& palette)
{
    if (scheme != DesktopScheme::NoPreference)
        return scheme == DesktopScheme::Dark;
    return palette.color(QPalette::Window).lightness() <
           palette.color(QPalette::WindowText).lightness();
}

DesktopSchemeWatcher::DesktopSchemeWatcher(QObject* parent) : QObject(parent)
{
    // Without an address the library would start a bus of its own, which nobody listens on.
    if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS"))
        return;
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(takeSetting(QString, QString, QDBusVariant)));
    QDBusMessage question =
        QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    question << kGroup << kKey;
    auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
        const QDBusPendingReply<QDBusVariant> reply = *answer;
        if (!reply.isError())
            setScheme(desktopSchemeOf(reply.value().variant()));
        answer->deleteLater();
    });
}

void DesktopSchemeWatcher::takeSetting(const QString& group, const QString& key,
                                       const QDBusVariant& value)
{
    if (group == kGroup && key == kKey)
        setScheme(desktopSchemeOf(value.variant()));
}

void DesktopSchemeWatcher::setScheme(DesktopScheme scheme)
{
    if (scheme == m_scheme)
        return;
    m_scheme = scheme;
    Q_EMIT changed();
}

} // namespace samba::ui
