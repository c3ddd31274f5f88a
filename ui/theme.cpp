#include "ui/theme.h"

#include "ui/desktop_scheme.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>
#include <QPalette>
#include <QProxyStyle>
#include <QStyle>

#include <algorithm>
#include <initializer_list>
#include <utility>

/// The pictures live in a static library, whose resources the linker leaves out unless asked for.
/// Outside of every namespace, as Q_INIT_RESOURCE demands.
static void loadResources()
{
    Q_INIT_RESOURCE(resources);
}

namespace samba::ui {

namespace {

Theme lightTheme()
{
    Theme theme;
    theme.isDark = false;
    theme.window = QColor(0xeceff4);
    theme.surface = QColor(0xffffff);
    theme.sunken = QColor(0xf4f6f9);
    theme.hover = QColor(0xedf0f5);
    theme.border = QColor(0xdde2ea);
    theme.inputBorder = QColor(0xc3cad6);
    theme.text = QColor(0x171c26);
    theme.mutedText = QColor(0x566072);
    theme.disabledText = QColor(0x9aa3b2);
    theme.accent = QColor(0x4453c8);
    theme.accentText = QColor(0xffffff);
    theme.accentSoft = QColor(0xe6e9fb);
    theme.success = QColor(0x16704a);
    theme.successSoft = QColor(0xdcf3e7);
    theme.warning = QColor(0x8a5300);
    theme.warningSoft = QColor(0xfdf0d5);
    theme.danger = QColor(0xb3261e);
    theme.dangerSoft = QColor(0xfce5e3);
    // The palette of Okabe and Ito (2008), darkened where a line on white would be too faint.
    theme.series = {QColor(0x0072b2), QColor(0xd55e00), QColor(0x009e73), QColor(0xb0528a),
                    QColor(0xc98500), QColor(0x3a93c9), QColor(0x5b4fcf), QColor(0x7a5c3e),
                    QColor(0x6b7480), QColor(0x8f9a00)};
    return theme;
}

Theme darkTheme()
{
    Theme theme;
    theme.isDark = true;
    theme.window = QColor(0x101319);
    theme.surface = QColor(0x191d26);
    theme.sunken = QColor(0x12161d);
    theme.hover = QColor(0x242a36);
    theme.border = QColor(0x2a313e);
    theme.inputBorder = QColor(0x3d4656);
    theme.text = QColor(0xe6e9f0);
    theme.mutedText = QColor(0x9ea8b9);
    theme.disabledText = QColor(0x5d6778);
    theme.accent = QColor(0x8b9aff);
    theme.accentText = QColor(0x0e1230);
    theme.accentSoft = QColor(0x252c50);
    theme.success = QColor(0x5fd39b);
    theme.successSoft = QColor(0x153527);
    theme.warning = QColor(0xf0b95b);
    theme.warningSoft = QColor(0x3a2c12);
    theme.danger = QColor(0xff8a80);
    theme.dangerSoft = QColor(0x421d1d);
    theme.series = {QColor(0x56b4e9), QColor(0xff8a4c), QColor(0x35c79c), QColor(0xe08fc0),
                    QColor(0xf2b93b), QColor(0x8fd0f5), QColor(0xa59bff), QColor(0xc9a57f),
                    QColor(0xa3adba), QColor(0xd8e05a)};
    return theme;
}

Theme& mutableTheme()
{
    static Theme theme = lightTheme();
    return theme;
}

QPalette paletteOf(const Theme& theme)
{
    QPalette palette;
    palette.setColor(QPalette::Window, theme.surface);
    palette.setColor(QPalette::WindowText, theme.text);
    palette.setColor(QPalette::Base, theme.surface);
    palette.setColor(QPalette::AlternateBase, theme.sunken);
    palette.setColor(QPalette::Text, theme.text);
    palette.setColor(QPalette::PlaceholderText, theme.mutedText);
    palette.setColor(QPalette::Button, theme.surface);
    palette.setColor(QPalette::ButtonText, theme.text);
    palette.setColor(QPalette::BrightText, theme.danger);
    palette.setColor(QPalette::Highlight, theme.accent);
    palette.setColor(QPalette::HighlightedText, theme.accentText);
    palette.setColor(QPalette::Link, theme.accent);
    palette.setColor(QPalette::LinkVisited, theme.accent);
    palette.setColor(QPalette::ToolTipBase, theme.surface);
    palette.setColor(QPalette::ToolTipText, theme.text);
    palette.setColor(QPalette::Light, theme.hover);
    palette.setColor(QPalette::Midlight, theme.hover);
    palette.setColor(QPalette::Mid, theme.border);
    palette.setColor(QPalette::Dark, theme.inputBorder);
    palette.setColor(QPalette::Shadow, theme.border);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, theme.disabledText);
    return palette;
}

/// The style sheet with its @names replaced by the theme's colours.
QString styleSheetOf(const Theme& theme)
{
    QFile file(QStringLiteral(":/theme/style.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString sheet = QString::fromUtf8(file.readAll());
    // Longer names first: "@accent" is a prefix of "@accentText".
    const std::initializer_list<std::pair<const char*, QColor>> colors = {
        {"@accentSoft", theme.accentSoft},
        {"@accentText", theme.accentText},
        {"@accent", theme.accent},
        {"@borderInput", theme.inputBorder},
        {"@border", theme.border},
        {"@dangerSoft", theme.dangerSoft},
        {"@danger", theme.danger},
        {"@disabledText", theme.disabledText},
        {"@hover", theme.hover},
        {"@mutedText", theme.mutedText},
        {"@successSoft", theme.successSoft},
        {"@success", theme.success},
        {"@sunken", theme.sunken},
        {"@surface", theme.surface},
        {"@text", theme.text},
        {"@warningSoft", theme.warningSoft},
        {"@warning", theme.warning},
        {"@window", theme.window}};
    for (const auto& [name, color] : colors)
        sheet.replace(QLatin1String(name), color.name());
    sheet.replace(QLatin1String("@cardRadius"), QString::number(theme.cardRadius));
    sheet.replace(QLatin1String("@radius"), QString::number(theme.radius));
    sheet.replace(QLatin1String("@variant"),
                  theme.isDark ? QStringLiteral("dark") : QStringLiteral("light"));
    return sheet;
}

/// The desktop's font where it has chosen one; "Inter" instead of a bare fallback font.
QFont baseFont()
{
    static const QFont font = [] {
        QFont system = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
        const QString family = QFontInfo(system).family();
        if (family.startsWith(QLatin1String("DejaVu")) &&
            QFontDatabase::families().contains(QStringLiteral("Inter")))
            system.setFamilies({QStringLiteral("Inter")});
        system.setPixelSize(std::clamp(QFontInfo(system).pixelSize(), 13, 18));
        return system;
    }();
    return font;
}

/// Fusion without the lines under the letters of menus; the keys work all the same.
class QuietStyle : public QProxyStyle {
public:
    QuietStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* returnData) const override
    {
        if (hint == SH_UnderlineShortcut)
            return 0;
        return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
};

} // namespace

const Theme& Theme::current()
{
    return mutableTheme();
}

QString themeChoiceName(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    case ThemeChoice::System:
        break;
    }
    return QStringLiteral("system");
}

ThemeChoice themeChoiceFromName(const QString& name)
{
    if (name == QLatin1String("light"))
        return ThemeChoice::Light;
    if (name == QLatin1String("dark"))
        return ThemeChoice::Dark;
    return ThemeChoice::System;
}

ThemeController& ThemeController::instance()
{
    static ThemeController controller;
    return controller;
}

ThemeController::ThemeController()
{
    loadResources();
}

void ThemeController::apply(ThemeChoice choice)
{
    m_choice = choice;
    qApp->installEventFilter(this);
    bool isDark = choice == ThemeChoice::Dark;
    if (choice == ThemeChoice::System) {
        // Without our own palette in the way the application shows the desktop's.
        m_isApplying = true;
        QApplication::setPalette(QPalette());
        m_isApplying = false;
        // Qt 6.4 does not tell the desktop's colour scheme.
        isDark = wantsDark(watchDesktop(), QGuiApplication::palette());
    }
    use(isDark);
}

DesktopScheme ThemeController::watchDesktop()
{
    if (!m_desktop) {
        m_desktop = new DesktopSchemeWatcher(qApp);
        connect(m_desktop, &DesktopSchemeWatcher::changed, this, [this] {
            if (m_choice == ThemeChoice::System)
                apply(m_choice);
        });
    }
    return m_desktop->scheme();
}

void ThemeController::use(bool isDark)
{
    m_isApplying = true;
    mutableTheme() = isDark ? darkTheme() : lightTheme();
    if (!m_hasStyle)
        QApplication::setStyle(new QuietStyle);
    m_hasStyle = true;
    QApplication::setFont(themedFont(TextRole::Body));
    QApplication::setPalette(paletteOf(Theme::current()));
    qApp->setStyleSheet(styleSheetOf(Theme::current()));
    m_isApplying = false;
    Q_EMIT changed();
}

bool ThemeController::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::ThemeChange && watched->isWindowType() && !m_isApplying &&
        m_choice == ThemeChoice::System) {
        // Queued: the style must not change while the event is on its way through the widgets.
        QMetaObject::invokeMethod(
            this, [this] { apply(m_choice); }, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

QFont themedFont(TextRole role)
{
    QFont font = baseFont();
    const int base = font.pixelSize();
    switch (role) {
    case TextRole::Body:
        break;
    case TextRole::Small:
        font.setPixelSize(base - 1);
        break;
    case TextRole::Heading:
        font.setWeight(QFont::DemiBold);
        break;
    case TextRole::Title:
        font.setPixelSize(base + 4);
        font.setWeight(QFont::DemiBold);
        break;
    case TextRole::Number:
        font.setPixelSize(base + 6);
        font.setWeight(QFont::DemiBold);
        break;
    }
    return font;
}

QFont monospaceFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPixelSize(themedFont(TextRole::Small).pixelSize());
    font.setStyleHint(QFont::Monospace);
    return font;
}

} // namespace samba::ui
