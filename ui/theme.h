#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QVector>

namespace samba::ui {

/// The colours and measures of the window, in one place. Every text colour keeps a contrast of at
/// least 4.5 : 1 (WCAG AA) on `window`, `surface` and `sunken`. Plain values. Thread: GUI.
struct Theme {
    bool isDark = false;

    QColor window;      ///< behind everything
    QColor surface;     ///< panels, menus, tool tips
    QColor sunken;      ///< wells on a surface: tiles, code, plot backgrounds
    QColor hover;       ///< a surface under the pointer
    QColor border;      ///< quiet hairlines
    QColor inputBorder; ///< borders of things one can change, stronger than `border`
    QColor text;
    QColor mutedText;    ///< secondary text
    QColor disabledText; ///< of things that cannot be used now; exempt from the contrast rule
    QColor accent;       ///< the one accent: primary buttons, selection, focus
    QColor accentText;   ///< text on `accent`
    QColor accentSoft;   ///< a tint of the accent as a background
    QColor success;
    QColor successSoft;
    QColor warning;
    QColor warningSoft;
    QColor danger;
    QColor dangerSoft;
    /// Lines of plots: ten colours that differ in lightness as well as hue, so that they stay apart
    /// for colour-blind eyes.
    QVector<QColor> series;

    // Measures in device-independent pixels.
    int spacingSmall = 4;
    int spacing = 8;
    int spacingLarge = 12;
    int panelMargin = 12;
    int radius = 6;      ///< inputs and buttons
    int cardRadius = 10; ///< panels
    int iconSize = 18;

    /// The theme in use.
    static const Theme& current();
};

class DesktopSchemeWatcher;
enum class DesktopScheme;

/// What the user asked for; System follows the desktop: what it says, else how its palette looks.
enum class ThemeChoice { System, Light, Dark };

/// "system", "light", "dark": as kept in the settings.
QString themeChoiceName(ThemeChoice choice);

/// The inverse; System for anything unknown.
ThemeChoice themeChoiceFromName(const QString& name);

/// Applies the theme to the application and tells those who draw by themselves. Thread: GUI.
class ThemeController : public QObject {
    Q_OBJECT

public:
    /// The one of the application.
    static ThemeController& instance();

    /// Sets style, fonts, palette and style sheet of the QApplication. Call once after it is made,
    /// then whenever the user chooses otherwise.
    void apply(ThemeChoice choice);

    ThemeChoice choice() const { return m_choice; }

Q_SIGNALS:
    /// The colours are different now; `Theme::current()` already holds the new ones.
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    ThemeController();

    DesktopScheme watchDesktop();
    void use(bool isDark);

    QPointer<DesktopSchemeWatcher> m_desktop; ///< made when first needed, of the application
    ThemeChoice m_choice = ThemeChoice::System;
    bool m_isApplying = false;
    bool m_hasStyle = false; ///< the application has our style
};

/// The fonts' sizes of the type scale, as factors of the base size.
enum class TextRole { Body, Small, Heading, Title, Number };

/// A font of the type scale.
QFont themedFont(TextRole role);

/// The fixed-width font for code, logs and token text.
QFont monospaceFont();

} // namespace samba::ui
